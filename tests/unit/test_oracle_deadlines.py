"""What time is left for a request is what Oracle has for each call made for it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.sql.batch import SHORTEST_CALL
from adapters.sql.crew import LONGEST_WAIT
from adapters.sql.database import LONGEST_CALL, Database, Label
from adapters.sql.journal import SqlJournal
from adapters.sql.oracle.database import database_on
from adapters.sql.runner import SqlRunner
from application.audit.record import Origin
from application.ports import Errand, Reading, Work
from domain.resource import Resource
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import made_at, server_on
from tests.support.oracle.trips import Trips

SESSIONS = 4
NOW = datetime(2026, 11, 23, 17, tzinfo=timezone.utc)
DUAL = text("SELECT dummy FROM dual")

Opened = tuple[Database, Trips]


@pytest.fixture(name="opened")
def a_stand_in(tmp_path: Path) -> Iterator[Opened]:
    server = server_on(made_at(tmp_path / "stand-in.db"))
    with closing(database_on(StandInSessions(server, SESSIONS), SESSIONS)) as database:
        for opened in (database.reading, database.writing):
            with opened() as connection:
                connection.execute(DUAL)
        server.trips.taken()
        yield database, server.trips


def deadlines(trips: Trips) -> Sequence[int]:
    """Give the milliseconds that each call since the last time had."""
    return [trip.labels.call_timeout for trip in trips.taken()]


@pytest.mark.parametrize("seconds", [0.5, 1.5, 9.0])
def test_each_transaction_has_its_own_deadline(opened: Opened, seconds: float) -> None:
    database, trips = opened
    for given in (database.reading, database.writing):
        with given(Label("test", seconds=seconds)) as connection:
            connection.execute(DUAL)
    assert set(deadlines(trips)) == {int(seconds * 1000)}


def test_a_deadline_ends_with_its_transaction(opened: Opened) -> None:
    database, trips = opened
    with database.reading(Label("test", seconds=1.5)) as connection:
        connection.execute(DUAL)
    for _ in range(SESSIONS):
        with database.doing("test").reading() as connection:
            connection.execute(DUAL)
    assert deadlines(trips) == [1500, *[LONGEST_CALL * 1000] * SESSIONS]


def test_no_time_left_is_no_endless_time(opened: Opened) -> None:
    database, trips = opened
    with database.reading(Label("test", seconds=0.0001)) as connection:
        connection.execute(DUAL)
    assert deadlines(trips) == [1]


def test_a_request_gives_its_calls_no_more_time_than_it_has(opened: Opened) -> None:
    database, trips = opened
    runner = SqlRunner(database, SqlJournal(database, sink_is_database=False), lambda: NOW)
    made = Resource(id=UUID(int=1), name="first", client_id="prepay")
    errand = Errand(origin=Origin(request_id="1", action="resource.create"))

    def write(work: Work) -> None:
        work.add(made)

    def read(reading: Reading) -> Resource | None:
        return reading.get(Resource, made.id)

    with closing(runner):
        asyncio.run(runner.write(errand, write))
        asyncio.run(runner.read(read))
    given = deadlines(trips)
    assert given and all(SHORTEST_CALL * 1000 <= each <= LONGEST_WAIT * 1000 for each in given)
