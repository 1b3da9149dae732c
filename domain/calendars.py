"""Business days and rolls over a given set of holidays."""

from bisect import bisect
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("America/New_York")
"""The zone whose calendar day is the business date of Fedwire and of SBA's agents."""

ONE_DAY = timedelta(days=1)
SATURDAY = 5

WITHOUT_HOLIDAY = timedelta(days=120)
"""Longer than any time without a holiday: where none is found, none are known."""


class Roll(StrEnum):
    """What to do with a date that is no business day (ISDA 2006, section 4.12)."""

    FOLLOWING = "FOLLOWING"
    MODIFIED_FOLLOWING = "MODIFIED_FOLLOWING"
    PRECEDING = "PRECEDING"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekdays that are not in `closed` are business days."""

    closed: Set[date]
    _in_order: Sequence[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_in_order", sorted(self.closed))

    def knows(self, day: date) -> bool:
        """Tell whether its holidays around a day are known.

        They are where it is one itself, or there is one before it and one after it, neither too
        far away.
        """
        if day in self.closed:
            return True
        at = bisect(self._in_order, day)
        around = self._in_order[max(0, at - 1):at + 1]
        return len(around) == 2 and all(abs(one - day) <= WITHOUT_HOLIDAY for one in around)

    def is_business_day(self, day: date) -> bool:
        """Tell whether the calendar is open on a day."""
        return day.weekday() < SATURDAY and day not in self.closed

    def next_business_day(self, day: date) -> date:
        """Give the first business day after a day."""
        return self.roll(day + ONE_DAY)

    def previous_business_day(self, day: date) -> date:
        """Give the last business day before a day."""
        return self.roll(day - ONE_DAY, Roll.PRECEDING)

    def roll(self, day: date, convention: Roll = Roll.FOLLOWING) -> date:
        """Give `day` if it is a business day, else the one that the convention names."""
        step = -ONE_DAY if convention is Roll.PRECEDING else ONE_DAY
        rolled = day
        while not self.is_business_day(rolled):
            rolled += step
        if convention is Roll.MODIFIED_FOLLOWING and rolled.month != day.month:
            return self.roll(day, Roll.PRECEDING)
        return rolled


def third_thursday(year: int, month: int) -> date:
    """Give the third Thursday of a month, the day on which 504 loans are paid off."""
    first = date(year, month, 1)
    to_thursday = (3 - first.weekday()) % 7
    return first + timedelta(days=to_thursday + 14)


def business_date(moment: datetime) -> date:
    """Give the calendar day in New York at an aware time."""
    return moment.astimezone(BUSINESS_ZONE).date()
