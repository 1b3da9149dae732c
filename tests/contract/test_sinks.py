"""Every sink keeps what it is given, once, unaltered, and answers the same questions alike."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, event, select, text, update

from adapters.dynamodb.audit import DynamoDbAuditSink
from adapters.dynamodb.table import init_table
from adapters.memory.audit import MemoryAuditSink
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.migrate import upgrade
from adapters.sql.sqlite import open_sqlite
from adapters.sql.tables import audit_leaf, audit_record, audit_term
from adapters.sql.terms import find_ids
from application.audit.canonical import leaf_hash
from application.audit.record import (
    AuditRecord,
    Change,
    Operation,
    Outcome,
    SealedRecord,
)
from application.caller import Proof
from application.errors import Tampered
from application.ports import AuditSink
from application.query import Operator, Order, Query, Term
from domain.model import uuid7
from tests.dynamodb_server import REGION, Server, dynamodb

NOON = datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=timezone.utc)
COUNT = 60
SINKS = ["memory", "sqlite", "oracle", "dynamodb"]
"""Each is a fixture `<name>_sink` that gives an empty sink; add one here and it has to pass."""


def a_record(number: int, **facts: Any) -> AuditRecord:
    """Make the record of a request; each is 90 seconds after the one before."""
    at = NOON + timedelta(seconds=90 * number)
    randomness = random.Random(number)
    given: dict[str, Any] = {
        "id": uuid7(int(at.timestamp() * 1000), randomness.getrandbits),
        "occurred_at": at,
        "outcome": [*Outcome][number % 4],
        "client_id": None if number % 5 == 0 else f"client-{number % 3}",
        "user_id": f"U{number % 7}",
        "proof": Proof.SESSION,
        "location_id": 9_999_999_999,
        "request_id": f"request-{number}",
        "action": ["payoff.request", "user.update", "resource.add"][number % 3],
        "entities": (f"payoff/{number % 6}", f"loan/{number % 4}"),
        "filters": {"limit": 50, "status": ["A", "\u00e9\U0001f600"]} if number % 2 else None,
        "changes": (
            Change(
                kind="payoff",
                key=str(number % 6),
                operation=Operation.CHANGE,
                version=number + 1,
                fields={
                    "rate": {"before": 0.1, "after": 1e-7},
                    "note": {"before": None, "after": "\u2603 'quoted' \"twice\" \\ \x07"},
                    "deep": {"before": [1, {"a": [True, None]}], "after": {"z": 2.5, "a": 1}},
                    "email": {"changed": True},
                },
            ),
        ),
    }
    return AuditRecord(**given | facts)


def seal(record: AuditRecord, index: int) -> SealedRecord:
    return SealedRecord(index, leaf_hash(record), record)


RECORDS = [a_record(number) for number in range(COUNT)]
SEALED = [seal(record, index) for index, record in enumerate(RECORDS)]
UP, DOWN = (Order("id"),), (Order("id", descending=True),)


@pytest.fixture(name="sink", params=SINKS)
def any_sink(request: pytest.FixtureRequest) -> AuditSink:
    """Give an empty sink of each kind."""
    sink: AuditSink = request.getfixturevalue(f"{request.param}_sink")
    return sink


@pytest.fixture
def memory_sink() -> MemoryAuditSink:
    return MemoryAuditSink()


@pytest.fixture(name="database")
def a_database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
def sqlite_sink(database: Database) -> SqlAuditSink:
    return SqlAuditSink(database)


@pytest.fixture
def oracle_sink(
    oracle: Callable[[Path], Database], tmp_path: Path
) -> Iterator[SqlAuditSink]:
    database = oracle(tmp_path)
    yield SqlAuditSink(database)
    database.close()


@pytest.fixture(name="moto", scope="module")
def a_server() -> Iterator[Server]:
    # pylint: disable-next=contextmanager-generator-missing-cleanup  # pytest ends its fixtures
    with dynamodb("moto") as server:
        yield server


@pytest.fixture
def dynamodb_sink(moto: Server) -> Iterator[DynamoDbAuditSink]:
    table = f"audit-{uuid4()}"
    init_table(table, region=REGION, endpoint=moto.url)
    with closing(DynamoDbAuditSink(table, region=REGION, endpoint=moto.url)) as sink:
        yield sink


def all_of(sink: AuditSink) -> list[SealedRecord]:
    return list(sink.scan(0, 10**9))


def test_an_empty_sink_has_nothing(sink: AuditSink) -> None:
    assert not all_of(sink)
    assert sink.get(RECORDS[0].id) is None
    assert sink.find(Query(order=DOWN)).items == ()


def test_records_come_back_as_they_were_given(sink: AuditSink) -> None:
    sink.deliver(SEALED)
    assert all_of(sink) == SEALED
    for each in all_of(sink):
        assert leaf_hash(each.record) == each.leaf
    assert [sink.get(record.id) for record in RECORDS] == RECORDS


def test_a_delivery_that_is_repeated_counts_once(sink: AuditSink) -> None:
    for _ in range(2):
        sink.deliver(SEALED[:10])
    assert all_of(sink) == SEALED[:10]
    assert list(sink.find(Query(order=UP)).items) == RECORDS[:10]


def test_a_delivery_that_is_repeated_in_part_is_completed(sink: AuditSink) -> None:
    sink.deliver(SEALED[:10])
    sink.deliver(SEALED[5:15])
    assert all_of(sink) == SEALED[:15]
    assert len(sink.find(Query(order=UP).where("outcome", *Outcome)).items) == 15


@pytest.mark.parametrize(
    "facts",
    [
        {"user_id": "U9"},
        {"reason": "altered"},
        {"occurred_at": NOON},
        {"entities": ()},
        {"changes": ()},
        {"filters": {"limit": 51}},
        {"count": 2},
    ],
    ids=str,
)
def test_another_record_under_the_same_id_is_an_alarm(
    sink: AuditSink, facts: dict[str, Any]
) -> None:
    sink.deliver(SEALED[:3])
    altered = replace(RECORDS[1], **facts)
    with pytest.raises(Tampered):
        sink.deliver([seal(altered, 1)])
    assert all_of(sink) == SEALED[:3]


def test_another_seal_of_the_same_record_is_an_alarm(sink: AuditSink) -> None:
    sink.deliver(SEALED[:3])
    for forged in (replace(SEALED[1], index=7), replace(SEALED[1], leaf=b"x" * 32)):
        with pytest.raises(Tampered):
            sink.deliver([forged])
    assert all_of(sink) == SEALED[:3]


def test_another_record_in_a_place_that_is_taken_is_an_alarm(sink: AuditSink) -> None:
    sink.deliver(SEALED[:3])
    with pytest.raises(Tampered):
        sink.deliver([SEALED[3], seal(RECORDS[4], 1)])


def test_a_scan_gives_the_asked_places_in_order_and_leaves_gaps_out(sink: AuditSink) -> None:
    shuffled = random.Random(3).sample(SEALED[:20], 20)
    sink.deliver(sorted(shuffled[:12], key=lambda each: each.index))
    there = sorted(each.index for each in shuffled[:12])
    assert [each.index for each in sink.scan(0, 20)] == there
    assert [each.index for each in sink.scan(5, 15)] == [n for n in there if 5 <= n < 15]
    assert not list(sink.scan(15, 5))


def test_the_order_of_the_log_need_not_be_that_of_the_ids(sink: AuditSink) -> None:
    sink.deliver([seal(RECORDS[9], 0)])
    sink.deliver([seal(RECORDS[2], 1)])
    assert [each.record for each in all_of(sink)] == [RECORDS[9], RECORDS[2]]
    assert sink.find(Query(order=UP)).items == (RECORDS[2], RECORDS[9])


QUESTIONS: dict[str, Query] = {
    "all": Query(),
    "an entity": Query().where("entities", "payoff/3"),
    "either entity": Query().where("entities", "payoff/3", "loan/1", "loan/2"),
    "an entity that has none": Query().where("entities", "payoff/99"),
    "a client": Query().where("client_id", "client-1"),
    "a user": Query().where("user_id", "U5"),
    "a request": Query().where("request_id", "request-17"),
    "an action": Query().where("action", "user.update"),
    "an outcome": Query().where("outcome", Outcome.REFUSED),
    "two outcomes": Query().where("outcome", Outcome.REFUSED, Outcome.FAILED),
    "a user's outcome": Query().where("user_id", "U2").where("outcome", Outcome.COMMITTED),
    "three at once": Query()
    .where("client_id", "client-1", "client-2")
    .where("outcome", Outcome.READ, Outcome.COMMITTED)
    .where("entities", "loan/3", "loan/1"),
    "from a time": Query().and_(Term("occurred_at", Operator.GTE, (RECORDS[20].occurred_at,))),
    "after a time": Query().and_(Term("occurred_at", Operator.GT, (RECORDS[20].occurred_at,))),
    "before a time": Query().and_(Term("occurred_at", Operator.LT, (RECORDS[20].occurred_at,))),
    "to a time": Query().and_(Term("occurred_at", Operator.LTE, (RECORDS[20].occurred_at,))),
    "a user between times": Query()
    .where("user_id", "U1")
    .and_(Term("occurred_at", Operator.GTE, (RECORDS[8].occurred_at,)))
    .and_(Term("occurred_at", Operator.LT, (RECORDS[50].occurred_at,))),
    "before all times": Query().and_(
        Term("occurred_at", Operator.LT, (datetime(1960, 1, 1, tzinfo=timezone.utc),))
    ),
}


@pytest.mark.parametrize("order", [UP, DOWN], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_questions_are_answered_page_by_page(
    sink: AuditSink, question: Query, order: tuple[Order, ...]
) -> None:
    sink.deliver(SEALED)
    expected = [record for record in RECORDS if all(
        any(_meets(record, term) for term in clause) for clause in question.clauses)]
    expected.sort(key=lambda record: record.id, reverse=order == DOWN)
    found: list[AuditRecord] = []
    query = replace(question, order=order, limit=4)
    while True:
        page = sink.find(query)
        found += page.items
        if not page.more:
            break
        assert len(page.items) == 4
        query = replace(query, after=(page.items[-1].id,))
    assert found == expected


def _meets(record: AuditRecord, term: Term) -> bool:
    value = getattr(record, term.field)
    if term.operator is Operator.EQ:
        return bool(set(term.values) & set(value if isinstance(value, tuple) else (value,)))
    compare: Callable[[datetime, datetime], bool] = {
        Operator.GT: datetime.__gt__,
        Operator.GTE: datetime.__ge__,
        Operator.LT: datetime.__lt__,
        Operator.LTE: datetime.__le__,
    }[term.operator]
    return compare(value, term.values[0])


def test_a_position_need_not_be_that_of_a_record(sink: AuditSink) -> None:
    sink.deliver(SEALED[:4])
    between = UUID(int=(RECORDS[1].id.int + RECORDS[2].id.int) // 2)
    assert sink.find(Query(order=UP, after=(between,))).items == tuple(RECORDS[2:4])
    assert sink.find(Query(order=DOWN, after=(between,))).items == (RECORDS[1], RECORDS[0])


def test_records_that_stand_in_the_database_already_are_sealed_and_indexed(
    database: Database, sqlite_sink: SqlAuditSink
) -> None:
    sqlite_sink.deliver(SEALED[:5])
    with database.writing() as connection:
        connection.execute(delete(audit_leaf))
        connection.execute(delete(audit_term))
    sqlite_sink.deliver(SEALED[:5])
    assert all_of(sqlite_sink) == SEALED[:5]
    assert sqlite_sink.find(Query(order=UP).where("user_id", "U3")).items == (RECORDS[3],)


def test_an_altered_row_is_an_alarm_when_it_is_delivered_again(
    database: Database, sqlite_sink: SqlAuditSink
) -> None:
    sqlite_sink.deliver(SEALED[:5])
    with database.writing() as connection:
        connection.execute(update(audit_record).values(action="x"))
    with pytest.raises(Tampered):
        sqlite_sink.deliver(SEALED[:5])


@pytest.mark.parametrize("order", [UP, DOWN], ids=["oldest first", "newest first"])
def test_a_question_that_names_a_field_reads_its_range_of_the_index(
    database: Database, order: tuple[Order, ...]
) -> None:
    question = QUESTIONS["a user between times"].where("outcome", Outcome.READ)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.reading_engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        asked.append((sql, parameters))

    with database.reading() as connection:
        find_ids(connection, replace(question, order=order))
        ((sql, parameters),) = [each for each in asked if each[0].startswith("SELECT")]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        first, *others = [row.detail for row in plan]
    assert first.startswith("SEARCH audit_term USING PRIMARY KEY ")
    assert "(term=? AND record_id>? AND record_id<?)" in first
    assert not [step for step in others if "SCAN" in step or "TEMP B-TREE" in step]


def test_the_places_are_kept_beside_the_records(
    database: Database, sqlite_sink: SqlAuditSink
) -> None:
    sqlite_sink.deliver(SEALED[:2])
    with database.reading() as connection:
        names = [row[1] for row in connection.execute(text("PRAGMA table_info(audit_record)"))]
        assert "log_index" not in names
        assert connection.scalars(select(audit_leaf.c.log_index)).all() == [0, 1]
