"""The figures that bind, as the accounting system gives them: none whose parts do not add up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.errors import Invalid
from domain.fee import Fee, refuse_fraction, total_of
from domain.interest import PER_DIEM_DIGITS
from domain.loan import LoanNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalQuote:
    """What pays a loan off on a day, US dollars.

    Raises Invalid where an amount is below zero or no whole cents, or the parts do not add up.
    """

    loan_number: LoanNumber
    good_through_date: date
    principal: Decimal
    accrued_interest: Decimal
    fees: tuple[Fee, ...]
    total: Decimal
    source: str
    """Who computed it, as "CSA"."""
    interest_to: date | None = None
    """Where interest ends, if that is another day than our estimate takes."""
    per_diem: Decimal | None = None
    """A day's interest, to 5 decimals."""

    def __post_init__(self) -> None:
        for name in ("principal", "accrued_interest", "total"):
            amount = getattr(self, name)
            refuse_fraction(name, amount)
            if amount < 0:
                raise Invalid(name, "give an amount that is not below zero")
        if total_of(self.principal, self.accrued_interest, self.fees) != self.total:
            raise Invalid("total", "the parts do not add up to it")
        if self.per_diem is not None and round(self.per_diem, PER_DIEM_DIGITS) != self.per_diem:
            raise Invalid("per_diem", "give at most 5 decimals")
