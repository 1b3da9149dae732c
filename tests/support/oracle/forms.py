"""Values as SQLite holds them, so that it compares and sorts them as Oracle does."""

from datetime import datetime
from decimal import Context, Decimal
from typing import Any

ABOVE_ALL = 10**39
PLACES = 10
EXACT = Context(prec=80)


def kept_form(value: Any) -> Any:
    """Give a value as SQLite holds and compares it; an empty text is NULL."""
    if value is None or value in ("", b""):
        return None
    if isinstance(value, datetime):
        return moment(value)
    return sortable(value) if isinstance(value, Decimal) else value


def moment(value: datetime) -> str:
    """Write a time so that texts sort as times do, whether of a DATE or of a TIMESTAMP."""
    return value.isoformat(timespec="microseconds")


def sortable(value: Any) -> str:
    """Write a number as a text of one length, so that texts sort as their numbers do."""
    scaled = int(EXACT.scaleb(Decimal(value), PLACES))
    return f"{scaled + ABOVE_ALL:040}"


def from_sortable(text: str) -> Decimal:
    """Read a number as the driver gives it: without zeros at its end."""
    value = f"{EXACT.scaleb(Decimal(int(text) - ABOVE_ALL), -PLACES):f}"
    return Decimal(value.rstrip("0").rstrip(".") if "." in value else value)
