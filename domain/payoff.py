"""A request to pay a loan off, with its figures; it expires by date, with nothing to be done."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from domain.client import ClientId
from domain.errors import Conflict
from domain.fee import ZERO, Fee
from domain.interest import DayCount
from domain.loan import TEN_DIGITS, LoanNumber, Program
from domain.model import (
    NEVER,
    NIL,
    NOT_BLANK,
    PLAIN,
    STRICT,
    Form,
    LongWords,
    Text,
    UserId,
    Words,
    assigned,
    identity,
    sensitive,
)
from domain.payoff_status import NEXT, PERISHABLE, PayoffStatus

UNSET = date(1970, 1, 1)

ADDRESS = Form(
    r"[\s\S]@[\s\S]", "give an address such as 'name@example.com'", f"^{PLAIN}+@{PLAIN}+$"
)
"""Something on both sides of an @; only a letter to it can tell more."""


class PayoffReason(StrEnum):
    """Why the loan is paid off."""

    SALE = "sale"
    REFINANCE = "refinance"
    BORROWER_FUNDS = "borrower_funds"
    OTHER = "other"


class QuoteType(StrEnum):
    """Whose figures: ours, or those of the accounting system, which bind."""

    ESTIMATE = "ESTIMATE"
    FINAL = "FINAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person who asks for the payoff."""

    __pydantic_config__ = STRICT

    name: Words
    email: Annotated[str, MinLen(3), MaxLen(254), ADDRESS] | None = sensitive(None)
    phone: Annotated[str, MinLen(3), MaxLen(40), NOT_BLANK] | None = sensitive(None)
    role: Words | None = None

    def __post_init__(self) -> None:
        NOT_BLANK.check("requester.name", self.name)
        NOT_BLANK.check("requester.phone", self.phone)
        NOT_BLANK.check("requester.role", self.role)
        ADDRESS.check("requester.email", self.email)


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
    comments: LongWords | None = None
    """Anything that the servicer should know."""
    notice_date: date | None = None
    """The day on which the borrower's written notice was received; none: that of the request."""
    status: PayoffStatus = assigned(PayoffStatus.REQUESTED)
    """Where the payoff stands."""
    quote_type: QuoteType = assigned(QuoteType.ESTIMATE)
    """ESTIMATE figures are ours; FINAL figures come from the accounting system and bind."""
    program: Program = assigned(Program.SEVEN_A)
    """The loan's SBA programme."""
    location_id: int = assigned(0)
    """The office that services the loan."""
    good_through_date: date = assigned(UNSET)
    """The day for which the total holds: `payoff_date`, or the one that it is rolled to."""
    rolled: bool = assigned(False)
    """True where no wire can arrive on `payoff_date` in time."""
    roll_reason: Text | None = assigned(None)
    """Why the date was rolled."""
    wire_cutoff: datetime = assigned(NEVER)
    """When the wire must have arrived: noon Eastern on the good-through date. Then it expires."""
    principal: Decimal = assigned(ZERO)
    """Outstanding principal; of a 504 loan, what is owing as of `interest_to`."""
    annual_rate: Decimal = assigned(ZERO)
    """Note rate as a fraction, on the last day that bears interest."""
    day_count: DayCount = assigned(DayCount.ACT_365F)
    """How interest days are counted."""
    interest_paid_through: date = assigned(UNSET)
    """Interest accrues from this day to, not including, `interest_to`."""
    interest_to: date | None = assigned(None)
    """The good-through date; of a 504 loan, the next payment date of its debenture."""
    days: int = assigned(0)
    """The days that interest accrues for; 0 for a 504 loan, whose instalments carry it."""
    per_diem: Decimal = assigned(ZERO)
    """A day's interest, to 5 decimals, for display: never multiply it. 0 for a 504 loan."""
    accrued_interest: Decimal = assigned(ZERO)
    """Interest to `interest_to`, rounded once."""
    fees: tuple[Fee, ...] = assigned(())
    """What is due beside principal and interest, each by its code."""
    total: Decimal = assigned(ZERO)
    """Principal, accrued interest and fees."""
    currency: Annotated[str, MinLen(3), MaxLen(3)] = assigned("USD")
    """Always USD."""
    source: Annotated[str, MinLen(1), MaxLen(60)] | None = assigned(None)
    """Who computed the figures: `loapi`, or the system that FINAL ones come from."""
    warnings: tuple[Notice, ...] = assigned(())
    """What the reader should know of these figures."""
    client_id: ClientId = assigned("")
    """The application that asked."""
    created_by: UserId = assigned("")
    """The user who asked."""
    created_at: datetime = assigned(NEVER)
    """When it was asked for, UTC."""
    updated_at: datetime = assigned(NEVER)
    """When it last changed, UTC."""
    version: int = assigned(0)
    """Counts the changes, from 1; the ETag."""

    def __post_init__(self) -> None:
        TEN_DIGITS.check("loan_number", self.loan_number)
        NOT_BLANK.check("comments", self.comments)

    def as_of(self, now: datetime) -> "Payoff":
        """Give the payoff as it is at a time: expired, once the wire cut-off has passed.

        It is the record that a job would have left at the cut-off, version included, so that an
        ETag never names two states.
        """
        if self.status not in PERISHABLE or now <= self.wire_cutoff:
            return self
        return replace(
            self,
            status=PayoffStatus.EXPIRED,
            updated_at=self.wire_cutoff,
            version=self.version + 1,
        )

    def moved_to(self, status: PayoffStatus, now: datetime) -> "Payoff":
        """Give the payoff in another state.

        Raises Conflict where the present state does not lead there.
        """
        self.check_leads_to(status)
        return replace(self, status=status, updated_at=now)

    def check_leads_to(self, status: PayoffStatus) -> None:
        """Raise Conflict where the present state does not lead to another."""
        allowed = NEXT.get(self.status, frozenset())
        if status not in allowed:
            choices = ", ".join(sorted(allowed)) or "nothing; it is final"
            raise Conflict(f"A payoff that is {self.status} can become: {choices}.", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """The state that a payoff is to take."""

    __pydantic_config__ = STRICT

    status: PayoffStatus
