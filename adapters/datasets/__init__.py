"""Reference data and demo data: read from files, from the `holidays` package, or invented."""

from pathlib import Path

DATA = Path(__file__).parent / "data"
"""The files that come with loapi; ORIGIN.md there names where each is from."""
