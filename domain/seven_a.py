"""What SBA's rules for 7(a) loans add to a payoff: recoupment fee and short-notice interest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.fee import ZERO
from domain.interest import DayCount, cents, missing
from domain.rates import Rates

LONG_TERM_MONTHS = 15 * 12
FREE_PART = Decimal("0.25")
"""What may be prepaid in a calendar year without a fee, of the outstanding balance."""
RECOUPMENT_RATES = (Decimal("0.05"), Decimal("0.03"), Decimal("0.01"))
"""The fee in the first, second and third year after the first disbursement."""

NOTICE_FREE_PART = Decimal("0.20")
"""What a borrower may prepay without notice, of the principal."""
NOTICE_DAYS = 21
NOTICE_LASTS_DAYS = 30
"""How long after a notice the loan may be prepaid without a new one."""


@dataclass(frozen=True, slots=True)
class Prepaid:
    """Principal paid before it is due, on a day."""

    on: date
    amount: Decimal


def recoupment_fee(
    prepaid: Sequence[Prepaid],
    *,
    outstanding: Decimal,
    term_months: int,
    first_disbursed_on: date,
    voluntary: bool,
) -> Decimal:
    """Give the subsidy recoupment fee on what is prepaid in one calendar year.

    It is due where all four hold: the term is 15 years or longer; the prepayment is voluntary;
    more than 25 % of the outstanding balance is prepaid in a calendar year (25 % exactly costs
    nothing); and this happens within the first 3 years after disbursement. It is 5, 3 or 1 % of
    each amount by the year, first, second or third, in which it is prepaid; an anniversary
    begins the next year, so that the third one is free. `outstanding` is the principal before
    the first prepayment of the calendar year: amounts of a year are added up, those after the
    third anniversary left out, as no prepayment that meets all four.

    Source: 15 USC 636(a)(4)(C), 114 Stat. 2763A-682; 13 CFR 120.223. That the year's amounts are
    added up, and from the first disbursement on: arcapital.com, "SBA 7(a) Prepayments".
    """
    if term_months < LONG_TERM_MONTHS or not voluntary:
        return ZERO
    in_time = [(one, years_since(first_disbursed_on, one.on)) for one in prepaid]
    charged = [(one, year) for one, year in in_time if 0 <= year < len(RECOUPMENT_RATES)]
    amount = sum((one.amount for one, _ in charged), ZERO)
    if amount <= outstanding * FREE_PART:
        return ZERO
    fee = sum((one.amount * RECOUPMENT_RATES[year] for one, year in charged), ZERO)
    return cents(fee)


def short_notice_interest(
    principal: Decimal, rates: Rates, basis: DayCount, *, notice: date, received: date
) -> Decimal:
    """Give what a prepayment of a sold loan costs that comes less than 21 days after the notice.

    It is 21 days' interest from the day of the notice, less what accrues in them until the
    prepayment is received, which the payoff pays anyway; rounded once, never below zero. From the
    21st day on, and for 20 % of the principal or less (see `needs_notice`), it is nothing.

    Source: the prepayment clause of the 7(a) Authorization (SOP 50 10), as quoted by
    jellumlaw.com, "Managing SBA 7(a) loan prepayments".
    """
    if received >= notice + timedelta(days=NOTICE_DAYS):
        return ZERO
    return missing(principal, rates, basis, notice, NOTICE_DAYS, paid_to=received)


def needs_notice(prepaid: Decimal, principal: Decimal, sold: bool) -> bool:
    """Tell whether a prepayment takes a written notice: more than 20 % of a sold loan does."""
    return sold and prepaid > principal * NOTICE_FREE_PART


def notice_lapses(notice: date) -> date:
    """Give the last day on which a notice is good for a prepayment."""
    return notice + timedelta(days=NOTICE_LASTS_DAYS)


def years_since(start: date, day: date) -> int:
    """Count the whole years from a day to another; an anniversary completes one.

    The anniversary of 29 February is 1 March where there is no such day.
    """
    return day.year - start.year - ((day.month, day.day) < (start.month, start.day))
