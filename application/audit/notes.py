"""Records of requests that changed nothing: refusals before their answer, reads gathered."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from application.audit.record import AuditRecord, Origin, Outcome, account
from application.errors import ServiceError
from application.identities import new_id
from application.ports import Clock, Runner
from domain.errors import Conflict
from domain.model import Record, key_of, key_text, kind_name

GATHER_SECONDS = 0.2
"""How long a record of a read waits for others; a crash may lose that much."""

FOLD_ABOVE = 100
"""Refusals a minute of one client, route and reason that get a record each; the rest of that
minute is counted in one."""

MOST_HELD = 10_000
"""How many records wait for a store that cannot take them; the log tells of those beyond."""

CLOSE_SECONDS = 2.0
"""How long the end may take to write what is held."""

_log = logging.getLogger("loapi")

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
        self._held: list[AuditRecord] = []
        self._lost = 0
        self._writing = asyncio.Lock()
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
        self._hold(note)
        self._flush_soon()

    async def close(self) -> None:
        """Write everything that is still held; never raises, as others wait to be closed.

        What the store does not take in time is lost, and the log says how much that is.
        """
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._write_last()
        except TimeoutError:
            pass  # what it leaves is told of below
        self._lost += len(self._held)
        self._tell_of_lost()

    async def _write_last(self) -> None:
        async with self._writing:
            for task in (self._flush, self._minute_end):
                if task is not None:
                    task.cancel()
        self._hold(*self._folded())
        await self._write_held()

    def _hold(self, *records: AuditRecord) -> None:
        room = MOST_HELD - len(self._held)
        self._held += records[:room]
        self._lost += len(records[room:])

    def _flush_soon(self) -> None:
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._flush_later())

    async def _flush_later(self) -> None:
        while self._held:
            await asyncio.sleep(GATHER_SECONDS)
            await self._write_held()

    async def _write_held(self) -> None:
        """Write what is held; a store that cannot take it now gets it later."""
        async with self._writing:
            held = tuple(self._held)
            if not held:
                return
            try:
                await self._runner.record(*held)
            except ServiceError:
                return
            except Conflict:
                pass  # an earlier commit, whose outcome was unknown, has written them all
            except Exception:  # pylint: disable=broad-except  # they must not stop what comes after
                _log.exception("audit records could not be written")
                self._lost += len(held)
            del self._held[: len(held)]
        self._tell_of_lost()

    def _tell_of_lost(self) -> None:
        lost, self._lost = self._lost, 0
        if lost:
            _log.error("%d audit records of reads and folded refusals were not written", lost)

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
        self._hold(*self._folded())
        await self._write_held()
        if self._held:
            self._flush_soon()

    def _folded(self) -> list[AuditRecord]:
        """Give a record of each kind of refusal that was counted, and begin to count anew."""
        counts, self._counts = self._counts, {}
        return [
            self._record(count.origin, count.outcome, reason=reason, count=count.folded)
            for (_, _, _, reason), count in counts.items()
            if count.folded
        ]

    def _record(self, origin: Origin, outcome: Outcome, **details: Any) -> AuditRecord:
        now = self._clock()
        return account(new_id(now), now, origin, outcome, **details)
