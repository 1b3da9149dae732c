"""Records of reads and floods wait for a store that is away, and the log tells what is lost."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from adapters.memory.audit import MemoryJournal
from adapters.memory.runner import MemoryRunner
from application.audit import notes
from application.audit.notes import FOLD_ABOVE, Notes
from application.audit.record import AuditRecord, Origin, Outcome
from application.errors import OutcomeUnknown, ServiceError, Unavailable
from domain.errors import Conflict

ORIGIN = Origin(request_id="request-1", action="user.show", client_id="prepay")
LOST = "audit records of reads and folded refusals were not written"


@dataclass
class Clock:
    """Tells a time that moves when it is told to."""

    told: datetime = datetime(2026, 7, 3, 13, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        """Give the time, UTC."""
        self.told += timedelta(milliseconds=1)
        return self.told


@dataclass
class House:
    """Notes over a store in memory that can go away."""

    clock: Clock = field(default_factory=Clock)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    refuse: Callable[[], Exception | None] = lambda: None
    hangs: bool = False
    forgets: bool = False
    """Whether the next answer is lost, once the store has taken what it is given."""

    def __post_init__(self) -> None:
        self.notes = Notes(Moody(self), self.clock)

    async def read(self, times: int = 1) -> None:
        """Read some people."""
        for _ in range(times):
            await self.notes.read(ORIGIN, (), None)

    async def flood(self, times: int) -> None:
        """Refuse the same thing some times."""
        for _ in range(times):
            await self.notes.refusal(ORIGIN, Outcome.REFUSED, "stale")

    async def until_written(self, records: int) -> None:
        """Wait until so many records are in the store."""
        async with asyncio.timeout(30):
            while self.journal.depth() < records:
                await asyncio.sleep(0.01)


class Moody(MemoryRunner):
    """A runner in memory whose store is away when the house says so."""

    def __init__(self, house: House) -> None:
        super().__init__(house.clock, house.journal)
        self._house = house

    async def record(self, *records: AuditRecord) -> None:
        """Keep audit records, unless the store is away."""
        if self._house.hangs:
            await asyncio.Event().wait()
        error = self._house.refuse()
        if error is not None:
            raise error
        if any(self._house.journal.get(record.id) for record in records):
            raise Conflict("A record that is there already excludes this one.")
        await super().record(*records)
        if self._house.forgets:
            self._house.forgets = False
            raise OutcomeUnknown


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gather for a shorter time than in life."""
    monkeypatch.setattr(notes, "GATHER_SECONDS", 0.01)


def lost(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give what the log tells of lost records."""
    return [line for line in caplog.messages if LOST in line]


def test_reads_wait_for_a_store_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    house = House(refuse=Unavailable)

    async def life() -> None:
        await house.read(3)
        await asyncio.sleep(0.05)
        assert house.journal.depth() == 0
        house.refuse = lambda: None
        await house.until_written(3)
        await house.notes.close()

    asyncio.run(life())
    assert not lost(caplog)


def test_a_flood_that_cannot_be_told_is_told_later() -> None:
    house = House()

    async def life() -> None:
        await house.flood(FOLD_ABOVE + 20)
        house.clock.told += timedelta(minutes=1)
        house.refuse = Unavailable
        with pytest.raises(ServiceError):
            await house.flood(1)
        house.refuse = lambda: None
        await house.until_written(FOLD_ABOVE + 1)
        await house.notes.close()

    asyncio.run(life())
    counts = [record.count for record in house.journal.pending(1_000)]
    assert sorted(counts) == [1] * FOLD_ABOVE + [20]


def test_the_end_writes_what_is_held() -> None:
    house = House()

    async def life() -> None:
        await house.flood(FOLD_ABOVE + 5)
        await house.read(2)
        await house.notes.close()

    asyncio.run(life())
    assert house.journal.depth() == FOLD_ABOVE + 3


def test_an_end_without_the_store_goes_on_and_says_what_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()

    async def life() -> None:
        await house.flood(FOLD_ABOVE + 5)
        house.refuse = Unavailable
        await house.read(2)
        await house.notes.close()

    asyncio.run(life())
    assert lost(caplog) == [f"3 {LOST}"]


def test_an_end_does_not_wait_for_a_store_that_says_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "CLOSE_SECONDS", 0.05)
    house = House(hangs=True)

    async def life() -> None:
        await house.read(2)
        await asyncio.sleep(0.02)
        async with asyncio.timeout(30):
            await house.notes.close()

    asyncio.run(life())
    assert lost(caplog) == [f"2 {LOST}"]


def test_a_commit_that_may_have_happened_is_made_once() -> None:
    house = House()

    async def life() -> None:
        house.forgets = True
        await house.read(2)
        await house.until_written(2)
        await asyncio.sleep(0.05)
        await house.read(1)
        await house.until_written(3)
        await house.notes.close()

    asyncio.run(life())
    assert house.journal.depth() == 3


def test_no_more_are_held_than_there_is_room_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MOST_HELD", 5)
    house = House(refuse=Unavailable)

    async def life() -> None:
        await house.read(12)
        house.refuse = lambda: None
        await house.until_written(5)
        await house.notes.close()

    asyncio.run(life())
    assert lost(caplog) == [f"7 {LOST}"]


def test_a_mistake_of_ours_stops_no_later_record(caplog: pytest.LogCaptureFixture) -> None:
    house = House(refuse=lambda: RuntimeError("a mistake"))

    async def life() -> None:
        await house.read(2)
        async with asyncio.timeout(30):
            while not lost(caplog):
                await asyncio.sleep(0.01)
        house.refuse = lambda: None
        await house.read(1)
        await house.until_written(1)
        await house.notes.close()

    with caplog.at_level(logging.ERROR, "loapi"):
        asyncio.run(life())
    assert lost(caplog) == [f"2 {LOST}"]
