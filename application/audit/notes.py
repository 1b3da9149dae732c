"""Records of requests that changed nothing: refusals before their answer, reads gathered."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from application.audit.record import AuditRecord, Origin, Outcome, account
from application.errors import ServiceError
from application.identities import new_id
from application.ports import Clock, Runner
from domain.model import Record, key_of, key_text, kind_name

GATHER_SECONDS = 0.2
"""How long a record of a read waits for others; a crash may lose that much."""

FOLD_ABOVE = 100
"""Refusals a minute of one client, route and reason that get a record each; the rest of that
minute is counted in one."""

MOST_HELD = 10_000
"""How many records of reads wait for a store that cannot take them."""

Flood = tuple[str | None, str | None, str | None, str]


@dataclass(slots=True)
class Count:
    """A minute's refusals of one kind."""

    origin: Origin
    outcome: Outcome
    seen: int = 0
    folded: int = 0


class Notes:
    """Writes the records of refusals and reads through the runner."""

    def __init__(self, runner: Runner, clock: Clock, *, strict_reads: bool = False) -> None:
        self._runner = runner
        self._clock = clock
        self._strict_reads = strict_reads
        self._reads: list[AuditRecord] = []
        self._flush: asyncio.Task[None] | None = None
        self._minute = 0
        self._minute_end: asyncio.Task[None] | None = None
        self._counts: dict[Flood, Count] = {}

    async def refusal(self, origin: Origin, outcome: Outcome, reason: str) -> None:
        """Record a refused or failed request; when this returns, the record is committed."""
        await self._begin_minute()
        flood = (origin.client_id, origin.route, origin.address, reason)
        count = self._counts.setdefault(flood, Count(origin, outcome))
        count.seen += 1
        if count.seen > FOLD_ABOVE:
            count.folded += 1
        else:
            await self._runner.record(self._record(origin, outcome, reason=reason))

    async def read(
        self, origin: Origin, records: Iterable[Record], filters: dict[str, Any] | None
    ) -> None:
        """Record which records a caller has read, within 250 ms, or at once where reads are
        strict."""
        entities = tuple(f"{kind_name(type(r))}/{key_text(key_of(r))}" for r in records)
        note = self._record(origin, Outcome.READ, entities=entities, filters=filters)
        if self._strict_reads:
            await self._runner.record(note)
            return
        self._reads.append(note)
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._flush_later())

    async def close(self) -> None:
        """Write everything that is still held."""
        for task in (self._flush, self._minute_end):
            if task is not None:
                task.cancel()
        await self._flush_reads()
        await self._fold()

    async def _flush_later(self) -> None:
        while self._reads:
            await asyncio.sleep(GATHER_SECONDS)
            await self._flush_reads()

    async def _flush_reads(self) -> None:
        gathered, self._reads = self._reads, []
        if not gathered:
            return
        try:
            await self._runner.record(*gathered)
        except ServiceError:
            self._reads = (gathered + self._reads)[:MOST_HELD]

    async def _begin_minute(self) -> None:
        minute = int(self._clock().timestamp() // 60)
        if minute != self._minute:
            self._minute = minute
            await self._fold()
        if self._minute_end is None or self._minute_end.done():
            self._minute_end = asyncio.create_task(self._fold_at_end_of_minute())

    async def _fold_at_end_of_minute(self) -> None:
        await asyncio.sleep(60 - self._clock().timestamp() % 60)
        await self._fold()

    async def _fold(self) -> None:
        counts, self._counts = self._counts, {}
        folded = [
            self._record(count.origin, count.outcome, reason=reason, count=count.folded)
            for (_, _, _, reason), count in counts.items()
            if count.folded
        ]
        if folded:
            await self._runner.record(*folded)

    def _record(self, origin: Origin, outcome: Outcome, **details: Any) -> AuditRecord:
        now = self._clock()
        return account(new_id(now), now, origin, outcome, **details)
