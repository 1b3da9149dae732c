"""A day on which federal offices or the Federal Reserve Banks are closed."""

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.model import STRICT, Text, assigned, identity


class CalendarName(StrEnum):
    """Whose holidays: federal offices (5 USC 6103) or the Federal Reserve Banks."""

    US_FEDERAL = "US_FEDERAL"
    FED_BANK = "FED_BANK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A holiday of a calendar.

    Federal offices observe a Saturday holiday on the Friday before and a Sunday holiday on the
    Monday after; the Federal Reserve Banks move Sunday holidays only and stay open the Friday
    before a Saturday holiday. Inauguration Day, January 20 of every fourth year, is in neither
    calendar: it closes federal offices in the Washington area alone, and no Federal Reserve Bank.
    """

    __pydantic_config__ = STRICT

    code: Annotated[str, MinLen(1), MaxLen(40)] = identity()
    """Calendar and date, as "FED_BANK-2026-07-04"."""
    calendar: CalendarName
    """Whose holiday it is."""
    date: datetime.date
    """The day."""
    name: Text
    """The holiday's name."""
    observed: bool
    """True when the calendar closes on this day in lieu of `actual_date`."""
    actual_date: datetime.date
    """The day that the holiday falls on."""
    version: int = assigned(0)
    """Counts the changes, from 1."""


def holiday_code(calendar: CalendarName, day: datetime.date) -> str:
    """Give the identity of a calendar's holiday on a day."""
    return f"{calendar.value}-{day.isoformat()}"
