"""What a payoff costs, part by part, and what the reader of these figures should know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.calendars import third_thursday
from domain.fee import ZERO, Fee, total_of
from domain.loan import Program
from domain.payoff import Notice, Payoff
from domain.rates import RateChange
from domain.terms import PendingTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The parts of a payoff, US dollars; the total is their sum, always."""

    principal: Decimal
    annual_rate: Decimal
    interest_to: date
    days: int = 0
    per_diem: Decimal = Decimal("0.00000")
    accrued_interest: Decimal = ZERO
    fees: tuple[Fee, ...] = ()
    warnings: tuple[Notice, ...] = ()

    @property
    def total(self) -> Decimal:
        """Principal, accrued interest and every fee."""
        return total_of(self.principal, self.accrued_interest, self.fees)


def about_the_day(payoff: Payoff, program: Program) -> Iterator[Notice]:
    """Warn of a day other than the one that was asked for, or other than the rule's."""
    day = payoff.good_through_date
    if payoff.roll_reason is not None:
        yield Notice(code="date-rolled", detail=payoff.roll_reason)
    if program is Program.FIVE_O_FOUR and day != third_thursday(day.year, day.month):
        yield Notice(
            code="third-thursday-holiday",
            detail=f"The third Thursday is a Fed holiday; have {day} confirmed by the servicing "
            "agent.",
        )


def about_the_range(
    until: date, pending: Sequence[PendingTransaction], changes: Sequence[RateChange] = ()
) -> Iterator[Notice]:
    """Warn of what changes the balance, or the rate, between now and a day."""
    for one in pending:
        if one.on <= until:
            yield Notice(
                code="transaction-in-range",
                detail=f"Pending for {one.on} and not in these figures: {one.description}.",
            )
    for change in changes:
        yield Notice(
            code="rate-change",
            detail=f"From {change.effective_on} on interest accrues at {change.annual_rate}.",
        )


def charged(code: str, description: str, amount: Decimal) -> tuple[Fee, ...]:
    """Give a charge as a fee; none where nothing is due."""
    return (Fee(code=code, description=description, amount=amount),) if amount > 0 else ()
