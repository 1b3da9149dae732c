"""A calendar's answer about one day: is it open, and which open days are nearest."""

import datetime
from dataclasses import dataclass

from domain.calendars import Calendar, Roll, third_thursday
from domain.holiday import CalendarName, Holiday, holiday_code
from domain.model import STRICT, derived, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessDay:
    """What a calendar says of a day: weekends and its holidays are no business days."""

    __pydantic_config__ = STRICT

    code: str = identity()
    """Calendar and date, as "FED_BANK-2026-07-03"."""
    calendar: CalendarName
    """Whose business days."""
    date: datetime.date
    """The day that is asked about."""
    is_business_day: bool = derived()
    """Whether the calendar is open on it."""
    holiday: str | None = derived(None)
    """The name of the holiday that closes it, if one does."""
    next: datetime.date = derived()
    """The first business day after it."""
    previous: datetime.date = derived()
    """The last business day before it."""
    following: datetime.date = derived()
    """The day itself if it is a business day, else the next one (ISDA 2006, 4.12)."""
    modified_following: datetime.date = derived()
    """As `following`, unless that is of another month: then the previous one."""
    preceding: datetime.date = derived()
    """The day itself if it is a business day, else the previous one."""
    third_thursday: datetime.date = derived()
    """The third Thursday of its month, business day or not: when 504 loans are paid off."""
    version: int = derived(0)
    """Always 0: nothing of this is stored."""


def business_day(
    name: CalendarName, day: datetime.date, closed: dict[datetime.date, Holiday]
) -> BusinessDay:
    """Ask a calendar about a day; `closed` has its holidays for a month around it."""
    calendar = Calendar(closed.keys())
    return BusinessDay(
        code=holiday_code(name, day),
        calendar=name,
        date=day,
        is_business_day=calendar.is_business_day(day),
        holiday=closed[day].name if day in closed else None,
        next=calendar.next_business_day(day),
        previous=calendar.previous_business_day(day),
        following=calendar.roll(day),
        modified_following=calendar.roll(day, Roll.MODIFIED_FOLLOWING),
        preceding=calendar.roll(day, Roll.PRECEDING),
        third_thursday=third_thursday(day.year, day.month),
    )
