"""Quoting: the source of final figures is asked before the use case, which may still say no."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from adapters.memory.audit import MemoryJournal
from adapters.memory.figures import MemoryFinalFigures
from adapters.memory.runner import MemoryRunner
from application import payoffs
from application.audit.record import Origin
from application.caller import Caller
from application.figures import NO_SOURCE, FinalFigures, Obtained
from application.ports import Errand, Work
from application.quoting import Quoting
from domain.errors import Forbidden, Stale
from domain.final import FinalQuote
from domain.payoff import Payoff
from domain.payoff_status import PayoffStatus
from tests.unit.payoff_facts import FED, a_loan, a_payoff

DAY = date(2026, 7, 2)
CALLER = Caller(
    client_id="prepay", scopes=frozenset(), user_id="U1",
    roles={900101: ("payoff-requester", "payoff-servicer")},
)
QUOTE = FinalQuote(
    loan_number="9900101001", good_through_date=DAY, principal=Decimal("100.00"),
    accrued_interest=Decimal("0.10"), fees=(), total=Decimal("100.10"), source="CSA",
)


class Clock:
    """Tells one time."""

    now = datetime(2026, 7, 1, 13, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now


class OffByADay(MemoryFinalFigures):
    """Gives the figures of another day than the one that it is asked for."""

    async def ask(self, loan_number: str, good_through: date) -> FinalQuote:
        return replace(QUOTE, good_through_date=date(2026, 7, 1))


class World:
    """A store with a payoff that waits to be quoted."""

    def __init__(self) -> None:
        self.runner = MemoryRunner(Clock(), MemoryJournal())
        self.do(_fill)
        self.payoff: Payoff = self.do(payoffs.request, CALLER, a_payoff(DAY), FED)

    def do(self, use_case: Callable[..., Any], *arguments: Any) -> Any:
        """Write."""
        errand = Errand(origin=Origin(request_id="r", action="payoff.move"))
        return asyncio.run(self.runner.write(errand, use_case, *arguments)).value

    def obtain(
        self, source: FinalFigures | None, caller: Caller = CALLER, version: int = 1,
        status: PayoffStatus = PayoffStatus.QUOTED,
    ) -> Obtained:
        """Ask what the move needs to know."""
        quoting = Quoting(self.runner, source)
        return asyncio.run(quoting.obtain(caller, self.payoff.id, version, status))


def _fill(work: Work) -> None:
    work.add(a_loan())


@pytest.fixture(name="world")
def a_world() -> World:
    """Give a payoff that waits to be quoted."""
    return World()


def having(quote: FinalQuote) -> MemoryFinalFigures:
    """Give a source that has a quote."""
    source = MemoryFinalFigures()
    source.put(quote)
    return source


def test_figures_are_obtained_for_a_quote_only(world: World) -> None:
    assert world.obtain(having(QUOTE)) == Obtained(quote=QUOTE)
    assert world.obtain(having(QUOTE), status=PayoffStatus.CANCELLED) is NO_SOURCE
    assert world.obtain(None) is NO_SOURCE


def test_figures_that_there_are_none_of_are_told_by_their_reason(world: World) -> None:
    assert world.obtain(MemoryFinalFigures()) == Obtained(reason="not-ready")
    assert world.obtain(OffByADay()) == Obtained(reason="of-another-payoff")


def test_who_may_not_quote_is_told_so_and_the_source_is_not_asked(world: World) -> None:
    requester = replace(CALLER, roles={900101: ("payoff-requester",)})
    assert isinstance(world.obtain(OffByADay(), requester).refusal, Forbidden)
    assert isinstance(world.obtain(OffByADay(), version=2).refusal, Stale)


def test_what_could_not_be_quoted_a_moment_ago_is_not_quoted_without_figures(world: World) -> None:
    refusal = Stale("This payoff was at another version.")
    with pytest.raises(Stale, match="another version"):
        world.do(
            payoffs.move, CALLER, world.payoff.id, 1, PayoffStatus.QUOTED,
            Obtained(refusal=refusal),
        )
    assert asyncio.run(world.runner.read(payoffs.show, CALLER, world.payoff.id)) == world.payoff


def test_a_loan_that_is_gone_is_not_quoted(world: World) -> None:
    def forget(work: Work) -> None:
        loan = work.get(type(a_loan()), "9900101001")
        assert loan is not None
        work.remove(loan)

    world.do(forget)
    with pytest.raises(Exception, match="not known here any more"):
        world.do(payoffs.move, CALLER, world.payoff.id, 1, PayoffStatus.QUOTED)
