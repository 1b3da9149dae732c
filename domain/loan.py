"""The facts of a loan that a payoff needs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.interest import DayCount
from domain.model import STRICT, LocationId, Text, assigned, identity, sensitive

LoanNumber = Annotated[str, MinLen(10), MaxLen(10)]
Rate = Annotated[Decimal, Ge(0), Le(1)]


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
class Fee:
    """An amount due beside principal and interest, US dollars."""

    __pydantic_config__ = STRICT

    code: Annotated[str, MinLen(1), MaxLen(40)]
    description: Text
    amount: Decimal


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
    """Late charges and other amounts due."""
    version: int = assigned(0)
    """Counts the changes, from 1."""
