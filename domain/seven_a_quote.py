"""Our estimate for a 7(a) loan: simple interest to the day, and what the rules of 7(a) add."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.fee import ZERO, Fee
from domain.figures import Figures, about_the_day, about_the_range, charged
from domain.interest import ONE_DAY, accrued, days_between, per_diem
from domain.loan import Loan
from domain.payoff import Notice, Payoff
from domain.rates import Rates
from domain.seven_a import (
    Prepaid,
    needs_notice,
    notice_lapses,
    recoupment_fee,
    short_notice_interest,
)
from domain.terms import SevenATerms

RECOUPMENT = "subsidy-recoupment"
SHORT_NOTICE = "short-notice-interest"


def seven_a_figures(payoff: Payoff, loan: Loan, asked_on: date) -> Figures:
    """Give principal, interest to but not including the good-through date, fees and charges.

    `asked_on` counts as the day of the notice where the borrower gave none before.
    """
    terms = loan.terms if isinstance(loan.terms, SevenATerms) else None
    rates = Rates(loan.annual_rate, terms.rate_changes if terms else ())
    start, end = loan.interest_paid_through, payoff.good_through_date
    last = max(start, end - ONE_DAY)
    rate = rates.on(last)
    return Figures(
        principal=loan.principal,
        annual_rate=rate,
        interest_to=end,
        days=days_between(loan.day_count, start, end),
        per_diem=per_diem(loan.principal, rate, loan.day_count, last),
        accrued_interest=accrued(loan.principal, rates, loan.day_count, start, end),
        fees=loan.fees + (_charges(payoff, loan, terms, rates, asked_on) if terms else ()),
        warnings=(
            *about_the_day(payoff, loan.program),
            *about_the_range(
                end, terms.pending if terms else (), rates.changes_between(start, end)
            ),
            *_about_the_rules(payoff, loan, terms, asked_on),
        ),
    )


def _charges(
    payoff: Payoff, loan: Loan, terms: SevenATerms, rates: Rates, asked_on: date
) -> tuple[Fee, ...]:
    return (
        *charged(RECOUPMENT, "Subsidy recoupment fee, to SBA", _recoupment(payoff, loan, terms)),
        *charged(
            SHORT_NOTICE,
            "Interest for less than 21 days' notice",
            _short_notice(payoff, loan, terms, rates, asked_on),
        ),
    )


def _recoupment(payoff: Payoff, loan: Loan, terms: SevenATerms) -> Decimal:
    """Give the fee on all that is prepaid in the payoff's calendar year, less what was paid."""
    day = payoff.good_through_date
    before = [one for one in terms.prepayments if one.on.year == day.year]
    fee = recoupment_fee(
        [*(Prepaid(one.on, one.amount) for one in before), Prepaid(day, loan.principal)],
        outstanding=before[0].balance_before if before else loan.principal,
        term_months=terms.term_months,
        first_disbursed_on=terms.first_disbursed_on,
        voluntary=payoff.voluntary,
    )
    return max(ZERO, fee - sum((one.fee_paid for one in before), ZERO))


def _short_notice(
    payoff: Payoff, loan: Loan, terms: SevenATerms, rates: Rates, asked_on: date
) -> Decimal:
    day = payoff.good_through_date
    notice = payoff.notice_date or asked_on
    # A payoff that is too far ahead for a notice of today gets its notice later, and in time.
    if not _takes_notice(loan, terms) or day > notice_lapses(notice):
        return ZERO
    return short_notice_interest(
        loan.principal, rates, loan.day_count, notice=notice, received=day
    )


def _takes_notice(loan: Loan, terms: SevenATerms | None) -> bool:
    return terms is not None and needs_notice(loan.principal, loan.principal, terms.sold)


def _about_the_rules(
    payoff: Payoff, loan: Loan, terms: SevenATerms | None, asked_on: date
) -> Iterator[Notice]:
    if _takes_notice(loan, terms) and payoff.notice_date is None:
        day = payoff.good_through_date
        late = day > notice_lapses(asked_on)
        taken = "received 21 to 30 days before" if late else f"received on {asked_on}"
        yield Notice(
            code="notice-needed",
            detail=f"This loan was sold: its payoff takes a written notice, here taken as {taken}.",
        )
    if terms is None:
        yield Notice(
            code="terms-not-known",
            detail="Recoupment fee and notice are left out: the loan's terms are not known here.",
        )
