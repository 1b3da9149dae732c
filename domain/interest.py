"""Simple interest by day count: exact until one rounding at the end."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from math import lcm

from domain.rates import Rates

CENT = Decimal("0.01")
PER_DIEM_DIGITS = 5
_PER_DIEM_UNIT = Decimal(1).scaleb(-PER_DIEM_DIGITS)
ONE_DAY = timedelta(days=1)

# The largest principal (19 digits), times a rate (7) and days (10), needs fewer digits than
# these; and a quotient that is no tie is never so near to one that 60 digits show it as one.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

MONTHLY_UNITS = lcm(28, 29, 30, 31)
"""The least number that months of 28, 29, 30 and 31 days all divide."""


class DayCount(StrEnum):
    """How days and years are counted.

    ACT/365F and ACT/360 are those of the ISDA 2006 Definitions, section 4.16 (d) and (e); 30/360
    is 30/360 US (SIFMA, Standard Securities Calculation Methods), with its rules for February.
    ACT/ACT is the proration by month of amortisation schedules, not ISDA's: each month bears a
    twelfth of the year's interest, and each of its days an equal part of that.
    """

    ACT_365F = "ACT/365F"
    ACT_360 = "ACT/360"
    THIRTY_360 = "30/360"
    ACT_ACT = "ACT/ACT"


UNITS_A_YEAR = {
    DayCount.ACT_365F: 365,
    DayCount.ACT_360: 360,
    DayCount.THIRTY_360: 360,
    DayCount.ACT_ACT: 12 * MONTHLY_UNITS,
}
"""What `elapsed` counts in: whole parts of a year, so that every count is exact."""


def days_between(basis: DayCount, start: date, end: date) -> int:
    """Count the days for which interest runs, from `start` to but not including `end`."""
    if basis is DayCount.THIRTY_360:
        return _days_30_360_us(start, end)
    return (end - start).days


def elapsed(basis: DayCount, start: date, end: date) -> int:
    """Count the `UNITS_A_YEAR` from `start` to but not including `end`."""
    if basis is DayCount.ACT_ACT:
        return _month_units(end) - _month_units(start)
    return days_between(basis, start, end)


def accrued(
    principal: Decimal, rates: Rates, basis: DayCount, start: date, end: date
) -> Decimal:
    """Give the interest from `start` to but not including `end`, rounded once, half up."""
    return _interest(principal, _weighed(rates, basis, start, end), basis)


def missing(
    principal: Decimal, rates: Rates, basis: DayCount, start: date, days: int, paid_to: date
) -> Decimal:
    """Give what is left of so many days' interest from `start` once it is paid to `paid_to`.

    Each of the days bears interest, whatever the basis makes of a month: 21 days are 21/360 of
    a year in 30/360 too, which counts 20 between the same dates across the 31st and 23 across
    February's end. Nothing is left where more is paid. Rounded once, half up.
    """
    by_the_day = DayCount.ACT_360 if basis is DayCount.THIRTY_360 else basis
    due = _weighed(rates, by_the_day, start, start + timedelta(days=days))
    paid = _weighed(rates, basis, start, paid_to)
    return _interest(principal, max(due - paid, Decimal(0)), basis)


def per_diem(principal: Decimal, annual_rate: Decimal, basis: DayCount, day: date) -> Decimal:
    """Give the interest of a day, to 5 decimals, for display: never multiply it by days.

    Only ACT/ACT asks which day it is. Five decimals are what core systems show (Jack Henry
    jXchange, `DailyAccrAmt`).
    """
    units = MONTHLY_UNITS // _month_length(day) if basis is DayCount.ACT_ACT else 1
    exact = _EXACT.divide(_EXACT.multiply(principal, annual_rate * units), UNITS_A_YEAR[basis])
    return exact.quantize(_PER_DIEM_UNIT, ROUND_HALF_UP, _EXACT)


def share(amount: Decimal, *fractions: Decimal) -> Decimal:
    """Give the product of an amount and fractions of it, rounded once, half up, to the cent."""
    for fraction in fractions:
        amount = _EXACT.multiply(amount, fraction)
    return cents(amount)


def cents(amount: Decimal) -> Decimal:
    """Round half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP, _EXACT)


def _weighed(rates: Rates, basis: DayCount, start: date, end: date) -> Decimal:
    """Add up the units from `start` to but not including `end`, each times its rate."""
    return sum(
        (
            rate * (elapsed(basis, start, after) - elapsed(basis, start, first))
            for first, after, rate in rates.spans(start, end)
        ),
        Decimal(0),
    )


def _interest(principal: Decimal, weighed: Decimal, basis: DayCount) -> Decimal:
    return cents(_EXACT.divide(_EXACT.multiply(principal, weighed), UNITS_A_YEAR[basis]))


def _month_units(day: date) -> int:
    """Count the units from the beginning of the calendar to a day."""
    months = day.year * 12 + day.month
    return months * MONTHLY_UNITS + (day.day - 1) * (MONTHLY_UNITS // _month_length(day))


def _month_length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


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
    return day.month == 2 and (day + ONE_DAY).month == 3
