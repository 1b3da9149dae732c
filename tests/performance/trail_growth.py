"""What a write, the relay and the verifier cost when the trail has grown."""

import asyncio
import gc
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from application.audit.members import Ordered
from application.audit.record import AuditRecord
from application.identities import new_text
from application.query import Query
from domain.model import uuid7
from entrypoints.container import examination, wiring
from entrypoints.settings import AuditSinkName, Settings
from tests.performance.inside import Cost, cost, payoffs, running
from tests.performance.stocked import Stocked

AT_A_TIME = 5_000
"""Records that are committed before the relay seals them: ten batches."""

REQUESTS = 3_500
LATELY = 20_000
"""Records over which the relay's pace is taken."""


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured with so many records in the log."""

    records: int
    write: Cost
    sealed: float
    """Records that the relay seals and indexes in a second of processor time."""
    verified: float
    """Records that the verifier reads in one."""


def points(data: Stocked, sizes: list[int]) -> Iterator[Point]:
    """Let the trail grow to each size in turn, and measure there."""
    growing = Growing(data)
    try:
        for number, size in enumerate(sizes):
            sealed, reached = growing.grow_to(size), growing.size
            # What the filling left for the disk would be waited for by those who are measured.
            os.sync()
            loans = data.loans[number * REQUESTS:(number + 1) * REQUESTS]
            write = asyncio.run(_written(data, loans))
            yield Point(reached, write, sealed, growing.verify())
    finally:
        growing.close()


async def _written(data: Stocked, loans: Sequence[str]) -> Cost:
    async with running(data.home) as app:
        return await cost(app, payoffs(data, loans))


class Growing:
    """The trail of a folder's database, which grows by records of payoffs like its last one."""

    def __init__(self, data: Stocked) -> None:
        self._container = wiring.build(Settings(home=data.home))
        self._relay = self._container.relay()
        self._like = asyncio.run(self._payoff(data))
        # As the relay's own process does it.
        gc.collect()
        gc.freeze()

    @property
    def size(self) -> int:
        """How many records the log has."""
        found: int = self._container.ledger().tree().size
        return found

    def grow_to(self, size: int) -> float:
        """Commit records and let the relay seal them; give how many it does in a second.

        Of the last ones only: what it took before was with fewer records in the log.
        """
        self._seal()
        took: list[tuple[int, float]] = []
        while (lack := size - self.size) > 0:
            self._commit(min(AT_A_TIME, lack))
            took = [*took, self._seal()][-LATELY // AT_A_TIME:]
        self._relay.lease.release()
        return sum(count for count, _ in took) / sum(seconds for _, seconds in took) if took else 0

    def verify(self) -> float:
        """Verify the whole log; give how many records that was in a second of processor time."""
        self._seal()
        self._relay.lease.release()
        verification = examination.live(
            self._container, [AuditSinkName.DATABASE], lambda _size: None
        )
        began = time.process_time()
        verdict = verification.run()
        assert verdict.finding is None, verdict.finding
        return verdict.count / (time.process_time() - began)

    def close(self) -> None:
        """Let go of the database."""
        self._container.runner().close()
        self._container.database().close()

    def _seal(self) -> tuple[int, float]:
        count, began = 0, time.process_time()
        while done := self._relay.step():
            count += done
        return count, time.process_time() - began

    def _commit(self, count: int) -> None:
        now = int(time.time() * 1000)
        with self._container.database().writing() as connection:
            records = [self._record(uuid7(now, random.getrandbits)) for _ in range(count)]
            self._container.journal().append(connection, sorted(records, key=lambda r: r.id))

    def _record(self, record_id: UUID) -> AuditRecord:
        """Give a record that differs from others in what differs between requests."""
        key = str(UUID(int=record_id.int ^ 1))
        (change,) = self._like.changes
        return replace(
            self._like, id=record_id, request_id=new_text(),
            entities=(f"payoff/{key}",),
            # As a use case tells it: what was read from the trail is written in another way.
            changes=(replace(change, key=key, fields=Ordered(change.fields)),),
        )

    async def _payoff(self, data: Stocked) -> AuditRecord:
        """Request a payoff; give its record."""
        async with running(data.home) as app:
            await cost(app, payoffs(data, data.loans[-600:]))
        query = Query().where("action", "payoff.request")
        found: AuditRecord = self._container.trail().find(replace(query, limit=1)).items[0]
        return found
