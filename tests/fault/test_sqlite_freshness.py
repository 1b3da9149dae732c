"""SQLite under strain: fresh reads, a bounded WAL, another's lock, and writes past the journal."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, Table, delete, insert, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, registry

from adapters.sql import sqlite
from adapters.sql.database import Database, UnexplainedWrite
from adapters.sql.journal import SqlJournal
from adapters.sql.migrate import upgrade
from adapters.sql.runner import SqlRunner
from adapters.sql.store import row_of
from adapters.sql.tables import TABLES
from application.audit.record import Origin
from application.errors import Busy
from application.ports import Done, Errand, Reading, Work
from application.query import Order, Query
from domain.model import Kind, key_of
from domain.resource import Resource
from tests.support.in_time import in_time

NUMBERS = count(1)
MOST_WAL = 20_000_000
HEAVY = {"text": "x" * 10_000}
"""With its audit record it takes 20 KB of the WAL."""

NAMED_RESOURCE: Table = TABLES[Resource]


class Row:
    """The ORM's idea of a resource, as a careless developer would map it."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


registry().map_imperatively(Row, NAMED_RESOURCE)


@dataclass(frozen=True)
class Running:
    """A runner on a database file of its own."""

    runner: SqlRunner
    database: Database
    path: Path

    @property
    def wal_bytes(self) -> int:
        """How large the write-ahead log is."""
        return self.path.with_name(f"{self.path.name}-wal").stat().st_size


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Give a runner on an empty SQLite database."""
    with _running(tmp_path / "loapi.db") as found:
        yield found


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Give a runner that waits a fifth of a second for another process's lock."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    with _running(tmp_path / "loapi.db") as found:
        yield found


@contextmanager
def _running(path: Path) -> Iterator[Running]:
    database = sqlite.open_sqlite(f"sqlite:///{path}")
    upgrade(database)
    journal = SqlJournal(database, sink_is_database=True)
    runner = SqlRunner(database, journal, lambda: datetime.now(timezone.utc))
    try:
        yield Running(runner, database, path)
    finally:
        runner.close()
        database.close()


def errand() -> Errand:
    return Errand(origin=Origin(request_id=f"r{next(NUMBERS)}", action="resource.create"))


def a_resource(name: str = "first", **facts: Any) -> Resource:
    return Resource(id=UUID(int=next(NUMBERS)), name=name, **facts)


def add(work: Work, record: Kind) -> Kind:
    return work.add(record)


def got(reading: Reading, record: Kind) -> Kind | None:
    return reading.get(type(record), *key_of(record))


def rename(work: Work, resource: Resource, name: str) -> Resource:
    current = got(work, resource)
    assert current is not None
    return work.change(replace(current, name=name))


def first_ten(reading: Reading) -> int:
    return len(reading.find(Resource, Query(order=(Order("id"),), limit=10)).items)


def slowly(reading: Reading) -> int:
    """Hold a snapshot for some time."""
    found = first_ten(reading)
    time.sleep(0.02)
    return found


async def add_heavy(running: Running) -> None:
    await running.runner.write(errand(), add, a_resource(attributes=HEAVY))


# Freshness


def test_every_acknowledged_write_is_read_while_others_write_and_read(running: Running) -> None:
    sizes: list[int] = []
    busy = True

    async def write_and_read(writer: int) -> int:
        done = await running.runner.write(errand(), add, a_resource(attributes=HEAVY))
        for number in range(125):
            changed = await running.runner.write(
                errand(), rename, done.value, f"writer-{writer}-{number}"
            )
            sizes.append(running.wal_bytes)
            if await running.runner.read(got, done.value) != changed.value:
                return number
            await running.runner.write(errand(), add, a_resource(attributes=HEAVY))
        return -1

    async def keep_reading() -> None:
        while busy:
            await running.runner.read(first_ten)

    async def all_of_it() -> list[int]:
        nonlocal busy
        readers = [asyncio.ensure_future(keep_reading()) for _ in range(4)]
        stale = await asyncio.gather(*(write_and_read(writer) for writer in range(16)))
        busy = False
        await asyncio.gather(*readers)
        return stale

    assert asyncio.run(all_of_it()) == [-1] * 16
    written = 16 * 125 * 2 * len(HEAVY["text"])
    assert written > 1.5 * MOST_WAL, "the log is to be filled more than once"
    assert max(sizes) < MOST_WAL


def test_readers_without_a_gap_between_them_do_not_let_the_log_grow(running: Running) -> None:
    sizes: list[int] = []
    busy = True

    async def write() -> None:
        for _ in range(60):
            await running.runner.write(errand(), add, a_resource(attributes=HEAVY))
            sizes.append(running.wal_bytes)

    async def keep_reading() -> None:
        while busy:
            await running.runner.read(slowly)

    async def all_of_it() -> None:
        nonlocal busy
        readers = [asyncio.ensure_future(keep_reading()) for _ in range(4)]
        await asyncio.gather(*(write() for _ in range(40)))
        busy = False
        await asyncio.gather(*readers)

    asyncio.run(all_of_it())
    assert 40 * 60 * 2 * len(HEAVY["text"]) > 2 * MOST_WAL
    assert max(sizes) < MOST_WAL


def test_a_reader_that_takes_long_holds_no_write_up_for_long(running: Running) -> None:
    begun, go = Event(), Event()

    def until_told(reading: Reading) -> int:
        found = first_ten(reading)
        begun.set()
        assert go.wait(60)
        return found

    async def all_of_it() -> float:
        reading = asyncio.ensure_future(running.runner.read(until_told))
        assert await asyncio.to_thread(begun.wait, 60)
        longest = 0.0
        for _ in range(15):
            start = time.monotonic()
            heavy = (add_heavy(running) for _ in range(60))
            await asyncio.gather(*heavy)
            longest = max(longest, time.monotonic() - start)
        go.set()
        await reading
        await asyncio.sleep(1)
        await add_heavy(running)
        return longest

    longest = asyncio.run(all_of_it())
    assert running.wal_bytes < MOST_WAL, "the log is cut once the reader has gone"
    in_time(longest, 1)


def test_a_reader_between_requests_holds_no_snapshot(running: Running) -> None:
    async def in_turns() -> list[str]:
        done = await running.runner.write(errand(), add, a_resource())
        found = []
        for number in range(5):
            await running.runner.write(errand(), rename, done.value, f"n{number}")
            reads = (running.runner.read(got, done.value) for _ in range(8))
            found += [read.name for read in await asyncio.gather(*reads) if read is not None]
        return found

    assert asyncio.run(in_turns()) == [f"n{number}" for number in range(5) for _ in range(8)]


# Another process's lock

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
connection.close()
"""


