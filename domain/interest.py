"""Simple interest by day count: exact until one rounding at the end."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
PER_DIEM_PLACES = Decimal("0.00001")


class DayCount(StrEnum):
    """How days and years are counted (ISDA 2006, section 4.16)."""

    ACT_365F = "ACT/365F"
    ACT_360 = "ACT/360"
    THIRTY_360 = "30/360"


def days_between(basis: DayCount, start: date, end: date) -> int:
    """Count the days for which interest runs, from `start` to but not including `end`."""
    if basis is DayCount.THIRTY_360:
        return _days_30_360_us(start, end)
    return (end - start).days


def year_days(basis: DayCount) -> int:
    """Give the days of the year that the basis divides by."""
    return 365 if basis is DayCount.ACT_365F else 360


def per_diem(principal: Decimal, annual_rate: Decimal, basis: DayCount) -> Decimal:
    """Give a day's interest, to 5 decimals, for display: never multiply it by days."""
    exact = principal * annual_rate / year_days(basis)
    return exact.quantize(PER_DIEM_PLACES, ROUND_HALF_UP)


def accrued(principal: Decimal, annual_rate: Decimal, basis: DayCount, days: int) -> Decimal:
    """Give the interest of some days, rounded once, half up, to the cent."""
    return cents(principal * annual_rate * days / year_days(basis))


def cents(amount: Decimal) -> Decimal:
    """Round half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _days_30_360_us(start: date, end: date) -> int:
    """Count days as 30/360 US does (SIFMA, Standard Securities Calculation Methods).

    The last day of February counts as the 30th where it starts the period, and where it also
    ends it; a 31st counts as the 30th where it starts the period, or ends one that starts on
    a 30th.
    """
    first, last = start.day, end.day
    if _ends_february(start):
        if _ends_february(end):
            last = 30
        first = 30
    if last == 31 and first >= 30:
        last = 30
    first = min(first, 30)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + last - first


def _ends_february(day: date) -> bool:
    return day.month == 2 and date.fromordinal(day.toordinal() + 1).month == 3
