"""Final figures: what the accounting system gives, or why it gave nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.errors import DomainError
from domain.final import FinalQuote


class NoFigures(Exception):
    """The accounting system gave no figures that can be used.

    `reason` is a stable word: not-ready, of-another-payoff, wrong-schema, do-not-add-up, or one
    of the fetching (see `NoAnswer`).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FinalFigures(Protocol):
    """The accounting system, as far as it knows what pays a loan off."""

    async def ask(self, loan_number: str, good_through: date) -> FinalQuote:
        """Give the figures for a loan on a day, within a time.

        Raises NoFigures, and nothing else, whatever the system does.
        """

    async def close(self) -> None:
        """Let go of everything that asking holds open."""


@dataclass(frozen=True, slots=True)
class Obtained:
    """What was found out before a payoff is quoted."""

    quote: FinalQuote | None = None
    """The figures; none without a source, or where it has none."""
    reason: str | None = None
    """Why the source gave no figures."""
    refusal: DomainError | None = None
    """Why the source was not asked: the payoff could not be quoted."""


NO_SOURCE = Obtained()
"""There is nobody to ask: our estimate is what is quoted."""
