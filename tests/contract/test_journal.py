"""What every journal promises: what is committed waits here, in order, until it is delivered."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.memory.audit import MemoryJournal
from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from application.audit.record import (
    AuditRecord,
    Change,
    Operation,
    Origin,
    Outcome,
    account,
)
from application.caller import Proof
from application.ports import Journal
from application.query import Operator, Order, Page, Query, Term
from domain.model import uuid7
from tests.contract.conftest import ALL, NOON, opened_copy

OLDEST_FIRST = Query(order=(Order("id"),))
NEWEST_FIRST = Query(order=(Order("id", descending=True),))


@dataclass(frozen=True)
class Waiting:
    """A journal, and what commits records to it."""

    journal: Journal
    commit: Callable[[Sequence[AuditRecord]], None]


@pytest.fixture(params=[
    "memory", "sqlite_apart", "sqlite_in_place",
    pytest.param("oracle_apart", id="oracle apart"),
    pytest.param("oracle_in_place", id="oracle in place"),
])
def waiting(request: pytest.FixtureRequest) -> Waiting:
    """Give an empty journal of each kind: records apart, or in place where their sink is."""
    found: Waiting = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def memory() -> Waiting:
    """Give a journal in memory."""
    journal = MemoryJournal()
    return Waiting(journal, journal.append)


@pytest.fixture
def database(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a SQLite database."""
    opened = opened_copy(empty_sqlite, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_apart(database: Database) -> Waiting:
    """Give a journal that holds its records, as for a sink elsewhere."""
    return _committing(database, sink_is_database=False)


@pytest.fixture
def sqlite_in_place(database: Database) -> Waiting:
    """Give a journal whose records stand where the sink keeps them."""
    return _committing(database, sink_is_database=True)


@pytest.fixture
def oracle_database(
    oracle: Callable[[Path], Database], tmp_path: Path
) -> Iterator[Database]:
    """Give a database on Oracle."""
    opened = oracle(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def oracle_apart(oracle_database: Database) -> Waiting:
    """Give a journal that holds its records, as for a sink elsewhere."""
    return _committing(oracle_database, sink_is_database=False)


@pytest.fixture
def oracle_in_place(oracle_database: Database) -> Waiting:
    """Give a journal whose records stand where the sink keeps them."""
    return _committing(oracle_database, sink_is_database=True)


def _committing(database: Database, *, sink_is_database: bool) -> Waiting:
    journal = SqlJournal(database, sink_is_database=sink_is_database)

    def commit(records: Sequence[AuditRecord]) -> None:
        with database.writing() as connection:
            journal.append(connection, records)

    return Waiting(journal, commit)


def a_record(number: int, **facts: Any) -> AuditRecord:
    """Make a record of a second of its own, with an identity that says so."""
    at = NOON + timedelta(seconds=number)
    origin = Origin(request_id=f"request-{number}", action="resource.create", client_id="prepay")
    milliseconds = int(at.timestamp() * 1000)
    record = account(uuid7(milliseconds, lambda bits: number), at, origin, Outcome.COMMITTED)
    return replace(record, **facts)


FULL = a_record(
    1,
    outcome=Outcome.REFUSED,
    reason="conflict",
    key_id="prepay-1",
    token_id="t" * 128,
    user_id="Ünal",
    proof=Proof.OIDC,
    location_id=900101,
    trace_id="f" * 32,
    address="2001:db8::1",
    method="POST",
    route="/api/v1/payoff",
    entities=("payoff/1", "loan/2"),
    filters={"status": ["requested"], "limit": "50"},
    count=17,
    changes=(
        Change(
            kind="payoff",
            key="1",
            operation=Operation.CHANGE,
            version=2,
            fields={
                "comments": {"before": None, "after": "it's 😀 \"quoted\" \\ \u0000"},
                "attributes": {"before": {"a": [1, 0.5, True]}, "after": {}},
                "email": {"changed": True},
            },
        ),
    ),
)


def test_an_empty_journal_has_nothing(waiting: Waiting) -> None:
    journal = waiting.journal
    assert (list(journal.pending(10)), journal.depth()) == ([], 0)
    assert journal.find(OLDEST_FIRST) == Page(())
    assert journal.get(UUID(int=1)) is None


def test_a_record_comes_out_as_it_went_in(waiting: Waiting) -> None:
    waiting.commit([FULL])
    assert list(waiting.journal.pending(10)) == [FULL]
    assert waiting.journal.get(FULL.id) == FULL
    assert waiting.journal.find(OLDEST_FIRST).items == (FULL,)


def test_the_oldest_come_first_however_they_were_committed(waiting: Waiting) -> None:
    records = [a_record(number) for number in range(9)]
    waiting.commit([records[8], records[2], records[5]])
    waiting.commit([records[0], records[7]])
    waiting.commit([records[1], records[6], records[4], records[3]])
    assert list(waiting.journal.pending(100)) == records
    assert list(waiting.journal.pending(4)) == records[:4]
    assert waiting.journal.depth() == 9


def test_what_is_cleared_is_gone_and_the_rest_is_not(waiting: Waiting) -> None:
    records = [a_record(number) for number in range(5)]
    waiting.commit(records)
    waiting.journal.clear([records[0], records[3]])
    assert list(waiting.journal.pending(100)) == [records[1], records[2], records[4]]
    assert waiting.journal.get(records[0].id) is None
    assert waiting.journal.get(records[1].id) == records[1]
    assert waiting.journal.depth() == 3


def test_clearing_twice_or_nothing_does_no_harm(waiting: Waiting) -> None:
    waiting.commit([a_record(1), a_record(2)])
    waiting.journal.clear([])
    waiting.journal.clear([a_record(1)])
    waiting.journal.clear([a_record(1), a_record(3)])
    assert list(waiting.journal.pending(100)) == [a_record(2)]


def test_committing_nothing_leaves_nothing(waiting: Waiting) -> None:
    waiting.commit([])
    assert waiting.journal.depth() == 0


def test_thousands_of_records_wait_and_go(waiting: Waiting) -> None:
    records = [a_record(number) for number in range(2_500)]
    waiting.commit(records)
    assert list(waiting.journal.pending(2_400)) == records[:2_400]
    waiting.journal.clear(records[:2_400])
    assert list(waiting.journal.pending(ALL)) == records[2_400:]


def test_a_question_is_answered_from_what_waits(waiting: Waiting) -> None:
    records = [
        a_record(number, client_id=("prepay", "lx")[number % 2], entities=(f"payoff/{number}", "x"))
        for number in range(10)
    ]
    waiting.commit(records)
    waiting.journal.clear(records[:2])

    def asked(query: Query) -> list[int]:
        return [records.index(record) for record in waiting.journal.find(query).items]

    assert asked(OLDEST_FIRST.where("client_id", "lx")) == [3, 5, 7, 9]
    assert asked(NEWEST_FIRST.where("client_id", "lx", "prepay"))[:3] == [9, 8, 7]
    assert asked(OLDEST_FIRST.where("entities", "payoff/4")) == [4]
    assert asked(OLDEST_FIRST.where("entities", "payoff/0")) == []
    assert asked(OLDEST_FIRST.where("outcome", Outcome.REFUSED)) == []
    assert asked(OLDEST_FIRST.where("request_id", "request-6", "request-2")) == [2, 6]
    since = OLDEST_FIRST.and_(Term("occurred_at", Operator.GTE, (records[5].occurred_at,)))
    assert asked(since) == [5, 6, 7, 8, 9]
    assert asked(since.and_(Term("occurred_at", Operator.LT, (records[7].occurred_at,)))) == [5, 6]
    assert asked(since.and_(Term("occurred_at", Operator.GT, (records[8].occurred_at,)))) == [9]


@pytest.mark.parametrize("query", [OLDEST_FIRST, NEWEST_FIRST], ids=["oldest", "newest"])
@pytest.mark.parametrize("count", [7, 2_050])
def test_an_answer_comes_in_pages(waiting: Waiting, query: Query, count: int) -> None:
    records = [a_record(number, user_id=f"U{number % 2}") for number in range(count)]
    waiting.commit(records)
    asked = replace(query.where("user_id", "U1"), limit=max(2, count // 3))
    found: list[AuditRecord] = []
    page = waiting.journal.find(asked)
    while page.more:
        assert len(page.items) == asked.limit
        found += page.items
        page = waiting.journal.find(replace(asked, after=(found[-1].id,)))
    expected = sorted(records[1::2], key=lambda r: r.id, reverse=query.order[0].descending)
    assert found + list(page.items) == expected


def test_records_wait_side_by_side_when_the_sink_has_been_switched(database: Database) -> None:
    before = _committing(database, sink_is_database=True)
    before.commit([a_record(1), a_record(3)])
    after = _committing(database, sink_is_database=False)
    after.commit([a_record(2), a_record(4)])
    assert list(after.journal.pending(3)) == [a_record(1), a_record(2), a_record(3)]
    assert list(before.journal.pending(3)) == [a_record(1), a_record(2), a_record(3)]
    after.journal.clear([a_record(1), a_record(2)])
    assert list(before.journal.pending(9)) == [a_record(3), a_record(4)]


def test_a_record_that_is_rolled_back_never_waited(database: Database) -> None:
    journal = SqlJournal(database, sink_is_database=True)
    with pytest.raises(RuntimeError), database.writing() as connection:
        journal.append(connection, [FULL])
        raise RuntimeError
    assert journal.depth() == 0
