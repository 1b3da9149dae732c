"""The figures of a payoff: our estimate, by the rules of its programme, or those that bind."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.debenture_quote import debenture_figures
from domain.drafts import altered
from domain.errors import Conflict
from domain.final import FinalQuote
from domain.interest import ONE_DAY, days_between, per_diem
from domain.loan import Loan, Program
from domain.payoff import Notice, Payoff, QuoteType
from domain.payoff_status import PayoffStatus
from domain.seven_a_quote import seven_a_figures

OURS = "loapi"
"""The source of an estimate."""

RATE_PLACES = Decimal("0.000001")

OF_ESTIMATES = {"estimate-not-binding", "notice-needed", "premium-computed", "terms-not-known"}
"""The codes of warnings that figures which bind have no use for."""

NO_FIGURES = "figures-unavailable"


def estimated(payoff: Payoff, loan: Loan, asked_on: date) -> Payoff:
    """Fill in our estimate for the day that the payoff is appointed for.

    Raises Conflict where interest is paid beyond that day, and what the programme's rules raise.
    """
    if payoff.good_through_date < loan.interest_paid_through:
        raise Conflict(f"Interest is paid through {loan.interest_paid_through}; ask anew.")
    if loan.program is Program.FIVE_O_FOUR:
        figures = debenture_figures(payoff, loan)
    else:
        figures = seven_a_figures(payoff, loan, asked_on)
    return altered(
        payoff,
        quote_type=QuoteType.ESTIMATE,
        source=OURS,
        program=loan.program,
        location_id=loan.location_id,
        principal=figures.principal,
        # As the store gives it back, so that an ETag stands for one text.
        annual_rate=figures.annual_rate.quantize(RATE_PLACES),
        day_count=loan.day_count,
        interest_paid_through=loan.interest_paid_through,
        interest_to=figures.interest_to,
        days=figures.days,
        per_diem=figures.per_diem,
        accrued_interest=figures.accrued_interest,
        fees=figures.fees,
        total=figures.total,
        warnings=figures.warnings,
    )


def finalised(payoff: Payoff, final: FinalQuote) -> Payoff:
    """Put figures that bind in the place of our estimate, and warn where the two differ."""
    warnings = tuple(one for one in payoff.warnings if one.code not in OF_ESTIMATES)
    if final.total != payoff.total:
        detail = f"Our own estimate was {payoff.total}."
        warnings += (Notice(code="estimate-differs", detail=detail),)
    return replace(
        payoff,
        quote_type=QuoteType.FINAL,
        source=final.source,
        principal=final.principal,
        **_by_the_day(payoff, final),
        accrued_interest=final.accrued_interest,
        fees=final.fees,
        total=final.total,
        warnings=warnings,
    )


def _by_the_day(payoff: Payoff, final: FinalQuote) -> dict[str, Any]:
    """Give where interest ends, its days, and a day's interest on the principal that binds."""
    start, end = payoff.interest_paid_through, final.interest_to or payoff.interest_to
    told = {} if final.per_diem is None else {"per_diem": final.per_diem}
    if payoff.program is Program.FIVE_O_FOUR or end is None:
        return {"interest_to": end, **told}
    basis, last = payoff.day_count, max(start, end - ONE_DAY)
    return {
        "interest_to": end,
        "days": max(0, days_between(basis, start, end)),
        "per_diem": per_diem(final.principal, payoff.annual_rate, basis, last),
        **told,
    }


def without_figures(payoff: Payoff, reason: str, now: datetime) -> Payoff:
    """Note that there are no final figures: a quote stays as it is, all else has failed."""
    notice = Notice(
        code=NO_FIGURES,
        detail=f"The accounting system gave no final figures ({reason}); try again.",
    )
    others = tuple(one for one in payoff.warnings if one.code != NO_FIGURES)
    quoted = payoff.status is PayoffStatus.QUOTED
    return replace(
        payoff,
        status=payoff.status if quoted else PayoffStatus.FAILED,
        warnings=(*others, notice),
        updated_at=now,
    )
