"""A request to pay a loan off: what it carries, its states and its estimate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from domain.calendars import BUSINESS_ZONE, Calendar
from domain.errors import Conflict, Invalid
from domain.interest import DayCount, accrued, cents, days_between, per_diem
from domain.loan import Fee, Loan, LoanNumber, LoanStatus, Program
from domain.model import (
    NEVER,
    NIL,
    STRICT,
    LongText,
    Text,
    assigned,
    identity,
    refuse_blank,
    sensitive,
)

WIRE_CUTOFF = time(12, 0, tzinfo=BUSINESS_ZONE)
"""Wires that arrive after noon Eastern count for the next day."""

FURTHEST = timedelta(days=366)
"""How far ahead a payoff can be asked for."""

UNSET = date(1970, 1, 1)
ZERO = Decimal("0.00")


class PayoffReason(StrEnum):
    """Why the loan is paid off."""

    SALE = "sale"
    REFINANCE = "refinance"
    BORROWER_FUNDS = "borrower_funds"
    OTHER = "other"


class PayoffStatus(StrEnum):
    """Where a payoff stands."""

    REQUESTED = "requested"
    QUOTED = "quoted"
    ACCEPTED = "accepted"
    FUNDS_RECEIVED = "funds_received"
    SETTLED = "settled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


NEXT: Mapping[PayoffStatus, frozenset[PayoffStatus]] = {
    PayoffStatus.REQUESTED: frozenset({
        PayoffStatus.QUOTED, PayoffStatus.REJECTED, PayoffStatus.CANCELLED,
        PayoffStatus.EXPIRED, PayoffStatus.FAILED,
    }),
    PayoffStatus.QUOTED: frozenset({
        PayoffStatus.ACCEPTED, PayoffStatus.REJECTED, PayoffStatus.CANCELLED,
        PayoffStatus.EXPIRED,
    }),
    PayoffStatus.ACCEPTED: frozenset({
        PayoffStatus.FUNDS_RECEIVED, PayoffStatus.CANCELLED, PayoffStatus.EXPIRED,
    }),
    PayoffStatus.FUNDS_RECEIVED: frozenset({PayoffStatus.SETTLED}),
    PayoffStatus.FAILED: frozenset({PayoffStatus.REQUESTED, PayoffStatus.CANCELLED}),
}
"""Which states may follow which; a state that is no key here is final."""

OPEN = tuple(NEXT)
"""The states of which a loan may have one payoff at a time."""


class QuoteType(StrEnum):
    """Whose figures: ours, or those of the accounting system, which bind."""

    ESTIMATE = "ESTIMATE"
    FINAL = "FINAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person who asks for the payoff."""

    __pydantic_config__ = STRICT

    name: Text
    email: Annotated[str, MinLen(3), MaxLen(254)] | None = sensitive(None)
    phone: Annotated[str, MinLen(3), MaxLen(40)] | None = sensitive(None)
    role: Text | None = None

    def __post_init__(self) -> None:
        for name in ("name", "email", "phone", "role"):
            refuse_blank(f"requester.{name}", getattr(self, name))
        if self.email is not None and "@" not in self.email[1:-1]:
            raise Invalid("requester.email", "give an address such as 'name@example.com'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the reader of a quote should know."""

    __pydantic_config__ = STRICT

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff:
    """A request to pay a loan off, with the figures for it, US dollars."""

    __pydantic_config__ = STRICT

    id: UUID = identity(NIL)
    """Made by the service, sorts by time of request."""
    loan_number: LoanNumber
    """SBA's loan number, 10 digits."""
    payoff_date: date
    """The day on which the borrower wants to pay."""
    reason: PayoffReason
    """Why the loan is paid off."""
    voluntary: bool
    """False where the lender demands the payoff."""
    requester: Requester
    """The person who asks for it."""
    comments: LongText | None = None
    """Anything that the servicer should know."""
    status: PayoffStatus = assigned(PayoffStatus.REQUESTED)
    """Where the payoff stands."""
    quote_type: QuoteType = assigned(QuoteType.ESTIMATE)
    """ESTIMATE figures are ours; FINAL figures come from the accounting system and bind."""
    program: Program = assigned(Program.SEVEN_A)
    """The loan's SBA programme."""
    location_id: int = assigned(0)
    """The office that services the loan."""
    good_through_date: date = assigned(UNSET)
    """The day for which the total holds: `payoff_date`, or the next Fed business day."""
    rolled: bool = assigned(False)
    """True where `payoff_date` is no Fed business day."""
    roll_reason: str | None = assigned(None)
    """Why the date was rolled."""
    wire_cutoff: datetime = assigned(NEVER)
    """When the wire must have arrived: noon Eastern on the good-through date."""
    principal: Decimal = assigned(ZERO)
    """Outstanding principal."""
    annual_rate: Decimal = assigned(ZERO)
    """Note rate as a fraction."""
    day_count: DayCount = assigned(DayCount.ACT_365F)
    """How interest days are counted."""
    interest_paid_through: date = assigned(UNSET)
    """Interest accrues from this day to, not including, the good-through date."""
    days: int = assigned(0)
    """The days that interest accrues for."""
    per_diem: Decimal = assigned(ZERO)
    """A day's interest, to 5 decimals, for display."""
    accrued_interest: Decimal = assigned(ZERO)
    """Interest to the good-through date, rounded once."""
    fees: tuple[Fee, ...] = assigned(())
    """What is due beside principal and interest."""
    total: Decimal = assigned(ZERO)
    """Principal, accrued interest and fees."""
    currency: str = assigned("USD")
    """Always USD."""
    warnings: tuple[Notice, ...] = assigned(())
    """What the reader should know of these figures."""
    client_id: str = assigned("")
    """The application that asked."""
    created_by: str = assigned("")
    """The user who asked."""
    created_at: datetime = assigned(NEVER)
    """When it was asked for, UTC."""
    updated_at: datetime = assigned(NEVER)
    """When it last changed, UTC."""
    version: int = assigned(0)
    """Counts the changes, from 1; the ETag."""

    def __post_init__(self) -> None:
        if not (self.loan_number.isascii() and self.loan_number.isdigit()):
            raise Invalid("loan_number", "give 10 digits")
        refuse_blank("comments", self.comments)

    def moved_to(self, status: PayoffStatus, now: datetime) -> "Payoff":
        """Give the payoff in another state.

        Raises Conflict where the present state does not lead there.
        """
        allowed = NEXT.get(self.status, frozenset())
        if status not in allowed:
            choices = ", ".join(sorted(allowed)) or "nothing; it is final"
            raise Conflict(f"A payoff that is {self.status} can become: {choices}.", "status")
        return replace(self, status=status, updated_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """The state that a payoff is to take."""

    __pydantic_config__ = STRICT

    status: PayoffStatus


def check_payable(loan: Loan, payoff_date: date, today: date) -> None:
    """Refuse a payoff that this loan cannot have on this day.

    `today` is the business date in New York. Raises Invalid or Conflict.
    """
    if loan.status is not LoanStatus.ACTIVE:
        raise Conflict(f"This loan is {loan.status}; only ACTIVE ones are paid off.", "loan_number")
    if payoff_date < today:
        raise Invalid("payoff_date", f"give a day that is not before today, {today}")
    if payoff_date > today + FURTHEST:
        raise Invalid("payoff_date", f"give a day not after {today + FURTHEST}")
    if payoff_date < loan.interest_paid_through:
        raise Invalid(
            "payoff_date",
            f"give a day not before {loan.interest_paid_through}, to which interest is paid",
        )


def estimated(payoff: Payoff, loan: Loan, fed: Calendar) -> Payoff:
    """Fill in our estimate: simple interest to the next Fed business day, and all fees."""
    good_through = fed.roll(payoff.payoff_date)
    days = days_between(loan.day_count, loan.interest_paid_through, good_through)
    interest = accrued(loan.principal, loan.annual_rate, loan.day_count, days)
    fees_due = sum((fee.amount for fee in loan.fees), ZERO)
    return replace(
        payoff,
        quote_type=QuoteType.ESTIMATE,
        program=loan.program,
        location_id=loan.location_id,
        good_through_date=good_through,
        rolled=good_through != payoff.payoff_date,
        roll_reason=_roll_reason(payoff.payoff_date, good_through),
        wire_cutoff=datetime.combine(good_through, WIRE_CUTOFF).astimezone(timezone.utc),
        principal=loan.principal,
        annual_rate=loan.annual_rate,
        day_count=loan.day_count,
        interest_paid_through=loan.interest_paid_through,
        days=days,
        per_diem=per_diem(loan.principal, loan.annual_rate, loan.day_count),
        accrued_interest=interest,
        fees=loan.fees,
        total=cents(loan.principal + interest + fees_due),
        warnings=_warnings(loan),
    )


def _roll_reason(asked: date, good_through: date) -> str | None:
    if asked == good_through:
        return None
    return f"{asked:%A} {asked} is no Fed business day; the next one is {good_through}."


def _warnings(loan: Loan) -> tuple[Notice, ...]:
    if loan.program is Program.FIVE_O_FOUR:
        return (
            Notice(
                code="program-rules-not-applied",
                detail="A 504 payoff runs to the next semi-annual debenture date and may carry a "
                "prepayment premium; this estimate is simple interest only.",
            ),
        )
    return ()
