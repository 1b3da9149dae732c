"""FinalFigures: every adapter gives what the accounting system knows, or why there is nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from adapters.accounting.figures import MOST_FEES, FiguresEndpoint, HttpFinalFigures
from adapters.memory.figures import MemoryFinalFigures
from adapters.web.fetch import MOST_BYTES, HttpFetcher
from application.figures import FinalFigures, NoFigures
from domain.fee import Fee
from domain.final import FinalQuote
from tests.support.in_time import in_time
from tests.support.upstream import (
    Answer,
    Exchange,
    Upstream,
    answering,
    endless,
    hang_up,
    late,
    sending,
    silent,
    trickling,
    upstream,
    written,
)

R = TypeVar("R")

LOAN = "9900101001"
DAY = date(2026, 7, 3)
SECONDS = 0.5
PATIENCE = 20.0
"""What servers are given that are not slow, however busy the machine is."""
QUOTE = FinalQuote(
    loan_number=LOAN,
    good_through_date=DAY,
    principal=Decimal("412350.75"),
    accrued_interest=Decimal("2186.02"),
    fees=(
        Fee(code="LATE", description="Late charge", amount=Decimal("125.00")),
        Fee(code="credit", description="Unapplied payment", amount=Decimal("-25.00")),
    ),
    total=Decimal("414636.77"),
    source="core ledger",
)
PLAIN: dict[str, Any] = {
    "loan_number": LOAN,
    "good_through_date": "2026-07-03",
    "principal": "412350.75",
    "accrued_interest": "2186.02",
    "fees": [
        {"code": "LATE", "description": "Late charge", "amount": "125.00"},
        {"code": "credit", "description": "Unapplied payment", "amount": "-25.00"},
    ],
    "total": "414636.77",
    "currency": "USD",
    "source": "core ledger",
}


def knowing(exchange: Exchange) -> None:
    """Answer as an accounting system does that knows one loan on one day."""
    asked = exchange.call.path.partition("?")[2]
    known = asked == f"loan-number={LOAN}&good-through-date={DAY}"
    exchange.write(written(PLAIN) if known else written({}, status=404))


@dataclass
class World:
    """An adapter, and the server behind it if there is one."""

    figures: FinalFigures

    async def ask(self, loan_number: str = LOAN, day: date = DAY) -> FinalQuote:
        """Ask, and let go of everything."""
        try:
            return await self.figures.ask(loan_number, day)
        finally:
            await self.figures.close()


@asynccontextmanager
async def over_http(
    url: str, token: str | None = None, seconds: float = PATIENCE
) -> AsyncIterator[World]:
    """Give the adapter that asks a server."""
    figures = HttpFinalFigures(FiguresEndpoint(url=url, token=token), HttpFetcher(seconds))
    try:
        yield World(figures)
    finally:
        await figures.close()


@pytest.fixture(name="asked", params=["memory", "http"])
def of_each_adapter(request: pytest.FixtureRequest) -> Iterator[Callable[..., FinalQuote]]:
    """Give what asks each adapter, behind which one quote is known."""
    if request.param == "memory":
        memory = MemoryFinalFigures()
        memory.put(QUOTE)
        yield lambda *question: asyncio.run(World(memory).ask(*question))
        return

    async def ask(*question: Any) -> FinalQuote:
        async with over_http(server.url) as world:
            return await world.ask(*question)

    with upstream(knowing) as server:
        yield lambda *question: asyncio.run(ask(*question))


def test_the_figures_of_a_loan_on_a_day_are_given(asked: Callable[..., FinalQuote]) -> None:
    assert asked(LOAN, DAY) == QUOTE


@pytest.mark.parametrize(
    "question", [("9900101002", DAY), (LOAN, date(2026, 7, 6)), ("9999999999", date(2030, 1, 1))]
)
def test_what_is_not_known_is_not_ready(
    asked: Callable[..., FinalQuote], question: tuple[str, date]
) -> None:
    with pytest.raises(NoFigures) as refused:
        asked(*question)
    assert refused.value.reason == "not-ready"


# Over HTTP


@pytest.fixture(name="server", scope="module")
def accounting_system() -> Iterator[Upstream]:
    """Run a server that answers as a test tells it."""
    with upstream() as server:
        yield server


def run(coroutine: Coroutine[Any, Any, R]) -> R:
    """Run something, and no longer than generous."""

    async def bounded() -> R:
        async with asyncio.timeout(30):
            return await coroutine

    return asyncio.run(bounded())


def ask(server: Upstream, answer: Answer, seconds: float = PATIENCE) -> FinalQuote:
    """Ask a server that answers in a certain way."""
    server.answer = answer

    async def question() -> FinalQuote:
        async with over_http(server.url, seconds=seconds) as world:
            return await world.ask()

    return run(question())


def reason(server: Upstream, answer: Answer, seconds: float = PATIENCE) -> str:
    """Give the word for why a server's answer is no use."""
    with pytest.raises(NoFigures) as refused:
        ask(server, answer, seconds)
    return refused.value.reason


def test_a_question_names_the_loan_and_the_day_and_who_asks(server: Upstream) -> None:
    server.answer, server.calls[:] = answering(PLAIN), []

    async def question() -> FinalQuote:
        async with over_http(f"{server.url}/final-figures", "t0ken") as world:
            return await world.ask()

    assert run(question()) == QUOTE
    (call,) = server.calls
    assert (call.method, call.path) == (
        "GET", "/final-figures?loan-number=9900101001&good-through-date=2026-07-03",
    )
    assert call.headers["authorization"] == "Bearer t0ken"
    assert "t0ken" not in repr(FiguresEndpoint(url=server.url, token="t0ken"))


