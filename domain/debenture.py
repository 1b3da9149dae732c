"""The calendar and the prepayment premium of the debenture behind a 504 loan."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from domain.interest import share

MONTHS_APART = 6
FACTORS: Mapping[int, tuple[Decimal, ...]] = {
    10: tuple(Decimal(fifths) / 5 for fifths in range(5, 0, -1)),
    20: tuple(Decimal(tenths) / 10 for tenths in range(10, 0, -1)),
    25: tuple(Decimal(tenths) / 10 for tenths in range(10, 0, -1)),
}
"""The part of a year's interest that prepaying costs in each year of a debenture, by its term."""


def payment_date(dated_on: date, number: int) -> date:
    """Give a debenture's payment date by its number, from 1: every six months from its date.

    Days that a month does not have become its last.
    """
    months = dated_on.month - 1 + MONTHS_APART * number
    year, month = dated_on.year + months // 12, months % 12 + 1
    return date(year, month, min(dated_on.day, monthrange(year, month)[1]))


def next_payment_number(dated_on: date, day: date) -> int:
    """Give the number of the first payment date on or after a day."""
    months = (day.year - dated_on.year) * 12 + day.month - dated_on.month
    number = max(1, months // MONTHS_APART)
    return number if day <= payment_date(dated_on, number) else number + 1


def premium_factor(term_years: int, year: int) -> Decimal:
    """Give the part of a year's interest that prepaying costs in a year, counted from 1.

    1.00, .90 … .10 in the first ten years of a 20- or 25-year debenture; 1.00, .80, .60, .40,
    .20 in the first five of a 10-year one; nothing after them.

    Source: mymortgagebanker.com, "SBA 504 Prepayment Penalty"; bdcloan.com and tmcfinancing.com
    on prepaying; that 25 years have ten too: fddc.1stdistrict.org.
    """
    factors = FACTORS[term_years]
    return factors[year - 1] if 1 <= year <= len(factors) else Decimal(0)


def prepayment_premium(
    balance: Decimal, debenture_rate: Decimal, term_years: int, number: int
) -> Decimal:
    """Give the premium for prepaying as of a payment date: balance × debenture rate × factor.

    `balance` is what is owing as of that date, `number` its number; dates 1 and 2 are of the
    first year. Rounded once, half up. Sources: as `premium_factor`; that balance and premium
    step every six months: arcapital.com, "SBA 504 Prepayment Guidelines". A schedule issued
    with the debenture goes before this (cdcnewengland.com, "Loan prepayment").
    """
    return share(balance, debenture_rate, premium_factor(term_years, year_of(number)))


def year_of(number: int) -> int:
    """Give the year of the debenture, from 1, that a payment date closes or halves."""
    return (number + 1) // 2
