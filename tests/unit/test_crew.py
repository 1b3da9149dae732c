"""Workers take what waits together, and wait a moment only for those who come back together."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest

from adapters.sql import crew
from adapters.sql.crew import Crew, Task
from application.audit.record import Origin
from application.errors import OutcomeUnknown
from application.ports import Errand
from application.tracing import NoSpan, NoTracing, Span

FOR_GOOD = 600.0
DEADLINE = 60.0


@contextmanager
def working(
    run: Callable[[list[Task]], None], size: int = 1, tracing: NoTracing = NoTracing()
) -> Iterator[Crew]:
    workers = Crew("test", size, run, tracing)
    try:
        yield workers
    finally:
        workers.close()


def task() -> Task:
    return Task(asyncio.get_running_loop().create_future())


async def answered(*futures: "asyncio.Future[object]") -> None:
    await asyncio.wait_for(asyncio.gather(*futures), DEADLINE)


@pytest.mark.parametrize("size", [1, 2])
def test_those_who_were_answered_together_are_gathered_again(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(crew, "GATHERED_FOR", 1.0)
    begun, go, sizes = [Event() for _ in range(size)], Event(), list[int]()

    def run(batch: list[Task]) -> None:
        sizes.append(len(batch))
        if len(sizes) <= size:
            begun[len(sizes) - 1].set()
            go.wait(DEADLINE)

    async def come_and_come_back() -> None:
        with working(run, size) as workers:
            busy = []
            for each in begun:
                busy.append(workers.submit(task()))
                await asyncio.to_thread(each.wait, DEADLINE)
            together = [workers.submit(task()) for _ in range(5)]
            go.set()
            await answered(*busy, *together)
            again = [workers.submit(task())]
            await asyncio.sleep(0)
            again += [workers.submit(task()) for _ in range(4)]
            await answered(*again)

    asyncio.run(come_and_come_back())
    assert sizes == [1] * size + [5, 5]


def test_who_comes_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "GATHERED_FOR", FOR_GOOD)

    async def come_alone() -> None:
        with working(lambda batch: None) as workers:
            for _ in range(3):
                await answered(workers.submit(task()))

    asyncio.run(come_alone())


def test_closing_finishes_what_waits_and_ends_every_thread() -> None:
    done = list[Task]()

    async def come_and_close() -> None:
        with working(done.extend, size=3) as workers:
            futures = [workers.submit(task()) for _ in range(100)]
        await answered(*futures)

    asyncio.run(come_and_close())
    assert len(done) == 100


# Faults beside the errors of tasks


@pytest.fixture(name="told")
def what_threads_tell(monkeypatch: pytest.MonkeyPatch) -> list[threading.ExceptHookArgs]:
    told: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    return told


class BrokenSpan(NoSpan):
    def end(self, error: BaseException | None = None) -> None:
        raise LookupError


class BrokenTracing(NoTracing):
    """Breaks where a batch begins, or where it ends."""

    def __init__(self, begins: bool) -> None:
        self._begins = begins

    def batch(self, *_: Any, **__: Any) -> Span:
        if self._begins:
            return BrokenSpan()
        raise LookupError


def breaking(times: int, fault: type[BaseException]) -> Callable[[list[Task]], None]:
    """Give what runs batches, and breaks at the first ones."""
    left = [fault] * times

    def run(batch: list[Task]) -> None:
        if left:
            raise left.pop()
        for each in batch:
            each.result = "served"

    return run


async def outcomes(*futures: "asyncio.Future[Any]") -> list[Any]:
    whole = asyncio.gather(*futures, return_exceptions=True)
    return await asyncio.wait_for(whole, DEADLINE)


@pytest.mark.parametrize("fault", [RuntimeError, MemoryError, StopIteration, SystemExit])
def test_a_worker_that_breaks_answers_its_batch_and_goes_on(
    told: list[threading.ExceptHookArgs], fault: type[BaseException]
) -> None:
    async def come_again() -> list[Any]:
        with working(breaking(3, fault)) as workers:
            return [(await outcomes(workers.submit(task())))[0] for _ in range(4)]

    *broken, served = asyncio.run(come_again())
    assert served == "served"
    assert [type(each) for each in broken] == [RuntimeError] * 3
    assert [(each.exc_type, each.thread and each.thread.name) for each in told] == [
        (fault, "loapi-test-0")
    ] * 3


def test_of_a_write_whose_worker_breaks_the_outcome_is_unknown(
    told: list[threading.ExceptHookArgs]
) -> None:
    async def write() -> Any:
        writing = task()
        writing.errand = Errand(origin=Origin(request_id="r", action="test"))
        with working(breaking(1, MemoryError)) as workers:
            return (await outcomes(workers.submit(writing)))[0]

    outcome = asyncio.run(write())
    assert isinstance(outcome, OutcomeUnknown) and isinstance(outcome.__cause__, MemoryError)
    assert len(told) == 1


@pytest.mark.parametrize("begins", [True, False])
def test_tracing_that_breaks_takes_no_answer_and_no_worker_away(
    told: list[threading.ExceptHookArgs], begins: bool
) -> None:
    async def come() -> list[Any]:
        with working(breaking(0, MemoryError), tracing=BrokenTracing(begins)) as workers:
            return [(await outcomes(workers.submit(task())))[0] for _ in range(2)]

    for outcome in asyncio.run(come()):
        assert outcome == "served" if begins else isinstance(outcome, RuntimeError)
    assert [each.exc_type for each in told] == [LookupError] * 2


def test_whoever_cannot_be_told_of_a_fault_stops_no_worker(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_died: threading.ExceptHookArgs) -> None:
        raise MemoryError

    monkeypatch.setattr(threading, "excepthook", deaf)

    async def come_again() -> list[Any]:
        with working(breaking(1, MemoryError)) as workers:
            return [(await outcomes(workers.submit(task())))[0] for _ in range(2)]

    assert asyncio.run(come_again())[1] == "served"


def test_a_loop_that_closes_meanwhile_leaves_the_worker_to_the_others(
    told: list[threading.ExceptHookArgs]
) -> None:
    begun, go = Event(), Event()

    def run(_batch: list[Task]) -> None:
        begun.set()
        go.wait(DEADLINE)

    async def leave(workers: Crew) -> None:
        workers.submit(task())
        await asyncio.to_thread(begun.wait, DEADLINE)

    async def come(workers: Crew) -> None:
        await answered(workers.submit(task()))

    with working(run) as workers:
        asyncio.run(leave(workers))
        go.set()
        asyncio.run(come(workers))
    assert not told
