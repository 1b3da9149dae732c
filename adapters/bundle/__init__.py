"""A part of the log in one file, for people who have nothing else of the service."""