@contextmanager
def another_process_writes(path: Path) -> Iterator[None]:
    """Hold the write lock in another process for as long as the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        # The end of Popen closes the pipe on which the process waits, and waits for it in turn.


def test_writes_are_told_to_come_back_while_another_process_writes(impatient: Running) -> None:
    async def many() -> list[Any]:
        writes = (impatient.runner.write(errand(), add, a_resource()) for _ in range(40))
        return await asyncio.gather(*writes, return_exceptions=True)

    with another_process_writes(impatient.path):
        start = time.monotonic()
        answers = asyncio.run(many())
        took = time.monotonic() - start
        assert asyncio.run(impatient.runner.read(first_ten)) == 0
    assert {type(answer) for answer in answers} == {Busy}
    assert isinstance(asyncio.run(impatient.runner.write(errand(), add, a_resource())), Done)
    assert asyncio.run(impatient.runner.read(first_ten)) == 1
    # A batch waits for the lock together, not each of its units in turn.
    in_time(took, 3)


def test_a_write_waits_for_another_process_that_is_quick(running: Running) -> None:
    async def write_meanwhile() -> Any:
        with another_process_writes(running.path):
            waiting = asyncio.ensure_future(running.runner.write(errand(), add, a_resource()))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        return await waiting

    assert isinstance(asyncio.run(write_meanwhile()), Done)


def test_records_of_refusals_are_refused_likewise_while_another_process_writes(
    impatient: Running,
) -> None:
    with another_process_writes(impatient.path), pytest.raises(Busy):
        asyncio.run(impatient.runner.record())


# Writes past the journal

VALUES = row_of(a_resource())


def by_session_add(engine: Engine) -> None:
    with Session(engine) as session:
        session.add(Row(**VALUES))
        session.flush()


def by_session_change(engine: Engine) -> None:
    with Session(engine) as session:
        found = session.query(Row).first()
        assert found is not None
        found.name = "changed"  # type: ignore[attr-defined]  # mapped at run time
        session.commit()


def by_session_delete(engine: Engine) -> None:
    with Session(engine) as session:
        session.delete(session.query(Row).first())
        session.commit()


def executing(statement: Any, parameters: Any = None) -> Callable[[Engine], None]:
    def run(engine: Engine) -> None:
        with engine.connect() as connection, connection.begin():
            connection.execute(statement, parameters)

    return run


def driving(statement: str) -> Callable[[Engine], None]:
    def run(engine: Engine) -> None:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(statement)

    return run


PAST_THE_JOURNAL = {
    "insert": executing(insert(NAMED_RESOURCE), VALUES),
    "several inserts": executing(insert(NAMED_RESOURCE), [VALUES, VALUES]),
    "update": executing(update(NAMED_RESOURCE).values(name="changed")),
    "delete": executing(delete(NAMED_RESOURCE)),
    "text insert": executing(text("INSERT INTO lease VALUES ('a', 'b', 'c')")),
    "text update": executing(text("update named_resource set name = 'changed'")),
    "text delete": executing(text("\n  Delete From named_resource")),
    "behind a comment": executing(text("-- harmless\nDELETE FROM named_resource")),
    "behind a block comment": executing(text("/* SELECT */ DELETE FROM named_resource")),
    "replace": executing(text("REPLACE INTO lease VALUES ('a', 'b', 'c')")),
    "with": executing(text("WITH x AS (SELECT 1) DELETE FROM named_resource")),
    "to the trail": executing(text("DELETE FROM audit_record")),
    "to the journal": executing(text("DELETE FROM journal")),
    "driver": driving("DELETE FROM named_resource"),
    "vacuum": driving("VACUUM"),
    "session add": by_session_add,
    "session change": by_session_change,
    "session delete": by_session_delete,
}


@pytest.mark.parametrize("write", PAST_THE_JOURNAL.values(), ids=PAST_THE_JOURNAL)
def test_a_write_outside_a_unit_of_work_is_refused(
    running: Running, write: Callable[[Engine], None]
) -> None:
    stored = asyncio.run(running.runner.write(errand(), add, a_resource())).value
    with pytest.raises(UnexplainedWrite):
        write(running.database.writing_engine)
    assert asyncio.run(running.runner.read(got, stored)) == stored
    assert asyncio.run(running.runner.read(first_ten)) == 1


@pytest.mark.parametrize(
    "name", [name for name in PAST_THE_JOURNAL if name != "vacuum"]
)
def test_a_write_where_only_reading_is_meant_is_refused_by_the_database(
    running: Running, name: str
) -> None:
    stored = asyncio.run(running.runner.write(errand(), add, a_resource())).value
    with pytest.raises(OperationalError, match="readonly"):
        PAST_THE_JOURNAL[name](running.database.reading_engine)
    assert asyncio.run(running.runner.read(got, stored)) == stored


def test_a_use_case_that_only_reads_cannot_write_by_the_back_door(running: Running) -> None:
    def sneaky(reading: Reading) -> None:
        connection: Connection = reading.source._connection  # type: ignore[attr-defined]  # sneaky # pylint: disable=protected-access  # sneaky
        connection.execute(insert(NAMED_RESOURCE), VALUES)

    with pytest.raises(Exception, match="unavailable"):
        asyncio.run(running.runner.read(sneaky))
    assert asyncio.run(running.runner.read(first_ten)) == 0


def test_a_connection_is_guarded_again_once_its_unit_of_work_is_over(running: Running) -> None:
    def broken(work: Work) -> None:
        work.add(a_resource())
        raise RuntimeError

    for use_case in (lambda work: work.add(a_resource()), broken):
        asyncio.run(_whatever(running.runner.write(errand(), use_case)))
        with pytest.raises(UnexplainedWrite):
            executing(delete(NAMED_RESOURCE))(running.database.writing_engine)
    with pytest.raises(ZeroDivisionError), running.database.writing():
        raise ZeroDivisionError
    with pytest.raises(UnexplainedWrite):
        executing(delete(NAMED_RESOURCE))(running.database.writing_engine)
    assert asyncio.run(running.runner.read(first_ten)) == 1


async def _whatever(running: Any) -> None:
    await asyncio.gather(running, return_exceptions=True)


def test_reading_on_the_writing_engine_is_nobodys_business(running: Running) -> None:
    with running.database.writing_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM named_resource")).scalar() == 0
    with Session(running.database.writing_engine) as session:
        assert session.query(Row).all() == []
