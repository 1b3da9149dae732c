"""What a payoff has to know of a loan's contract: one set of facts for each SBA programme."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from annotated_types import Ge, Le

from domain.errors import Invalid
from domain.fee import Fee, refuse_fraction
from domain.model import STRICT, Text
from domain.rates import Rate, RateChange

Months = Annotated[int, Ge(1), Le(600)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTransaction:
    """Something that will change the balance and is not in it yet."""

    __pydantic_config__ = STRICT

    on: date
    """The day for which it will be posted."""
    description: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """Principal that was paid before it was due."""

    __pydantic_config__ = STRICT

    on: date
    amount: Decimal
    balance_before: Decimal
    """The principal outstanding just before it."""
    fee_paid: Decimal = Decimal("0.00")
    """The subsidy recoupment fee that was paid on it."""

    def __post_init__(self) -> None:
        for name in ("amount", "balance_before", "fee_paid"):
            refuse_fraction(f"prepayments.{name}", getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class SevenATerms:
    """The facts of a 7(a) loan that its payoff depends on."""

    __pydantic_config__ = STRICT

    term_months: Months
    """From the note: what decides on the subsidy recoupment fee is the term, not what is left."""
    first_disbursed_on: date
    sold: bool = False
    """Whether the guaranteed part was sold on the secondary market."""
    prepayments: tuple[Prepayment, ...] = ()
    """Those of the first three years, oldest first."""
    rate_changes: tuple[RateChange, ...] = ()
    """Changes of the note rate since `interest_paid_through`, and those known to come."""
    pending: tuple[PendingTransaction, ...] = ()

    def __post_init__(self) -> None:
        _refuse_disorder("rate_changes", [one.effective_on for one in self.rate_changes])
        _refuse_disorder("prepayments", [one.on for one in self.prepayments], repeats=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SemiannualDate:
    """A payment date of the debenture, with what the borrower owes as of it."""

    __pydantic_config__ = STRICT

    on: date
    balance: Decimal
    """What is owing on the Note as of this day."""
    charges: tuple[Fee, ...] = ()
    """Instalments, servicing-agent and guarantee fees due up to and including this day."""

    def __post_init__(self) -> None:
        refuse_fraction("semiannual.balance", self.balance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Premium:
    """What prepaying costs as of a payment date of the debenture, by the schedule as issued."""

    __pydantic_config__ = STRICT

    on: date
    amount: Decimal

    def __post_init__(self) -> None:
        refuse_fraction("premiums.amount", self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebentureTerms:
    """The facts of a 504 loan and its debenture that the payoff depends on."""

    __pydantic_config__ = STRICT

    debenture_rate: Rate
    """The rate on the debenture's face: neither the note's nor the effective one."""
    term_years: Literal[10, 20, 25]
    dated_on: date
    """The debenture's dated date; its payment dates are every six months after it."""
    semiannual: tuple[SemiannualDate, ...]
    """The payment dates to come for which the figures are known, next one first."""
    premiums: tuple[Premium, ...] = ()
    """The schedule of premiums issued after the debenture's sale; empty where it is not kept."""
    pending: tuple[PendingTransaction, ...] = ()

    def __post_init__(self) -> None:
        _refuse_disorder("semiannual", [one.on for one in self.semiannual])
        _refuse_disorder("premiums", [one.on for one in self.premiums])


Terms = SevenATerms | DebentureTerms


def _refuse_disorder(path: str, days: Sequence[date], repeats: bool = False) -> None:
    for earlier, later in zip(days, days[1:]):
        if later < earlier or (later == earlier and not repeats):
            raise Invalid(path, "give them by date, the earliest first, no date twice")
