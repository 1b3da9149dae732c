"""A process that dies at a named step leaves nothing that the next one cannot put right."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from application.audit.lease import LASTS, Lease
from application.audit.notary import Notary
from application.audit.record import Origin
from application.audit.relay import Relay
from application.ports import Errand, Work
from domain.resource import Resource
from entrypoints.container import wiring
from entrypoints.settings import Settings
from tests.fault import drill
from tests.fault.drill import Book, Load, Service
from tests.fault.dying import COMMIT_POINTS, RELAY_POINTS, STATUS
from tests.support.in_time import PATIENCE
from tests.support.stocked import copied

DYING = "tests.fault.dying"
RELAY_COMMITS = 6
"""Commits of a relay from its start on, at each of which it dies once: those of two batches."""

WAITING = 600
"""Records that wait for it: more than one batch."""

_NUMBERS = count(1)


@pytest.mark.parametrize("point", RELAY_POINTS)
def test_a_relay_that_dies_at_a_named_step_is_taken_over_from(
    waiting: tuple[Path, Book], tmp_path: Path, point: str
) -> None:
    _die_and_recover(waiting, tmp_path, point, 1)


@pytest.mark.parametrize("occurrence", range(1, RELAY_COMMITS + 1))
def test_a_relay_that_dies_at_any_commit_is_taken_over_from(
    waiting: tuple[Path, Book], tmp_path: Path, occurrence: int
) -> None:
    _die_and_recover(waiting, tmp_path, "before-commit", occurrence)


@pytest.mark.parametrize("point", COMMIT_POINTS)
def test_a_server_that_dies_at_a_commit_has_made_all_of_it_or_nothing(
    template: Path, tmp_path: Path, point: str
) -> None:
    chance, book = drill.dice(f"server dies {point}"), Book()
    service = Service(copied(template, tmp_path / "home"))
    try:
        service.start(point, str(chance.randrange(5, 50)), module=DYING)
        with Load(service, book):
            assert service.wait_dead() == STATUS
        assert book.unknown, "it died under requests"
        service.start()
        drill.resolve(service, book)
        drill.check(service.database, book)
    finally:
        drill.end_group(service.process)
    print(f"{point}: {book.told()}")
    # A batch that was committed before may still owe its answers: those are kept at either point.
    assert book.resolved["kept" if point == "after-commit" else "made"]


TAMPERING = {
    "a write is gone": "DELETE FROM named_resource WHERE name = 'drill-7'",
    "a key wrote twice":
        "INSERT INTO named_resource SELECT randomblob(16), name, description, attributes,"
        " client_id, created_at, updated_at, version FROM named_resource WHERE name = 'drill-7'",
    "a record is gone": "DELETE FROM audit_record WHERE changes LIKE '%drill-7\"%'",
    "a place is gone": "DELETE FROM audit_leaf WHERE log_index = 7",
    "the last place is gone":
        "DELETE FROM audit_leaf WHERE log_index IN (SELECT max(log_index) FROM audit_leaf)",
    "records were altered":
        "UPDATE audit_record SET client_id = 'other' WHERE client_id = 'prepay'",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_the_invariants_notice_what_they_are_for(
    drained: tuple[Path, Book], tmp_path: Path, statement: str
) -> None:
    database = shutil.copytree(drained[0], tmp_path / "home") / "loapi.db"
    drill.check(database, drained[1])
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0
    with pytest.raises(AssertionError, match="^I[1-6]"):
        drill.check_writes(database, drained[1])
        drill.check_root(database)


@pytest.fixture(name="drained", scope="module")
def written_and_drained(
    waiting: tuple[Path, Book], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Book]:
    home = copied(waiting[0], tmp_path_factory.mktemp("drained"))
    _drain(home)
    return home, waiting[1]


@pytest.fixture(name="waiting", scope="module")
def written_and_waiting(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Book]:
    """Give a home with records that no relay has seen, to be copied, and what was written."""
    home, book = copied(template, tmp_path_factory.mktemp("waiting")), Book()
    container = wiring.build(Settings(home=home))
    try:
        asyncio.run(_write_much(container, book))
    finally:
        container.runner().close()
        container.database().close()
    return home, book


async def _write_much(container: wiring.Container, book: Book) -> None:
    runner = container.runner()

    async def write(name: str) -> None:
        origin = Origin(request_id=name, action="resource.create", client_id=drill.CLIENT)
        resource = Resource(id=UUID(int=next(_NUMBERS)), name=name)
        done = await runner.write(Errand(origin=origin), _add, resource)
        book.acked[name] = str(done.value.id)

    await asyncio.gather(*(write(f"drill-{number}") for number in range(WAITING)))


def _add(work: Work, resource: Resource) -> Resource:
    return work.add(resource)


def _die_and_recover(
    waiting: tuple[Path, Book], tmp_path: Path, point: str, occurrence: int
) -> None:
    home, book = shutil.copytree(waiting[0], tmp_path / "home"), waiting[1]
    relay = drill.command(home, point, str(occurrence), "audit", "relay", module=DYING)
    try:
        assert relay.wait(PATIENCE) == STATUS, (home / "said.txt").read_text()[-2000:]
    finally:
        drill.end_group(relay)
    drill.check_writes(home / "loapi.db", book)
    _drain(home)
    drill.check(home / "loapi.db", book)


def _drain(home: Path) -> None:
    """Let another relay do the rest; for it, the dead one's lease has soon run out."""
    container = wiring.build(Settings(home=home))
    ticks = [0.0]
    try:
        relay = _successor(container, ticks)
        for _ in range(10):
            relay.step()
            ticks[0] += LASTS.total_seconds() / 2 + 0.1
    finally:
        container.runner().close()
        container.database().close()


def _successor(container: wiring.Container, ticks: list[float]) -> Relay:
    def tick() -> float:
        return ticks[0]

    ledger, emit = container.ledger(), container.checkpoint_file()
    return Relay(
        journal=container.journal(),
        ledger=ledger,
        sink=container.sink(),
        lease=Lease(container.lease_row(), "successor", wiring.now, tick),
        notary=Notary(ledger, container.signer(), emit, wiring.now, tick),
        clock=wiring.now,
        tick=tick,
    )
