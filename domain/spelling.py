"""Days and moments as text, each spelled once while it is asked for again.

A moment of a write stands in its row, in its record and in the accounts of several fields: each
time it would cost more than all that is done for a number.
"""

from datetime import date, datetime, timezone
from functools import lru_cache

MOST_KEPT = 1_000
"""How many days, and how many moments, are kept: several for each unit of a batch."""


@lru_cache(MOST_KEPT)
def day_text(day: date) -> str:
    """Give a day as "2026-11-23"."""
    return day.isoformat()


def utc_text(moment: datetime) -> str:
    """Give a moment in UTC, without a zone and with microseconds: "2026-11-23T17:00:00.000000"."""
    # In other zones two moments can be equal that are an hour apart, where clocks are put back.
    utc = moment if moment.tzinfo is timezone.utc else moment.astimezone(timezone.utc)
    return _text(utc)


@lru_cache(MOST_KEPT)
def _text(utc: datetime) -> str:
    return utc.replace(tzinfo=None).isoformat("T", "microseconds")