def test_more_may_be_told(server: Upstream) -> None:
    more = {"interest_to": "2026-07-02", "per_diem": "121.44577"}
    found = ask(server, answering({**PLAIN, **more}))
    assert (found.interest_to, found.per_diem) == (date(2026, 7, 2), Decimal("121.44577"))
    assert ask(server, late(0.05, answering(PLAIN))) == QUOTE
    free = {**PLAIN, "fees": [], "total": "414536.77"}
    assert ask(server, answering(free)).fees == ()


WHOLE = written(PLAIN)
USELESS = [
    (silent, "too-slow"),
    (late(5, answering(PLAIN)), "too-slow"),
    (trickling(WHOLE, start=40, pause=0.05), "too-slow"),
    (hang_up, "unreachable"),
    (sending(b""), "unreachable"),
    (sending(b"\x00\xff\x00"), "unreachable"),
    (sending(WHOLE[:-1]), "unreachable"),
    (sending(WHOLE[:60]), "unreachable"),
    (endless, "too-large"),
    (answering(b'"' + b"x" * MOST_BYTES + b'"'), "too-large"),
    (answering(PLAIN, status=201), "status-201"),
    (answering(PLAIN, status=500), "status-500"),
    (answering(PLAIN, status=401), "status-401"),
    (answering(b"", status=302, location="http://127.0.0.1:1/"), "status-302"),
    (answering(PLAIN, status=404), "not-ready"),
    (answering(PLAIN, kind="text/html"), "wrong-content-type"),
    (answering(PLAIN, content_encoding="gzip"), "compressed"),
    (answering(b"{"), "malformed"),
    (answering(b'{"total": NaN}'), "malformed"),
    (answering(json.dumps(PLAIN).replace("}]", '}], "total": "1.00"').encode()), "malformed"),
    (answering(b"[" * 50 + b"]" * 50), "malformed"),
]


@pytest.mark.parametrize(("answer", "why"), USELESS)
def test_a_server_that_is_slow_or_down_or_broken_gives_no_figures(
    server: Upstream, answer: Answer, why: str
) -> None:
    began = time.monotonic()
    assert reason(server, answer, SECONDS if why == "too-slow" else PATIENCE) == why
    in_time(time.monotonic() - began, 10 * SECONDS)


def test_a_server_that_is_not_there_gives_no_figures() -> None:
    async def question() -> FinalQuote:
        async with over_http("http://127.0.0.1:1") as world:
            return await world.ask()

    with pytest.raises(NoFigures) as refused:
        run(question())
    assert refused.value.reason == "unreachable"


def told(**members: Any) -> dict[str, Any]:
    """Give the figures with some members as told; ... leaves one out."""
    return {name: value for name, value in {**PLAIN, **members}.items() if value is not ...}


def with_fee(**members: Any) -> dict[str, Any]:
    """Give the figures with a fee as told."""
    fee = {**PLAIN["fees"][0], **members}
    return told(fees=[{n: v for n, v in fee.items() if v is not ...}, PLAIN["fees"][1]])


LIES: list[tuple[Any, str]] = [
    (told(total="414636.76"), "do-not-add-up"),
    (told(total="414636.78"), "do-not-add-up"),
    (told(principal="412350.76"), "do-not-add-up"),
    (told(fees=[]), "do-not-add-up"),
    (told(principal="-412350.75"), "do-not-add-up"),
    (with_fee(amount="-1000000.00"), "do-not-add-up"),
    *((told(**{name: ...}), "wrong-schema") for name in PLAIN),
    *((told(**{name: None}), "wrong-schema") for name in PLAIN),
    (told(principal=412350.75), "wrong-schema"),
    (told(total=414636), "wrong-schema"),
    (told(total="414636.770"), "wrong-schema"),
    (told(total="0414636.77"), "wrong-schema"),
    (told(total="4.1463677e5"), "wrong-schema"),
    (told(total=" 414636.77"), "wrong-schema"),
    (told(total="٤١٤٦٣٦.٧٧"), "wrong-schema"),
    (told(total="9999999999999999.99"), "wrong-schema"),
    (told(currency="EUR"), "wrong-schema"),
    (told(loan_number="990010100"), "wrong-schema"),
    (told(good_through_date="2026-02-30"), "wrong-schema"),
    (told(good_through_date="20260703"), "wrong-schema"),
    (told(source=""), "wrong-schema"),
    (told(source="x" * 61), "wrong-schema"),
    (told(source="a\x00b"), "wrong-schema"),
    (told(per_diem="1.000001"), "wrong-schema"),
    (told(per_diem=None), "wrong-schema"),
    (told(interest_to="soon"), "wrong-schema"),
    (told(escrow="0.00"), "wrong-schema"),
    (told(fees={}), "wrong-schema"),
    (told(fees=[1]), "wrong-schema"),
    (told(fees=[PLAIN["fees"][0]] * (MOST_FEES + 1)), "wrong-schema"),
    (with_fee(code="a b"), "wrong-schema"),
    (with_fee(code="x" * 41), "wrong-schema"),
    (with_fee(description=...), "wrong-schema"),
    (with_fee(description="two\nlines"), "wrong-schema"),
    (with_fee(waived=True), "wrong-schema"),
    (with_fee(amount="125.0"), "wrong-schema"),
    ([PLAIN], "wrong-schema"),
    ("figures", "wrong-schema"),
    (None, "wrong-schema"),
]


@pytest.mark.parametrize(("answer", "why"), LIES)
def test_an_answer_that_is_not_as_agreed_gives_no_figures(
    server: Upstream, answer: Any, why: str
) -> None:
    assert reason(server, answering(answer)) == why
