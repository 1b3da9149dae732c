"""Bringing a database to the shape that the code expects."""
