"""The facts of a loan that a payoff needs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.errors import Invalid
from domain.fee import Fee, refuse_fraction
from domain.interest import DayCount
from domain.model import STRICT, Form, LocationId, Text, assigned, identity, sensitive
from domain.rates import Rate
from domain.terms import DebentureTerms, SevenATerms, Terms

TEN_DIGITS = Form("^[0-9]{10}$", "give 10 digits")
LoanNumber = Annotated[str, MinLen(10), MaxLen(10), TEN_DIGITS]


class Program(StrEnum):
    """The SBA programme that guarantees the loan."""

    SEVEN_A = "7A"
    FIVE_O_FOUR = "504"


class LoanStatus(StrEnum):
    """Where the loan stands; only an ACTIVE one can be paid off."""

    ACTIVE = "ACTIVE"
    PAID_IN_FULL = "PAID_IN_FULL"
    CHARGED_OFF = "CHARGED_OFF"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan as the accounting system knows it, US dollars."""

    __pydantic_config__ = STRICT

    loan_number: LoanNumber = identity()
    """SBA's loan number, 10 digits."""
    location_id: LocationId
    """The office that services the loan."""
    program: Program
    borrower_name: Text = sensitive()
    status: LoanStatus
    principal: Decimal
    """Outstanding principal, cents exact."""
    annual_rate: Rate
    """Note rate as a fraction: 0.1075 is 10.75 %."""
    day_count: DayCount
    interest_paid_through: date
    """Interest is paid up to, not including, this day."""
    fees: tuple[Fee, ...] = ()
    """Late charges, the CDC's fees and expenses, and other amounts due."""
    terms: Terms | None = None
    """What the rules of the programme need to know; without it they cannot be applied."""
    version: int = assigned(0)
    """Counts the changes, from 1."""

    def __post_init__(self) -> None:
        refuse_fraction("principal", self.principal)
        wanted = DebentureTerms if self.program is Program.FIVE_O_FOUR else SevenATerms
        if self.terms is not None and not isinstance(self.terms, wanted):
            raise Invalid("terms", f"give those of a {self.program} loan")
