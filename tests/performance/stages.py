"""Where a request's time goes, stage by stage: `uv run python -m tests.performance.stages`.

The app that ships over SQLite, called without sockets, 32 requests at once. Each stage's functions
are timed by the processor time of their thread, what they call of another stage left out; what is
left of the process's time is the event loop's, the threads' and SQLAlchemy's. Microseconds a
request. The commit waits for the disk besides; that is in no stage.
"""

import argparse
import asyncio
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import wraps
from inspect import iscoroutinefunction
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dependency_injector import providers
from sqlalchemy.engine.default import DefaultDialect

from adapters.jwt.guard import JwtGuard
from adapters.sql import batch, runner
from adapters.sql.journal import SqlJournal
from adapters.sql.store import SqlSource
from adapters.sql.together import Together
from adapters.telemetry.log import JsonLog
from application.audit.notes import Notes
from entrypoints.container import wiring
from entrypoints.http import route
from entrypoints.http.answers import Answering
from entrypoints.http.app import create_app
from entrypoints.http.gate import Gate
from entrypoints.http.server import settle
from entrypoints.http.table import RouteTable
from entrypoints.http.watch import Watch
from entrypoints.settings import RATE_LIMITS, Settings
from tests.http.serving import lifespan
from tests.performance.calling import Request, answered
from tests.performance.calls import PAYOFF, READS, Call, Loans, lines
from tests.performance.report import machine, put, table
from tests.performance.stocked import Stocked, stocked

AT_ONCE = 32
STAGES: Mapping[str, Sequence[tuple[Any, str]]] = {
    "gate: the token": ((JwtGuard, "verify"),),
    "gate: limits": ((Gate, "_limit"),),
    "gate: the rest": ((Gate, "__call__"),),
    "routing": ((RouteTable, "find"),),
    "validation": ((route, "strict_body"),),
    "use case": ((batch, "_attempt"),),
    "SQL: reading": ((SqlSource, "get"), (SqlSource, "find"), (Together, "_ask")),
    "SQL: writing": ((runner, "write_all"), (runner, "spend"), (batch, "is_spent")),
    "audit record": ((batch, "_account_for"), (Notes, "read")),
    "journal": ((SqlJournal, "append"),),
    "commit": ((DefaultDialect, "do_commit"),),
    "serialise": ((Answering, "response"),),
    "log": ((Watch, "begin"), (Watch, "end"), (JsonLog, "flush")),
}
READER = "validation"
REST = "event loop, threads, transactions"


class Times:
    """Adds up the time of stages, each without what it calls of another."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._here = threading.local()

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Time a stage."""
        outer: list[int] = self._here.__dict__.setdefault("inner", [0])
        self._here.inner, began = [0], time.thread_time_ns()
        try:
            yield
        finally:
            took = time.thread_time_ns() - began
            self.spent[stage] += took - self._here.inner[0]
            outer[0] += took
            self._here.inner = outer

    def wrapped(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function, timed."""
        if iscoroutinefunction(function):
            @wraps(function)
            async def stepped(*args: Any, **kwargs: Any) -> Any:
                return await _Steps(self, stage, function(*args, **kwargs))

            return stepped

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.of(stage):
                return function(*args, **kwargs)

        return timed


class _Steps:
    """Times a coroutine from each resumption to the next wait."""

    def __init__(self, times: Times, stage: str, coroutine: Any) -> None:
        self._times, self._stage, self._coroutine = times, stage, coroutine

    def __await__(self) -> Generator[Any, None, Any]:
        while True:
            try:
                with self._times.of(self._stage):
                    waits_for = self._coroutine.send(None)
            except StopIteration as end:
                return end.value
            yield waits_for


def main() -> None:
    """Measure each call, and print its stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--print", action="store_true", dest="only_print")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = stocked(Path(name), 60_000)
        found = asyncio.run(_profiled(data, chosen.seconds))
    rows = [
        [stage, *(f"{spent.get(stage, 0.0):.1f}" for spent in found.values())]
        for stage in (*STAGES, REST, "in all")
    ]
    text = table(["µs a request", *(f"`{name}`" for name in found)], rows)
    print(text)
    if not chosen.only_print:
        put("stages", f"{machine()}\n\n{text}")


async def _profiled(data: Stocked, seconds: float) -> dict[str, dict[str, float]]:
    times, loans = Times(), Loans(data)
    with ExitStack() as patches:
        for stage, places in STAGES.items():
            for owner, name in places:
                function = times.wrapped(stage, getattr(owner, name))
                patches.enter_context(patch.object(owner, name, function))
        readers = getattr(route, "_body_reader")

        def timed(adapter: Any) -> Any:
            return times.wrapped(READER, readers(adapter))

        patches.enter_context(patch.object(route, "_body_reader", timed))
        async with AsyncExitStack() as stack:
            app = _app(data)
            await stack.enter_async_context(lifespan(app))
            return {
                call.title.replace(", 100 tokens", ""):
                    await _spent(app, _requests(call, data, loans), times, seconds)
                for call in _calls()
            }


def _calls() -> Iterator[Call]:
    yield Call("POST /payoff", PAYOFF, 100, writes=True)
    yield Call("POST /payoff", PAYOFF, 0, writes=True)
    for name in ("GET /user/{id}", "GET /naics-code/?limit=50"):
        yield Call(name, READS[name], 100)


def _app(data: Stocked) -> Any:
    limits = {name: "100000000/minute" for name in RATE_LIMITS}
    container = wiring.build(Settings(home=data.home, rate_limits=limits), serving=True)
    container.log.override(providers.Object(JsonLog(BytesIO(), "loapi", "test")))
    return create_app(wiring.services_of(container))


def _requests(call: Call, data: Stocked, loans: Loans) -> Iterator[Request]:
    """Give requests: each line once where something is written, else again and again."""
    told = lines(call, data, loans)
    while True:
        for line in told:
            token, path, *body = line.split(" ", 2)
            if call.writes:
                loans.used(1)
            yield Request("POST" if body else "GET", path, token, "".join(body).encode())
        told = lines(call, data, loans) if call.writes else told


async def _spent(
    app: Any, requests: Iterator[Request], times: Times, seconds: float
) -> dict[str, float]:
    """Give the microseconds of each stage a request."""
    ready = list(islice(requests, 25_000))
    # As the server does: collections would fall on whatever stage runs just then.
    settle()
    await answered(app, ready[:1_000], AT_ONCE, 60)
    times.spent.clear()
    began = time.process_time_ns()
    count = len(await answered(app, ready[1_000:], AT_ONCE, seconds))
    whole = time.process_time_ns() - began
    found = {stage: spent / count / 1e3 for stage, spent in times.spent.items()}
    found[REST] = whole / count / 1e3 - sum(found.values())
    return found | {"in all": whole / count / 1e3}


if __name__ == "__main__":
    main()
