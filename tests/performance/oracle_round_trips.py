"""Throughput where round trips decide: `uv run python -m tests.performance.oracle_round_trips`.

The app that ships over the stand-in for Oracle's driver, whose round trips take 1 ms besides their
work, with 8 sessions, 32 requests at once. Beside it the same app with another runner: a session a
request, as FastAPI's documentation has it. The stand-in is made to keep what a transaction inserts
until its commit, since SQLite would let one session write at a time where Oracle lets all.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import insert

from adapters.sql.database import Label
from adapters.sql.once import spend
from adapters.sql.runner import SqlRunner
from adapters.sql.store import SqlSource, row_of, write_all
from adapters.sql.tables import TABLES
from application import users
from application.ports import Done, Errand
from application.unit import Reader, Unit
from domain.loan import Loan
from entrypoints.container import wiring
from entrypoints.container.datasets import demo_portfolio
from tests.http.serving import TODAY, Template
from tests.performance.calling import Request, answered
from tests.performance.calls import payoffs_on
from tests.performance.minting import tokens
from tests.performance.report import machine, put, table
from tests.support.oracle import service as oracle
from tests.support.oracle.session import Session

DELAYS = 0.001, 0.005
"""Seconds a round trip: in one place, and between two."""
SESSIONS = 8
AT_ONCE = 32
LOANS = 12_000
FIRST_LOAN = 5_000_000_000
FAST_API_THREADS = 40


class SessionARequest(SqlRunner):
    """Runs each use case in a thread and a transaction of its own, with a session of its own."""

    knows_places = True
    """Whether the caller's places are remembered, as ours are, or asked for in each session."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._threads = ThreadPoolExecutor(FAST_API_THREADS)

    async def read(self, use_case: Any, *args: Any, **kwargs: Any) -> Any:
        """Run it in a session, which ends with a rollback."""
        return await self._in_thread(lambda: self._reading(use_case, *args, **kwargs))

    async def write(self, errand: Errand, use_case: Any, *args: Any, **kwargs: Any) -> Any:
        """Run it in a session, and commit."""
        return await self._in_thread(lambda: self._writing(errand, use_case, *args, **kwargs))

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _reading(self, use_case: Any, *args: Any, **kwargs: Any) -> Any:
        with self._database.writing_engine.connect() as connection:
            self._database.put_label(connection, Label("session"))
            reader = Reader(SqlSource(connection), self._clock())
            self._ask_places(reader, use_case)
            found = use_case(reader, *args, **kwargs)
            connection.rollback()
            return found

    def _writing(self, errand: Errand, use_case: Any, *args: Any, **kwargs: Any) -> Any:
        with self._database.writing(Label("session")) as connection:
            unit = Unit(SqlSource(connection), self._clock())
            self._ask_places(unit, use_case)
            value = use_case(unit, *args, **kwargs)
            if errand.token:
                spend(connection, [errand.token], self._database.failure)
            write_all(connection, unit.writes())
            self._journal.append(connection, unit.records(errand.origin, unit.writes()))
            return Done(value)

    def _ask_places(self, reading: Any, use_case: Any) -> None:
        if not self.knows_places and use_case is not users.roles:
            users.roles(reading, "U1001")


class ForgetfulSession(SessionARequest):
    """Asks for the caller's places in each session, as the peer does."""

    knows_places = False


@contextmanager
def rows_locked_only() -> Iterator[None]:
    """Let sessions of the stand-in write beside each other: what is inserted waits for commit."""
    begin, end, run = Session.lock, Session.end, Session.run
    later: dict[Session, list[tuple[str, list[Any]]]] = {}

    def note(session: Session, text: str, parameters: list[Any]) -> Any:
        if text.lstrip().upper().startswith("INSERT"):
            later.setdefault(session, []).append((text, parameters))
            return SimpleNamespace(rowcount=1)
        if not text.lstrip().upper().startswith("SELECT"):
            begin(session)
        return run(session, text, parameters)

    def finish(session: Session, how: str) -> None:
        noted = later.pop(session, [])
        if noted and how == "COMMIT":
            begin(session)
            for text, parameters in noted:
                run(session, text, parameters)
        end(session, how)

    with (
        patch.object(Session, "lock", lambda _session: None), patch.object(Session, "end", finish),
        patch.object(Session, "run", note), patch.object(oracle, "SESSIONS", SESSIONS),
    ):
        yield


