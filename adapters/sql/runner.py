"""Runs use cases in batches: one transaction and one commit for all that waits."""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Concatenate, Iterator, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from adapters.sql.batch import (
    is_settled,
    keys_of,
    label_of,
    put_replay_first,
    questions_of,
    read_one,
    write_one,
)
from adapters.sql.crew import Crew, Task
from adapters.sql.database import Database, Failure
from adapters.sql.journal import Backlog, SqlJournal
from adapters.sql.once import keep, kept, spend
from adapters.sql.store import RowsGone, SqlSource, write_all
from adapters.sql.together import Together
from application.audit.record import AuditRecord
from application.errors import (
    Busy,
    KeyInFlight,
    OutcomeUnknown,
    TimedOut,
    TokenReplayed,
    Unavailable,
)
from application.ports import (
    ORIGIN,
    Clock,
    Done,
    Errand,
    Reading,
    SpentToken,
    Work,
)
from application.tracing import SPAN, NoTracing, Tracing
from application.unit import Reader
from domain.errors import Conflict, Stale

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 3
"""How often a unit that the database turned away runs in all."""

REMEMBERED_TOKENS = 20_000
"""How many spent tokens are refused without asking the database."""


class SqlRunner:
    """Keeps the promises of the Runner port on a relational database.

    Each worker takes all that waits. The writes of a batch are deferred, written with one
    statement for each table and committed once. Where the batch fails, each unit runs again
    alone, so that only the culprit fails, with its own error.
    """

    def __init__(
        self,
        database: Database,
        journal: SqlJournal,
        clock: Clock,
        backlog: Backlog | None = None,
        tracing: Tracing = NoTracing(),
    ) -> None:
        """Refuse writes with BacklogFull while the backlog, where one is given, says so."""
        self._database = database
        self._backlog = backlog
        self._journal = journal
        self._clock = clock
        self._in_flight: set[tuple[str, str]] = set()
        self._spent: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._writers = Crew("write", database.writers, self._write_batch, tracing)
        self._readers = Crew("read", database.readers, self._read_batch, tracing)
        self.refusal: BaseException | None = None
        """Why the database took no write the last time, if it did not."""

    async def read(
        self, use_case: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case that changes nothing."""
        task = Task(_future(), use_case, args, kwargs, origin=ORIGIN.get(), span=SPAN.get())
        result: R = await self._readers.submit(task)
        return result

    async def write(
        self,
        errand: Errand,
        use_case: Callable[Concatenate[Work, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Done[R]:
        """Run a use case and commit what it changes with its audit record, or nothing."""
        self._refuse_spent(errand.token)
        with self._alone_under_its_key(errand):
            task = Task(_future(), use_case, args, kwargs, errand, errand.origin, SPAN.get())
            done: Done[R] = await self._writers.submit(task)
        return done

    async def record(self, *records: AuditRecord) -> None:
        """Commit audit records of requests that changed nothing."""
        await self._writers.submit(Task(_future(), span=SPAN.get(), records=records))

    def waiting(self) -> int:
        """Count the units that no worker has taken yet."""
        return self._writers.waiting() + self._readers.waiting()

    @property
    def crews(self) -> Sequence[Crew]:
        """Give the workers, with the numbers that they keep."""
        return self._writers, self._readers

    def close(self) -> None:
        """Finish what waits, and stop the workers."""
        self._writers.close()
        self._readers.close()

    @contextmanager
    def _alone_under_its_key(self, errand: Errand) -> Iterator[None]:
        key = errand.idempotency
        if key is None:
            yield
            return
        name = (key.client_id, key.key)
        if name in self._in_flight:
            raise KeyInFlight
        self._in_flight.add(name)
        try:
            yield
        finally:
            self._in_flight.discard(name)

    def _refuse_spent(self, token: SpentToken | None) -> None:
        if token and (token.client_id, token.token_id) in self._spent:
            raise TokenReplayed

    def _remember_spent(self, batch: Iterable[Task]) -> None:
        for task in batch:
            if task.error is None and task.errand and task.errand.token:
                token = task.errand.token
                self._spent[token.client_id, token.token_id] = None
        while len(self._spent) > REMEMBERED_TOKENS:
            self._spent.popitem(last=False)

    def _read_batch(self, batch: list[Task]) -> None:
        self._settle(batch, self._try_reading)

    def _try_reading(self, batch: Sequence[Task]) -> Exception | None:
        """Run a batch of reads; give the error of the store that ended it, if any."""
        try:
            with self._database.reading(label_of(batch)) as connection:
                self._read_all(batch, connection)
        except Exception as error:  # pylint: disable=broad-except  # every task gets an answer
            return error
        return None

    def _read_all(self, batch: Sequence[Task], connection: Connection) -> None:
        now = self._clock()
        if len(batch) > 1:
            together = Together(connection)
            together.foresee(questions_of(batch))
            reader = Reader(together, now)
            together.run_all(partial(read_one, task, reader) for task in batch)
        else:
            reader = Reader(SqlSource(connection), now)
            for task in batch:
                read_one(task, reader)

    def _write_batch(self, batch: list[Task]) -> None:
        self._settle(batch, self._try)
        self._remember_spent(batch)
        for task in batch:
            if task.error is None:
                self.refusal = None
            elif isinstance(task.error, Unavailable):
                self.refusal = task.error.__cause__

    def _settle(
        self, batch: Sequence[Task], attempt: Callable[[Sequence[Task]], Exception | None]
    ) -> None:
        """Run a batch; where it fails, run each task alone, so that only the culprit fails."""
        error = attempt(batch) if len(batch) > 1 else None
        if error is None and len(batch) > 1:
            return
        for task in batch:
            if error is None or self._database.failure(error) not in _OF_THE_STORE:
                error = self._tried([task], attempt)
            # Each alone would wait as long again for a store that is away, and all behind them.
            if error is not None:
                task.error = self._meaning(error)

    def _tried(
        self, alone: Sequence[Task], attempt: Callable[[Sequence[Task]], Exception | None]
    ) -> Exception | None:
        """Run one task, again where that may help; give the error of the last try, if any."""
        for number in range(TRIES - 1):
            error = attempt(alone)
            if error is None or not self._deserves_another_try(error):
                return error
            time.sleep(random.uniform(0, 0.01 * 2**number))
        return attempt(alone)

    def _try(self, batch: Sequence[Task]) -> Exception | None:
        """Run and commit a batch; give the error that rolled all of it back, if any."""
        committing = False
        try:
            with self._database.writing(label_of(batch)) as connection:
                self._run_all(batch, connection)
                for task in batch:
                    put_replay_first(task, connection)
                self._write(connection, [task for task in batch if task.error is None])
                committing = True
        except Exception as error:  # pylint: disable=broad-except  # every task gets an answer
            if not committing or self._database.failure(error) not in _UNKNOWN_IN_COMMIT:
                return error
            for task in batch:
                task.error = task.error or OutcomeUnknown()
        return None

    def _run_all(self, batch: Sequence[Task], connection: Connection) -> None:
        """Run the use cases of a batch, those aside whose answer is kept."""
        now = self._clock()
        behind = self._backlog is not None and self._backlog.refuses(now)
        answers = kept(connection, keys_of(batch), now)
        left = [task for task in batch if not is_settled(task, answers, behind)]
        if len(left) > 1:
            together = Together(connection)
            together.foresee(questions_of(left))
            together.run_all(partial(write_one, task, together, self._clock()) for task in left)
        else:
            for task in left:
                write_one(task, SqlSource(connection), self._clock())

    def _write(self, connection: Connection, tasks: Sequence[Task]) -> None:
        """Write what the units of a batch noted, with the records that explain it."""
        errands = [(task, task.errand) for task in tasks if task.errand]
        tokens = [errand.token for _, errand in errands if errand.token]
        spend(connection, tokens, self._database.failure)
        write_all(connection, [write for task in tasks for write in task.writes])
        self._journal.append(connection, [record for task in tasks for record in task.records])
        keep(
            connection,
            [
                (errand.idempotency, task.result.value, self._clock())
                for task, errand in errands
                if errand.idempotency and task.keeps_answer
            ],
        )

    def _meaning(self, error: BaseException) -> BaseException:
        """Give the error that the caller gets for one of the store."""
        if isinstance(error, RowsGone):
            return Stale("The record has changed meanwhile.")
        if not isinstance(error, DBAPIError):
            return error
        meaning = _MEANING.get(self._database.failure(error))
        if meaning is None:
            return error
        found = meaning()
        found.__cause__ = error
        return found

    def _deserves_another_try(self, error: BaseException) -> bool:
        return isinstance(error, RowsGone) or self._database.failure(error) in _WORTH_A_TRY


def _excluded() -> Conflict:
    return Conflict("A record that is there already excludes this one.")


_MEANING: dict[Failure, Callable[[], Exception]] = {
    Failure.CLASH: _excluded,
    Failure.AGAIN: Busy,
    Failure.BUSY: Busy,
    Failure.UNAVAILABLE: Unavailable,
    Failure.LATE: TimedOut,
    Failure.LOST: Unavailable,
}
_OF_THE_STORE = (Failure.BUSY, Failure.UNAVAILABLE, Failure.LATE)
_WORTH_A_TRY = (Failure.CLASH, Failure.AGAIN, Failure.LOST)
_UNKNOWN_IN_COMMIT = (Failure.LATE, Failure.LOST)


def _future() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()
