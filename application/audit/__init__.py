"""Accounting for every change: records, their delivery and the questions put to them."""
