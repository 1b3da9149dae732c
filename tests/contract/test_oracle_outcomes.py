"""What callers are told when Oracle or the way to it fails, and what has happened by then."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oracledb
import pytest
from sqlalchemy.exc import DBAPIError

from adapters.sql.journal import SqlJournal
from adapters.sql.oracle.database import database_on
from adapters.sql.runner import TRIES, SqlRunner
from application.audit.record import AuditRecord
from application.errors import Busy, OutcomeUnknown, TimedOut, Unavailable
from application.ports import Done, Errand
from domain.errors import Conflict
from domain.resource import Resource
from tests.contract.conftest import ALL, SettableClock, a_loan, a_resource, errand
from tests.contract.test_oracle_labels import behind_one
from tests.contract.test_runner import add, find_resources, key
from tests.support.oracle.errors import (
    call_timeout,
    connection_lost,
    deadlock,
    ora,
)
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import server_on
from tests.support.oracle.trips import Fault

SESSIONS = 4
"""One writes, one reads, and two are to spare."""

Error = Callable[[], oracledb.Error]

STATEMENTS = ["INSERT INTO named_resource", "INSERT INTO journal", "INSERT INTO kept_answer"]


@dataclass(frozen=True)
class Rig:
    """A runner, and the sessions that it works on."""

    runner: SqlRunner
    sessions: StandInSessions
    journal: SqlJournal

    def write(self, resource: Resource, its: Errand | None = None) -> Done[Resource]:
        """Add a resource, and wait for it."""
        return asyncio.run(self.runner.write(its or errand(), add, resource))

    def names(self) -> list[str]:
        """Name the resources that are committed."""
        return [each.name for each in asyncio.run(self.runner.read(find_resources)).items]

    def records(self) -> list[AuditRecord]:
        """Give the records that are committed."""
        return list(self.journal.pending(ALL))


@pytest.fixture(name="rig")
def a_rig(empty_stand_in: Path) -> Iterator[Rig]:
    sessions = StandInSessions(server_on(empty_stand_in), SESSIONS, waits=0.2)
    database = database_on(sessions, SESSIONS)
    journal = SqlJournal(database, sink_is_database=False)
    runner = SqlRunner(database, journal, SettableClock())
    yield Rig(runner, sessions, journal)
    runner.close()
    database.close()
    assert not sessions.server.trips.faults, "something was to fail and was never asked"


# Of a commit without an answer nobody knows whether it happened


@pytest.mark.parametrize("error", [connection_lost, call_timeout])
@pytest.mark.parametrize("done", [True, False], ids=["it happened", "it did not"])
def test_a_commit_without_an_answer_is_unknown_and_its_key_finds_out(
    rig: Rig, error: Error, done: bool
) -> None:
    resource = a_resource()
    rig.sessions.fail(Fault("commit", error, done=done))
    with pytest.raises(OutcomeUnknown):
        rig.write(resource, errand(idempotency=key()))
    assert rig.names() == (["first"] if done else [])
    again = rig.write(resource, errand(idempotency=key()))
    assert (again.value.id, again.replayed) == (resource.id, done)
    assert rig.names() == ["first"]
    assert len(rig.records()) == 1


@pytest.mark.parametrize("error", [connection_lost, call_timeout])
def test_of_a_batch_without_an_answer_everyone_is_told(rig: Rig, error: Error) -> None:
    # The first commit is that of the one behind which the batch waits.
    rig.sessions.fail(Fault("commit", error, number=2, done=True))
    answers = asyncio.run(
        behind_one(rig.runner, [errand() for _ in range(5)])
    )
    assert [type(answer) for answer in answers] == [OutcomeUnknown] * 5
    assert len(rig.names()) == 5


@pytest.mark.parametrize("code", [1033, 3113, 3114, 3135, 12571])
def test_a_commit_that_met_a_lost_connection_by_any_name_is_unknown(rig: Rig, code: int) -> None:
    rig.sessions.fail(Fault("commit", lambda: ora(code, "gone"), done=True))
    with pytest.raises(OutcomeUnknown):
        rig.write(a_resource())
    assert rig.names() == ["first"]


def test_a_commit_that_was_refused_is_known_to_have_failed(rig: Rig) -> None:
    rig.sessions.fail(Fault("commit", lambda: ora(2290, "check constraint (A.B) violated")))
    with pytest.raises(DBAPIError):
        rig.write(a_resource())
    assert not rig.names()


# Before the commit nothing has happened


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_connection_that_breaks_before_the_commit_costs_another_try(
    rig: Rig, statement: str
) -> None:
    rig.sessions.fail(Fault("execute", connection_lost, containing=statement))
    assert not rig.write(a_resource(), errand(idempotency=key())).replayed
    assert rig.names() == ["first"]
    assert len(rig.records()) == 1
    assert len({trip.session for trip in rig.sessions.trips()}) > 1


@pytest.mark.parametrize("kind", ["execute", "define", "fetch"])
def test_a_read_whose_connection_breaks_is_tried_again(rig: Rig, kind: str) -> None:
    rig.write(a_resource())
    rig.sessions.fail(Fault(kind, connection_lost, containing="named_resource"))
    assert rig.names() == ["first"]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_call_that_takes_too_long_before_the_commit_leaves_nothing(
    rig: Rig, statement: str
) -> None:
    rig.sessions.fail(Fault("execute", call_timeout, containing=statement))
    with pytest.raises(TimedOut):
        rig.write(a_resource(), errand(idempotency=key()))
    assert not rig.names() and not rig.records()
    assert not rig.write(a_resource(), errand(idempotency=key())).replayed


def test_a_server_that_stays_away_is_unavailable(rig: Rig) -> None:
    for _ in range(TRIES):
        rig.sessions.fail(Fault("execute", connection_lost, containing="INSERT INTO journal"))
    with pytest.raises(Unavailable):
        rig.write(a_resource())
    assert rig.write(a_resource("second")).value.name == "second"
    assert rig.names() == ["second"]


# Batches


@pytest.mark.parametrize("error", [deadlock, connection_lost])
def test_a_batch_that_the_database_turns_away_runs_one_by_one(rig: Rig, error: Error) -> None:
    rig.sessions.fail(Fault("executemany", error, containing="INSERT INTO journal"))
    answers = asyncio.run(behind_one(rig.runner, [errand() for _ in range(5)]))
    assert [type(answer) for answer in answers] == [Done] * 5
    assert len(rig.names()) == 5
    commits = [trip for trip in rig.sessions.trips() if trip.kind == "commit"]
    assert len(commits) == 6


def test_a_deadlock_that_does_not_end_is_busy(rig: Rig) -> None:
    for _ in range(TRIES):
        rig.sessions.fail(Fault("execute", deadlock, containing="INSERT INTO named_resource"))
    with pytest.raises(Busy):
        rig.write(a_resource())
    assert not rig.names()


def test_of_a_batch_with_a_double_key_only_the_culprit_fails(rig: Rig) -> None:
    stored = rig.write(a_resource("stored")).value
    records: list[Any] = [a_resource("a"), stored, a_resource("b"), a_loan()]
    answers = asyncio.run(behind_one(rig.runner, [errand() for _ in records], records))
    assert [type(answer) for answer in answers] == [Done, Conflict, Done, Done]
    assert sorted(rig.names()) == ["a", "b", "stored"]


# The pool


def test_a_pool_without_a_session_in_time_is_busy(rig: Rig) -> None:
    taken = [rig.sessions.acquire() for _ in range(SESSIONS)]
    with pytest.raises(Busy):
        rig.write(a_resource())
    for session in taken:
        session.close()
    assert rig.write(a_resource()).value.name == "first"


def test_a_session_that_broke_is_replaced_in_the_pool(rig: Rig) -> None:
    for _ in range(2 * SESSIONS):
        rig.sessions.fail(Fault("execute", connection_lost, containing="INSERT INTO journal"))
        rig.write(a_resource())
    assert len(rig.names()) == 2 * SESSIONS
