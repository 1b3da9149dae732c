"""Interest rates with the days from which they hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from annotated_types import Ge, Le

from domain.model import STRICT

Rate = Annotated[Decimal, Ge(0), Le(1)]
"""A year's interest as a fraction: 0.1075 is 10.75 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """From a day on, that day included, interest accrues at another rate."""

    __pydantic_config__ = STRICT

    effective_on: date
    annual_rate: Rate


@dataclass(frozen=True, slots=True)
class Rates:
    """A rate and its dated changes: a change is never applied to days before it."""

    first: Decimal
    changes: tuple[RateChange, ...] = ()

    def on(self, day: date) -> Decimal:
        """Give the rate at which a day bears interest."""
        past = [change for change in self.changes if change.effective_on <= day]
        return max(past, key=_effective_on).annual_rate if past else self.first

    def changes_between(self, start: date, end: date) -> tuple[RateChange, ...]:
        """Give the changes, in order, that split the days from `start` to before `end`."""
        within = [change for change in self.changes if start < change.effective_on < end]
        return tuple(sorted(within, key=_effective_on))

    def spans(self, start: date, end: date) -> Iterator[tuple[date, date, Decimal]]:
        """Give first day, day after the last, and rate of each span of one rate."""
        if not self.changes:
            yield start, end, self.first
            return
        days = [start, *(one.effective_on for one in self.changes_between(start, end)), end]
        for first, after in zip(days, days[1:]):
            yield first, after, self.on(first)


def _effective_on(change: RateChange) -> date:
    return change.effective_on
