"""What hot requests cost, counted in calls of Python functions: the same on every machine.

A bound is what was counted, and 30 % more. Where a change makes a request dearer on purpose, the
bound moves with it; where it makes one much cheaper, the bound should too.
"""

import gc
import json
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from types import FrameType
from typing import Any

import pytest

from entrypoints.settings import AuditReads
from tests.http.serving import LOANS, Api, a_payoff, made
from tests.performance.calling import Request, called

ROUNDS = 30
BOUNDS = {
    "GET /naics-code?limit=50": 169,
    "GET /country": 169,
    "GET /user/{id}": 792,
    "GET /payoff/{id}": 710,
    "POST /payoff": 1_800,
}
"""Calls a request, of all threads, once everything is warm; each alone in its batch."""


class Counter:
    """Counts the calls of Python functions in every thread that starts after it."""

    def __init__(self) -> None:
        self.counting = False
        self.calls: dict[int, int] = {}

    def __call__(self, _frame: FrameType, event: str, _of: Any) -> None:
        """Count; each thread has a count of its own, so that none is lost."""
        if self.counting and event == "call":
            thread = threading.get_ident()
            self.calls[thread] = self.calls.get(thread, 0) + 1

    def of(self, work: Callable[[], None]) -> int:
        """Count the calls that work makes."""
        self.calls.clear()
        self.counting = True
        try:
            work()
        finally:
            self.counting = False
        return sum(self.calls.values())


@pytest.fixture(name="counter")
def a_counter() -> Iterator[Counter]:
    """Count in this thread, and in those that are started during the test."""
    counter, before = Counter(), sys.getprofile()
    threading.setprofile(counter)
    sys.setprofile(counter)
    try:
        yield counter
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def requests(api: Api, name: str) -> Iterator[Request]:
    """Give requests of a kind; each write has a token and a loan of its own."""
    method, path = name.split()
    prepay = api.as_("prepay")
    if method == "POST":
        for loan in LOANS:
            body = json.dumps(a_payoff(loan)).encode()
            yield Request("POST", f"/api/v1{path}", prepay.token(), body)
        return
    given = str(made(prepay, "/payoff", a_payoff())["id"]) if "payoff" in path else "U1001"
    tokens = cycle([prepay.token() for _ in range(ROUNDS)])
    for token in tokens:
        yield Request("GET", f"/api/v1{path}".replace("{id}", given), token)


def send(api: Api, some: list[Request]) -> None:
    """Make requests one after the other, in the loop that serves."""

    async def one_by_one() -> None:
        for request in some:
            status = await called(api.app, request)
            assert status in (200, 201), (request, status)

    api.run(one_by_one())


@pytest.mark.parametrize("name", BOUNDS)
def test_a_hot_request_makes_no_more_calls_than_it_did(
    counter: Counter, serve: Callable[..., Api], name: str
) -> None:
    api = serve("sqlite", audit_reads=AuditReads.GATHERED)
    some = list(islice(requests(api, name), ROUNDS))
    # The first ones learn the caller, write the statements and fill the shelf.
    warm = len(some) // 3
    send(api, some[:warm])
    made_of_it = counter.of(lambda: send(api, some[warm:])) / (len(some) - warm)
    assert made_of_it <= BOUNDS[name], f"{made_of_it:.0f} calls of functions"


@pytest.mark.parametrize("name", BOUNDS)
def test_a_hot_request_leaves_no_garbage(serve: Callable[..., Api], name: str) -> None:
    api = serve("sqlite", audit_reads=AuditReads.GATHERED)
    some = requests(api, name)
    send(api, list(islice(some, ROUNDS // 3)))
    gc.collect()
    gc.disable()
    try:
        left = []
        for _ in range(3):
            send(api, list(islice(some, ROUNDS // 5)))
            left.append(gc.collect())
        # What refers to itself goes with a collection only, and collections stall everything.
        # Once in a while what is remembered is asked for anew, and leaves some.
        assert min(left) < ROUNDS // 5
    finally:
        gc.enable()


def test_a_call_in_any_thread_is_counted(counter: Counter) -> None:
    def work() -> None:
        thread = threading.Thread(target=some)
        thread.start()
        thread.join()

    assert counter.of(work) >= MANY


MANY = 100


def some() -> None:
    for _ in range(MANY):
        nothing()


def nothing() -> None:
    pass
