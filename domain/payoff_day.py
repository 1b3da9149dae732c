"""On which day a loan can be paid off: rolls, third Thursdays, the wire cut-off and notices."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from domain.calendars import BUSINESS_ZONE, Calendar, Roll, business_date, third_thursday
from domain.drafts import altered
from domain.errors import Conflict, Invalid
from domain.loan import Loan, LoanStatus, Program
from domain.payoff import Payoff
from domain.seven_a import needs_notice, notice_lapses
from domain.terms import SevenATerms

WIRE_CUTOFF = time(12, 0, tzinfo=BUSINESS_ZONE)
"""Noon Eastern; a later wire is rejected (ciclending.com, arcapital.com on prepaying)."""

FURTHEST = timedelta(days=366)
"""How far ahead a payoff can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRules:
    """What the law leaves open about the day of a 504 payoff."""

    thursday_roll: Roll = Roll.FOLLOWING
    """Where the payoff moves whose third Thursday is a Fed holiday; no public source says it."""
    notice_days: int = 0
    """How many days before it the borrower must have given notice; CDCs differ."""


def check_payable(loan: Loan, payoff_date: date, today: date) -> None:
    """Refuse a payoff that this loan cannot have on this day.

    `today` is the business date in New York. Raises Invalid or Conflict.
    """
    check_active(loan)
    if payoff_date < today:
        raise Invalid("payoff_date", f"give a day that is not before today, {today}")
    if payoff_date > today + FURTHEST:
        raise Invalid("payoff_date", f"give a day not after {today + FURTHEST}")
    if payoff_date < loan.interest_paid_through:
        raise Invalid(
            "payoff_date",
            f"give a day not before {loan.interest_paid_through}, to which interest is paid",
        )


def check_active(loan: Loan) -> None:
    """Raise Conflict for a loan that has ended."""
    if loan.status is not LoanStatus.ACTIVE:
        raise Conflict(f"This loan is {loan.status}; only ACTIVE ones are paid off.", "loan_number")


@lru_cache(1000)
def cutoff_of(day: date) -> datetime:
    """Give the last moment, UTC, at which a wire for a day is in time."""
    return datetime.combine(day, WIRE_CUTOFF).astimezone(timezone.utc)


def appointed(payoff: Payoff, loan: Loan, fed: Calendar, now: datetime, rules: DayRules) -> Payoff:
    """Give the payoff with the day for which it holds, and the wire cut-off of that day.

    The day of a 7(a) payoff is the first Fed business day, from `payoff_date` on, whose cut-off
    has not passed; that of a 504 payoff is a third Thursday. Raises Invalid.
    """
    today = business_date(now)
    if payoff.notice_date is not None and payoff.notice_date > today:
        raise Invalid("notice_date", f"give a day that is not after today, {today}")
    if loan.program is Program.FIVE_O_FOUR:
        day, reason = _thursday(payoff, fed, now, rules)
    else:
        day, reason = _wire_day(payoff.payoff_date, fed, now)
        _check_notice(payoff, loan, day)
    return altered(
        payoff,
        good_through_date=day,
        rolled=day != payoff.payoff_date,
        roll_reason=reason if day != payoff.payoff_date else None,
        wire_cutoff=cutoff_of(day),
    )


def _wire_day(asked: date, fed: Calendar, now: datetime) -> tuple[date, str]:
    day = fed.roll(asked)
    if now > cutoff_of(day):
        later = fed.next_business_day(day)
        return later, (
            f"Wires for {day} were due by noon Eastern; the next Fed business day is {later}."
        )
    if day == asked:
        return day, ""
    return day, f"{asked:%A} {asked} is no Fed business day; the next one is {day}."


def _thursday(
    payoff: Payoff, fed: Calendar, now: datetime, rules: DayRules
) -> tuple[date, str]:
    """Give the day of a 504 payoff (Thursday: bdcloan.com, ciclending.com, rmiinc.org)."""
    asked = payoff.payoff_date
    thursday = third_thursday(asked.year, asked.month)
    day = fed.roll(thursday, rules.thursday_roll)
    first = (payoff.notice_date or business_date(now)) + timedelta(days=rules.notice_days)
    if asked not in (thursday, day):
        refusal = "give a third Thursday for a 504 loan"
    elif now > cutoff_of(day):
        refusal = f"wires were due by noon Eastern on {day}"
    elif day < first:
        refusal = f"this office needs {rules.notice_days} days' notice"
    else:
        return day, f"The third Thursday, {thursday}, is a Fed holiday; the payoff moves to {day}."
    following = _possible(max(asked, first), fed, now, rules)
    raise Invalid("payoff_date", f"{refusal}; next: {following}")


def _possible(day: date, fed: Calendar, now: datetime, rules: DayRules) -> date:
    """Give the first day from a day on for which a 504 payoff can still be asked."""
    month = day
    while True:
        found = fed.roll(third_thursday(month.year, month.month), rules.thursday_roll)
        if found >= day and now <= cutoff_of(found):
            return found
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _check_notice(payoff: Payoff, loan: Loan, day: date) -> None:
    """Refuse a notice that has lapsed: a new one is due after 30 days (see `seven_a`)."""
    sold = isinstance(loan.terms, SevenATerms) and loan.terms.sold
    if payoff.notice_date is None or not needs_notice(loan.principal, loan.principal, sold):
        return
    if day > (last := notice_lapses(payoff.notice_date)):
        raise Invalid("notice_date", f"this notice is good until {last}; give a new one")
