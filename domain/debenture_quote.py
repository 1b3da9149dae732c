"""Our estimate for a 504 loan: all that is due to the debenture's next date, and a premium."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.debenture import next_payment_number, payment_date, prepayment_premium
from domain.errors import Conflict, Invalid
from domain.figures import Figures, about_the_day, about_the_range, charged
from domain.loan import Loan
from domain.payoff import Notice, Payoff
from domain.terms import DebentureTerms, SemiannualDate

PREMIUM = "prepayment-premium"


def debenture_figures(payoff: Payoff, loan: Loan) -> Figures:
    """Give what is owing on the Note as of the next payment date, charges, fees and premium.

    All instalments up to that date are due, whichever Thursday it is, so that nothing accrues by
    the day. Source: the loan authorization, as quoted by cdcnewengland.com, "Loan prepayment".
    Raises Conflict where the debenture is not known, Invalid where its figures for the day are not.
    """
    terms = loan.terms
    if not isinstance(terms, DebentureTerms):
        raise Conflict("This loan's debenture is not known here; ask its servicer.", "loan_number")
    number = next_payment_number(terms.dated_on, payoff.good_through_date)
    owing = _owing(terms, payment_date(terms.dated_on, number))
    scheduled = {one.on: one.amount for one in terms.premiums}
    premium = scheduled.get(owing.on)
    if premium is None:
        premium = prepayment_premium(
            owing.balance, terms.debenture_rate, terms.term_years, number
        )
    return Figures(
        principal=owing.balance,
        annual_rate=loan.annual_rate,
        interest_to=owing.on,
        fees=(
            *owing.charges,
            *loan.fees,
            *charged(PREMIUM, "Prepayment premium", premium),
        ),
        warnings=(
            *about_the_day(payoff, loan.program),
            *about_the_range(owing.on, terms.pending),
            *_about_the_rules(owing.on, premium, owing.on in scheduled),
        ),
    )


def _owing(terms: DebentureTerms, on: date) -> SemiannualDate:
    found = next((one for one in terms.semiannual if one.on == on), None)
    if found is None:
        raise Invalid(
            "payoff_date", f"give another Thursday: what is owing as of {on} is not known yet"
        )
    return found


def _about_the_rules(on: date, premium: Decimal, by_schedule: bool) -> Iterator[Notice]:
    yield Notice(
        code="estimate-not-binding",
        detail=f"Interest is due to {on}, whichever Thursday is chosen; only the figures of SBA's "
        "Central Servicing Agent bind.",
    )
    if premium > 0 and not by_schedule:
        yield Notice(
            code="premium-computed",
            detail="The premium is computed by declining factors; the schedule issued with the "
            "debenture goes before it.",
        )
