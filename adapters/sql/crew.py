"""Worker threads that take all that waits, and wake the event loop once for each batch."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from application.audit.record import AuditRecord, Origin
from application.errors import Busy, OutcomeUnknown
from application.measures import Spread
from application.ports import Errand
from application.tracing import NO_SPAN, SPAN, NoTracing, Span, Tracing
from application.unit import Write

LARGEST_BATCH = 64
"""How many tasks a worker takes at a time at most."""

GATHERED_FOR = 0.001
"""Seconds that the first task waits for others, where the last batch had several: those who were
answered together come back together, and half of them at a time cost a sixth more."""

LONGEST_QUEUE = 2_000
"""How many tasks wait at most; further ones are told that the service is busy."""

LONGEST_WAIT = 10.0
"""Seconds that a task waits at most before a worker takes it."""

LONGEST_CLOSE = 5.0
"""Seconds that closing waits at most for a store that does not answer."""


@dataclass(slots=True, eq=False)
class Task:
    """A use case, or records to write, on the way through a worker."""

    future: "asyncio.Future[Any]"
    use_case: Callable[..., Any] | None = None
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """What the use case takes behind its unit of work."""
    errand: Errand | None = None
    origin: Origin | None = None
    """The request that it is done for, if any."""
    span: Span = NO_SPAN
    """The span of that request."""
    records: Sequence[AuditRecord] = ()
    """What goes into the journal."""
    writes: Sequence[Write] = ()
    """What the use case noted."""
    keeps_answer: bool = False
    result: Any = None
    error: BaseException | None = None
    give_up_at: float = 0.0

    def break_off(self, fault: BaseException) -> None:
        """Note that a fault of ours ended its batch: how far a write got, nobody knows."""
        if self.error is None:
            writes = self.errand is not None or bool(self.records)
            self.error = OutcomeUnknown() if writes else RuntimeError("a worker broke off")
            self.error.__cause__ = fault

    def settle(self) -> None:
        """Answer the coroutine that waits, unless it has gone."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Crew:
    """Some threads over one queue."""

    def __init__(
        self,
        name: str,
        size: int,
        run: Callable[[list[Task]], None],
        tracing: Tracing = NoTracing(),
    ) -> None:
        self.name = name
        self.sizes = Spread()
        """How many tasks the batches had."""
        self.waits = Spread()
        """Seconds that the first task of each batch had waited."""
        self._noting = Lock()
        self._tracing = tracing
        self._run = run
        self._closed = False
        self._turn = Lock()
        self._gathers = False
        self._queue: SimpleQueue[Task | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._serve, name=f"loapi-{name}-{number}", daemon=True)
            for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Task) -> "asyncio.Future[Any]":
        """Put a task in the queue; raises Busy where too many wait, or the crew has stopped."""
        if self._closed or self._queue.qsize() >= LONGEST_QUEUE:
            raise Busy
        task.give_up_at = time.monotonic() + LONGEST_WAIT
        self._queue.put(task)
        return task.future

    def waiting(self) -> int:
        """Count the tasks that no thread has taken yet."""
        return self._queue.qsize()

    def close(self) -> None:
        """Finish what waits, and stop; what a store keeps waiting for longer is left behind."""
        self._closed = True
        for _ in self._threads:
            self._queue.put(None)
        until = time.monotonic() + LONGEST_CLOSE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _serve(self) -> None:
        while batch := self._take():
            fault = self._fault_in(batch)
            _settle(batch)
            if fault is not None:
                _tell(fault)

    def _fault_in(self, batch: list[Task]) -> BaseException | None:
        """Run a batch; give what went wrong beside the errors of its tasks.

        A thread that died of it would leave the tasks without an answer, and the crew with a
        thread fewer, until it has none.
        """
        ran = False
        try:
            self._note(batch)
            span = self._tracing.batch(self.name, batch)
            SPAN.set(span)
            self._run([task for task in batch if task.error is None])
            ran = True
            span.end()
        except BaseException as fault:  # pylint: disable=broad-except  # see above
            for task in () if ran else batch:
                task.break_off(fault)
            return fault
        return None

    def _note(self, batch: list[Task]) -> None:
        """Note how long a batch has waited; tasks that have waited too long are turned away."""
        now = time.monotonic()
        with self._noting:
            self.sizes.note(len(batch))
            self.waits.note(now + LONGEST_WAIT - batch[0].give_up_at)
        for task in batch:
            if task.give_up_at < now:
                task.error = Busy()

    def _take(self) -> list[Task]:
        """Wait for a task and take all that wait with it; nothing when it is time to stop."""
        # One thread at a time: another would take from the batch that this one gathers.
        with self._turn:
            first = self._queue.get()
            if first is None:
                return []
            if self._gathers:
                time.sleep(GATHERED_FOR)
            batch = [first, *self._waiting()]
            self._gathers = len(batch) > 1
        return batch

    def _waiting(self) -> Iterator[Task]:
        """Take what waits, as much as fits in a batch beside the first."""
        for _ in range(LARGEST_BATCH - 1):
            try:
                task = self._queue.get_nowait()
            except Empty:
                return
            if task is None:
                self._queue.put(None)
                return
            yield task


def _settle(batch: Sequence[Task]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Task]] = defaultdict(list)
    for task in batch:
        by_loop[task.future.get_loop()].append(task)
    for loop, tasks in by_loop.items():
        # A closed loop has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_here, tasks)


def _settle_here(tasks: Sequence[Task]) -> None:
    for task in tasks:
        task.settle()


def _tell(fault: BaseException) -> None:
    """Tell of a fault as of one that ended this thread, which goes on."""
    what = type(fault), fault, fault.__traceback__, threading.current_thread()
    # Whatever becomes of telling, the thread goes on.
    with suppress(Exception):
        threading.excepthook(threading.ExceptHookArgs(what))
