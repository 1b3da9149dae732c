"""Asks for final figures before a payoff is quoted: a use case itself never calls out."""

import logging
from uuid import UUID

from application import payoffs
from application.caller import Caller
from application.figures import NO_SOURCE, FinalFigures, NoFigures, Obtained
from application.ports import Runner
from domain.errors import DomainError
from domain.payoff import Payoff
from domain.payoff_status import PayoffStatus

_log = logging.getLogger("loapi.figures")


class Quoting:
    """Knows where final figures come from, if they come from anywhere."""

    def __init__(self, runner: Runner, source: FinalFigures | None = None) -> None:
        self._runner = runner
        self._source = source

    async def obtain(
        self, caller: Caller, payoff_id: UUID, version: int, status: PayoffStatus
    ) -> Obtained:
        """Give what the move of a payoff to a state needs to know.

        The source is asked only for a payoff that the caller may quote; why not, the use case
        finds out again, and says.
        """
        if self._source is None or status is not PayoffStatus.QUOTED:
            return NO_SOURCE
        try:
            payoff = await self._runner.read(payoffs.movable, caller, payoff_id, version, status)
        except DomainError as error:
            return Obtained(refusal=error)
        try:
            return await self._ask(self._source, payoff)
        except NoFigures as error:
            _log.warning("no final figures for payoff %s: %s", payoff_id, error.reason)
            return Obtained(reason=error.reason)

    async def close(self) -> None:
        """Let go of what the source holds open."""
        if self._source is not None:
            await self._source.close()

    async def _ask(self, source: FinalFigures, payoff: Payoff) -> Obtained:
        quote = await source.ask(payoff.loan_number, payoff.good_through_date)
        about = (quote.loan_number, quote.good_through_date)
        if about != (payoff.loan_number, payoff.good_through_date):
            raise NoFigures("of-another-payoff")
        return Obtained(quote=quote)
