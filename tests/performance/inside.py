"""The service in this process, and requests to it: for what is measured without sockets."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from dependency_injector import providers
from starlette.types import ASGIApp

from adapters.telemetry.log import JsonLog
from entrypoints.container import wiring
from entrypoints.http.app import create_app
from entrypoints.settings import RATE_LIMITS, Settings
from tests.http.serving import lifespan
from tests.performance.calling import Request, answered
from tests.performance.calls import PAYOFF, READS, Call, Loans, lines
from tests.performance.stocked import Stocked

AT_ONCE = 32
WARM_UP = 500
TOKENS = 100


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[ASGIApp]:
    """Start the service over a folder's data, without a relay; what it logs goes nowhere."""
    limits = {name: "100000000/minute" for name in RATE_LIMITS}
    container = wiring.build(Settings(home=home, rate_limits=limits), serving=True)
    with Path("/dev/null").open("wb") as nowhere:
        container.log.override(providers.Object(JsonLog(nowhere, "loapi", "test")))
        app: Any = create_app(wiring.services_of(container))
        async with lifespan(app):
            yield app


def payoffs(data: Stocked, loans: Sequence[str]) -> list[Request]:
    """Give a request for a payoff of each loan, good for the next five minutes."""
    some = Stocked(data.home, data.keys, loans)
    made = lines(Call("POST /payoff", PAYOFF, TOKENS, writes=True), some, Loans(some))
    return [
        Request("POST", path, token, body.encode())
        for token, path, body in (line.split(" ", 2) for line in made)
    ]


def reads(data: Stocked, name: str) -> list[Request]:
    """Give requests for what READS calls so, tokens and addresses in turn."""
    call = Call(name, READS[name], TOKENS)
    pairs = (line.split(" ") for line in lines(call, data, Loans(data)))
    return [Request("GET", path, token) for token, path in pairs]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request takes."""

    processor: float
    """Microseconds of processor time, many at once."""
    alone: float
    """The same, one after the other: each has a commit of its own."""
    latency: float
    """Milliseconds from its first to its last byte, alone: the median."""


async def cost(app: ASGIApp, requests: Sequence[Request]) -> Cost:
    """Measure requests: two thirds of them many at once, one third one after the other."""
    left: Iterator[Request] = iter(requests)
    await answered(app, _next(left, WARM_UP), AT_ONCE, 60)
    many = _next(left, (len(requests) - WARM_UP) * 2 // 3)
    began = time.process_time_ns()
    await answered(app, many, AT_ONCE, 60)
    between = time.process_time_ns()
    latencies = await answered(app, left, 1, 60)
    alone = (time.process_time_ns() - between) / len(latencies) / 1e3
    return Cost((between - began) / len(many) / 1e3, alone, median(latencies) * 1e3)


def _next(requests: Iterator[Request], count: int) -> list[Request]:
    return [request for request, _ in zip(requests, range(count))]