def main() -> None:
    """Measure each call with each design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--print", action="store_true", dest="only_print")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, rows_locked_only():
        (folder := Path(name) / "served").mkdir()
        template = _with_loans(oracle.stocked(Path(name)), folder)
        rows = [
            row
            for delay in DELAYS
            for call in ("POST /payoff", "GET /user/{id}")
            for row in _compared(template, folder, call, chosen.seconds, delay)
        ]
    text = table(
        ("call", "design", "round trips a request", "requests/s", "p50 ms", "p99 ms", "ratio"),
        rows,
    )
    print(text)
    if not chosen.only_print:
        put("oracle", f"{machine()}\n\n{text}")


DESIGNS: dict[str, type[SqlRunner]] = {
    "loapi": SqlRunner,
    "a session a request, places remembered": SessionARequest,
    "a session a request": ForgetfulSession,
}


def _compared(
    template: Template, folder: Path, call: str, seconds: float, delay: float
) -> Iterator[Sequence[str]]:
    ours = 0.0
    for design, runner in DESIGNS.items():
        with _run_by(runner), oracle.served(template, folder) as service:
            trips, rate, took = _measured(service, call, seconds, delay)
        ours = ours or rate
        slow = quantiles(took, n=100)[98]
        yield (
            f"`{call}`, {delay * 1e3:.0f} ms", design, f"{trips:.2f}", f"{rate:,.0f}",
            f"{median(took) * 1e3:.1f}", f"{slow * 1e3:.1f}", f"{ours / rate:.1f}",
        )


@contextmanager
def _run_by(runner: type[SqlRunner]) -> Iterator[None]:
    """Let the container build another runner."""
    provider = wiring.Container.runner
    kept = provider.provides
    provider.set_provides(runner)
    try:
        yield
    finally:
        provider.set_provides(kept)


def _measured(
    service: oracle.Service, call: str, seconds: float, delay: float
) -> tuple[float, float, list[float]]:
    """Give round trips a request, requests a second, and the latencies."""
    requests, run = _requests(service, call), service.api.run
    # Those of the first second find statements to be written, and round trips that take no time.
    run(answered(service.api.app, requests, AT_ONCE, 1.0))
    service.sessions.server.delay = delay
    service.sessions.trips()
    began = time.perf_counter()
    took = run(answered(service.api.app, requests, AT_ONCE, seconds))
    rate = len(took) / (time.perf_counter() - began)
    trips = len(service.sessions.trips()) / len(took)
    service.sessions.server.delay = 0.0
    return trips, rate, took


def _requests(service: oracle.Service, call: str) -> Iterator[Request]:
    key, now = service.api.keys["prepay"], service.api.clock.seconds
    fresh = tokens(key, "U1001", now)
    if call == "GET /user/{id}":
        some = list(islice(fresh, 100))
        while True:
            yield from (Request("GET", "/api/v1/user/U1001", token) for token in some)
    numbers = [str(FIRST_LOAN + number) for number in range(LOANS)]
    for token, body in zip(fresh, payoffs_on(TODAY, numbers)):
        yield Request("POST", "/api/v1/payoff", token, body.encode())


def _with_loans(template: Template, folder: Path) -> Template:
    first = demo_portfolio(TODAY).loans[0]
    with oracle.served(template, folder) as service:
        with service.database.writing() as connection:
            connection.execute(insert(TABLES[Loan]), [
                row_of(replace(first, loan_number=str(FIRST_LOAN + number), version=1))
                for number in range(LOANS)
            ])
        filled = (folder / "stand-in.db").rename(folder / "filled.db")
    return replace(template, file=filled)


if __name__ == "__main__":
    main()
