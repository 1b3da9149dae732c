"""Workers take what waits together, and wait a moment only for those who come back together."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from adapters.sql import crew
from adapters.sql.crew import Crew, Task

FOR_GOOD = 600.0
DEADLINE = 60.0


@contextmanager
def working(run: Callable[[list[Task]], None], size: int = 1) -> Iterator[Crew]:
    workers = Crew("test", size, run)
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
