"""A log on Oracle is verified as quickly, and what is done to it is found as surely."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, delete, update

from adapters.signing.emission import CheckpointFile
from adapters.sql.database import Database
from adapters.sql.examination import SqlShelf
from adapters.sql.oracle.database import database_on
from adapters.sql.tables import audit_leaf, audit_record, audit_tree
from application.audit.canonical import leaf_hash
from application.audit.evidence import Kind
from application.audit.ledger import Tree
from application.audit.record import AuditRecord
from tests.contract.test_sinks import a_record
from tests.contract.test_verify import Trail
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import server_on

COUNT = 60
RECORDS = [a_record(number, filters={"limit": number}, changes=()) for number in range(COUNT)]
"""Such as most are: without a float, of which the quick way wants to know nothing."""


@dataclass(frozen=True)
class Log:
    """A log of `RECORDS`, and the sessions that it stands behind."""

    trail: Trail
    sessions: StandInSessions

    @property
    def database(self) -> Database:
        """Where it stands."""
        return self.trail.database

    def alter(self, record: AuditRecord, **columns: object) -> None:
        """Alter a record as somebody with the database's password does."""
        same: ColumnElement[bool] = audit_record.c.id == record.id
        with self.database.writing() as connection:
            connection.execute(update(audit_record).where(same).values(**columns))

    def found(self) -> tuple[Kind, int | None] | None:
        """Verify; give what is wrong, and where."""
        finding = self.trail.verify().finding
        return None if finding is None else (finding.kind, finding.index)


@pytest.fixture(name="log")
def a_log(empty_stand_in: Path, tmp_path: Path) -> Iterator[Log]:
    sessions = StandInSessions(server_on(empty_stand_in), 4)
    database = database_on(sessions, 4)
    trail = Trail(database, CheckpointFile(tmp_path / "checkpoints.txt"), empty_stand_in)
    trail.grow(RECORDS)
    yield Log(trail, sessions)
    database.close()


def test_a_clean_log_is_sound(log: Log) -> None:
    verdict = log.trail.verify()
    assert verdict.finding is None
    assert verdict.count == verdict.size == verdict.certified == verdict.witnessed == COUNT
    assert verdict.root == Tree().extended(map(leaf_hash, RECORDS)).root()


def test_the_quick_way_confirms_the_leaves_of_the_usual_records(log: Log) -> None:
    log.sessions.trips()
    leaves = SqlShelf(log.database).leaves(0, COUNT)
    assert list(leaves.values()) == [leaf_hash(record) for record in RECORDS]
    assert [trip.kind for trip in log.sessions.trips() if trip.kind == "execute"] == ["execute"]


@pytest.mark.parametrize(
    "columns",
    [
        {"action": "x"},
        {"user_id": None},
        {"occurred_at": RECORDS[7].occurred_at + timedelta(microseconds=1)},
        {"entities": ("payoff/1",)},
        {"filters": {"limit": 8}},
        {"count": 2},
        {"location_id": 1},
    ],
    ids=lambda columns: str(*columns),
)
def test_an_altered_record_is_found(log: Log, columns: dict[str, object]) -> None:
    log.alter(RECORDS[7], **columns)
    assert log.found() == (Kind.ALTERED, 7)


def test_a_record_that_is_gone_is_found(log: Log) -> None:
    with log.database.writing() as connection:
        connection.execute(delete(audit_record).where(audit_record.c.id == RECORDS[9].id))
    assert log.found() == (Kind.REMOVED, 9)


def test_a_cut_tail_is_found(log: Log) -> None:
    with log.database.writing() as connection:
        connection.execute(delete(audit_leaf).where(audit_leaf.c.log_index >= 50))
    assert log.found() == (Kind.TRUNCATED, 50)


def test_a_tree_that_is_altered_is_found(log: Log) -> None:
    with log.database.writing() as connection:
        connection.execute(update(audit_tree).values(frontier=b"\x00" * 128))
    assert log.found() is not None
