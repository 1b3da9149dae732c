"""What Oracle's tools show beside a session is whom it works for, and nobody else."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from adapters.sql.batch import SHORTEST_CALL
from adapters.sql.crew import LONGEST_WAIT
from adapters.sql.database import Database, Label
from adapters.sql.journal import SqlJournal
from adapters.sql.oracle.database import database_on
from adapters.sql.runner import SqlRunner
from adapters.sql.tables import journal, lease
from application.ports import Errand, Work
from domain.model import Record
from tests.contract.conftest import NOON, SettableClock, a_resource, errand
from tests.contract.test_runner import add, note_nothing
from tests.http.serving import Template, a_payoff
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import server_on
from tests.support.oracle.service import Service, served, stocked
from tests.support.oracle.trips import RoundTrip

OF_ITSELF = ("look-up", "audit.backlog", "background")
"""What the service asks for itself while it serves."""


@dataclass(frozen=True)
class Pool:
    """A database over a pool of some size, and what is sent to it."""

    database: Database
    sessions: StandInSessions

    def trips(self) -> Sequence[RoundTrip]:
        """Give the round trips since this was asked last, without SQLAlchemy's greeting."""
        return [trip for trip in self.sessions.trips() if trip.labels.action != "background"]


@pytest.fixture(name="pool_of")
def pools(empty_stand_in: Path) -> Iterator[Callable[[int], Pool]]:
    """Give what opens a pool of a size."""
    opened: list[Database] = []

    def of(size: int) -> Pool:
        sessions = StandInSessions(server_on(empty_stand_in), size)
        opened.append(database_on(sessions, size))
        return Pool(opened[-1], sessions)

    yield of
    for database in opened:
        database.close()


@pytest.fixture(name="template", scope="module")
def a_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return stocked(tmp_path_factory.mktemp("stocked"))


@pytest.fixture(name="service")
def a_service(template: Template, tmp_path: Path) -> Iterator[Service]:
    with served(template, tmp_path) as service:
        yield service


def labelled(service: Service, answer: httpx.Response, action: str) -> None:
    """Check that every round trip is the request's, but for what the service asks for itself."""
    trips = [trip for trip in service.sessions.trips() if trip.labels.action not in OF_ITSELF]
    assert trips
    for trip in trips:
        assert replace(trip.labels, call_timeout=0) == replace(
            trip.labels,
            client_identifier="prepay/U1001",
            module="loapi",
            action=action,
            clientinfo=answer.headers["x-request-id"],
            call_timeout=0,
        ), trip


@pytest.mark.parametrize(("loan", "status"), [("9900101001", 201), ("9999999999", 404)])
def test_a_write_and_its_refusal_are_labelled_in_every_round_trip(
    service: Service, loan: str, status: int
) -> None:
    answer = service.api.as_().post("/payoff", a_payoff(loan))
    assert answer.status_code == status, answer.text
    labelled(service, answer, "payoff.request")


def test_a_read_and_the_record_of_it_are_labelled_in_every_round_trip(service: Service) -> None:
    labelled(service, service.api.as_().get("/payoff"), "payoff.list")


def test_the_service_says_so_where_it_asks_for_itself(service: Service) -> None:
    assert service.api.as_().post("/payoff", a_payoff()).status_code == 201
    aside = [trip.labels for trip in service.sessions.trips() if trip.labels.action in OF_ITSELF]
    assert {each.action for each in aside} == set(OF_ITSELF)
    assert {(each.client_identifier, each.clientinfo) for each in aside} == {("loapi", "")}


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        (Label(action="a" * 30 + "😀", client="c", request="r"), ("c", "a" * 30, "r")),
        (Label("a", "c" * 57 + "/😀😀", "r"), ("c" * 57 + "/😀", "a", "r")),
        (Label("a", "c" * 63 + "é", "é" * 40), ("c" * 63, "a", "é" * 32)),
        (Label("a", "😀" * 16, "r"), ("😀" * 16, "a", "r")),
    ],
)
def test_labels_are_cut_at_bytes_and_never_within_a_character(
    pool_of: Callable[[int], Pool], label: Label, shown: tuple[str, str, str]
) -> None:
    pool = pool_of(1)
    with pool.database.reading(label) as connection:
        connection.execute(select(lease.c.name))
    (trip,) = pool.trips()
    labels = trip.labels
    assert (labels.client_identifier, labels.action, labels.clientinfo) == shown


