"""An amount due beside principal and interest."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.errors import Invalid
from domain.interest import cents
from domain.model import STRICT, Text

ZERO = Decimal("0.00")

LARGEST = 16
"""The power of ten with which the largest amount begins, as NUMBER(19,2) keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """An amount due beside principal and interest, US dollars; a credit is below zero."""

    __pydantic_config__ = STRICT

    code: Annotated[str, MinLen(1), MaxLen(40)]
    description: Text
    amount: Decimal

    def __post_init__(self) -> None:
        refuse_fraction("amount", self.amount)


def refuse_fraction(path: str, amount: Decimal) -> None:
    """Raise Invalid for what is no amount of whole cents: sums with it could not be exact."""
    if not amount.is_finite() or amount.adjusted() > LARGEST or amount != cents(amount):
        raise Invalid(path, "give whole cents, below 10^17 dollars")


def total_of(principal: Decimal, interest: Decimal, fees: tuple[Fee, ...]) -> Decimal:
    """Give the one sum of principal, interest and every fee."""
    return cents(sum((fee.amount for fee in fees), principal + interest))