def test_two_callers_on_two_sessions_never_bear_each_others_labels(
    pool_of: Callable[[int], Pool]
) -> None:
    pool, together = pool_of(2), Barrier(2)

    def call(name: str, asks: Any) -> None:
        for number in range(50):
            together.wait(60)
            label = Label(action=name, client=name, request=f"{name}-{number}")
            with pool.database.reading(label) as connection:
                connection.execute(select(asks.primary_key.columns[0])).all()
                together.wait(60)
                connection.execute(select(asks.primary_key.columns[0])).all()

    callers = [Thread(target=call, args=(table.name, table)) for table in (lease, journal)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    trips = pool.trips()
    assert {trip.session for trip in trips} == {1, 2}
    for name in ("lease", "journal"):
        mine = [trip.labels for trip in trips if trip.says == f"SELECT {name}"]
        assert [(each.action, each.client_identifier) for each in mine] == [(name, name)] * 100
        assert [each.clientinfo for each in mine] == [f"{name}-{n // 2}" for n in range(100)]


def test_what_runs_in_the_background_bears_no_label_of_a_request(
    pool_of: Callable[[int], Pool]
) -> None:
    pool = pool_of(1)
    with pool.database.writing(Label("payoff.request", "prepay/U1001", "r-1", 5.0)) as connection:
        connection.execute(insert(lease), {"name": "x", "holder": "y", "expires_at": NOON})
    pool.sessions.trips()
    # The reading engine meets the server here, over a session that has worked for a request.
    with pool.database.doing("housekeeping").reading() as connection:
        connection.execute(select(lease.c.name)).all()
    trips = pool.sessions.trips()
    assert [trip.labels.action for trip in trips] == ["background"] * 4 + ["housekeeping"]
    assert {(t.labels.client_identifier, t.labels.clientinfo) for t in trips} == {("loapi", "")}


def test_a_session_that_read_commits_nothing_by_itself_when_it_writes(
    pool_of: Callable[[int], Pool]
) -> None:
    # Readers commit themselves, and what is set on a session stays when it comes home.
    pool = pool_of(1)
    with pool.database.reading() as connection:
        connection.execute(select(lease.c.name)).all()
    with pytest.raises(RuntimeError), pool.database.writing() as connection:
        connection.execute(insert(lease), {"name": "x", "holder": "y", "expires_at": NOON})
        raise RuntimeError("not after all")
    with pool.database.reading() as connection:
        assert not connection.execute(select(lease.c.name)).all()


# Batches, and how long their calls may take


@pytest.fixture(name="runner")
def a_runner(pool_of: Callable[[int], Pool]) -> Iterator[tuple[SqlRunner, Pool]]:
    """Give a runner with one writer."""
    pool = pool_of(4)
    runner = SqlRunner(
        pool.database, SqlJournal(pool.database, sink_is_database=False), SettableClock()
    )
    yield runner, pool
    runner.close()


async def behind_one(
    runner: SqlRunner,
    errands: Sequence[Errand],
    records: Sequence[Record] | None = None,
    seconds: float = 0.0,
) -> Sequence[Any]:
    """Let errands that add records wait for one that lingers, and so long besides.

    Gives what each answers or raises.
    """
    begun, go = Event(), Event()

    def linger(_work: Work) -> None:
        begun.set()
        go.wait(60)

    slow = asyncio.ensure_future(runner.write(errand("slow"), linger))
    await asyncio.to_thread(begun.wait, 60)
    them = records or [a_resource() for _ in errands]
    others = [
        asyncio.ensure_future(runner.write(each, add, record))
        for each, record in zip(errands, them, strict=True)
    ]
    async with asyncio.timeout(60):
        while runner.waiting() < len(errands):
            await asyncio.sleep(0.01)
    await asyncio.sleep(seconds)
    go.set()
    await slow
    return await asyncio.gather(*others, return_exceptions=True)


def test_a_batch_says_how_many_it_is_and_names_its_first_request(
    runner: tuple[SqlRunner, Pool]
) -> None:
    errands = [errand() for _ in range(7)]
    asyncio.run(behind_one(runner[0], errands))
    labels = {trip.labels for trip in runner[1].trips() if trip.labels.action != "slow"}
    (shown,) = {replace(each, call_timeout=0) for each in labels}
    assert (shown.action, shown.client_identifier) == ("batch of 7", "several")
    assert shown.clientinfo == errands[0].origin.request_id


def test_a_call_may_take_no_longer_than_its_request_has_left(
    runner: tuple[SqlRunner, Pool]
) -> None:
    asyncio.run(behind_one(runner[0], [errand()], seconds=0.5))
    most = {trip.labels.action: trip.labels.call_timeout for trip in runner[1].trips()}
    assert SHORTEST_CALL * 1000 <= most["slow"] <= LONGEST_WAIT * 1000
    assert SHORTEST_CALL * 1000 <= most["resource.create"] <= (LONGEST_WAIT - 0.5) * 1000


def test_every_call_has_a_deadline(runner: tuple[SqlRunner, Pool]) -> None:
    asyncio.run(runner[0].write(errand(), note_nothing))
    with runner[1].database.writing(Label(seconds=0.0)) as connection:
        connection.execute(insert(lease), {"name": "x", "holder": "y", "expires_at": NOON})
    assert all(trip.labels.call_timeout > 0 for trip in runner[1].sessions.trips())
