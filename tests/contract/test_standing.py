"""Records that stand in their sink are sealed from their rows, as if they had been read."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, bindparam, delete, select, update

from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.leaves import certain_leaf_of, leaf_of
from adapters.sql.ledger import SqlLedger
from adapters.sql.standing import SqlStanding
from adapters.sql.tables import audit_leaf, audit_record, audit_term
from adapters.sql.terms import terms_of
from application.audit.canonical import canonical_json, leaf_hash
from application.audit.evidence import Kind
from application.audit.lease import LASTS
from application.audit.record import AuditRecord, SealedRecord, added, changed, plain, removed
from application.audit.relay import Relay
from application.errors import Tampered
from domain.fee import Fee
from tests.contract.conftest import opened_copy
from tests.contract.test_relay import OLDEST_FIRST, House, Killed, dying_at
from tests.contract.test_sinks import a_record
from tests.contract.test_verify import _opened as opened
from tests.contract.test_verify import _raw
from tests.unit.test_audit_record import LOCATION, PAYOFF
from tests.unit.test_canonical import RECORDS as ANY_RECORDS

PLAIN = {"changes": (), "filters": {"limit": 50, "status": ["A", "\u00e9"]}}
"""What a record's row says whose leaf is made of that row."""

RECORDS = [a_record(number, **(PLAIN if number % 3 else {})) for number in range(40)]
"""Two of three are plain; the others are read, since there are floats in them."""

STEPS = ["before-seal", "after-seal", "after-deliver", "after-clear"]


@pytest.fixture(name="database", params=["sqlite", "oracle"])
def a_database(
    request: pytest.FixtureRequest,
    empty_sqlite: Path,
    oracle: Callable[[Path], Database],
    tmp_path: Path,
) -> Iterator[Database]:
    on_sqlite = request.param == "sqlite"
    database = opened_copy(empty_sqlite, tmp_path) if on_sqlite else oracle(tmp_path)
    yield database
    database.close()


@pytest.fixture(name="house")
def a_house(database: Database) -> House:
    """Give a journal of records that stand in their sink."""
    journal = SqlJournal(database, sink_is_database=True)
    sink = SqlAuditSink(database, in_place=True)

    def commit(records: Any) -> None:
        with database.writing() as connection:
            journal.append(connection, records)

    return House(journal, SqlLedger(database), sink, SqlLeaseRow(database), commit)


def a_relay(house: House, database: Database, *given: Any) -> Relay:
    return replace(house.relay(*given), in_place=SqlStanding(database))


def terms(database: Database) -> set[tuple[str, bytes]]:
    with database.reading() as connection:
        rows = connection.execute(select(audit_term.c.term, audit_term.c.record_id))
        return {(term, record_id.bytes) for term, record_id in rows}


@given(ANY_RECORDS)
def test_a_row_gives_its_records_leaf_or_none(record: AuditRecord) -> None:
    assert certain_leaf_of(_raw(record)) in (None, leaf_hash(record))


@pytest.mark.parametrize("fields", [
    {"a": 1}, {"key": "k", "fields": {}, "kind": "payoff", "operation": "add"},
    {"key": "k", "fields": {}, "kind": "payoff", "operation": "add", "version": "1"},
    {"key": "k", "fields": {}, "kind": "payoff", "operation": "forge", "version": 1},
])
def test_a_row_that_reads_otherwise_than_it_is_written_gives_none(fields: dict[str, Any]) -> None:
    row = _raw(replace(RECORDS[1], changes=()))
    text = json.dumps([fields], separators=(",", ":"))
    row[[*audit_record.c.keys()].index("changes")] = text
    assert certain_leaf_of(row) is None


PAID = replace(RECORDS[1], changes=(added(PAYOFF), removed(LOCATION)))
"""A record whose changes are sealed as they stand."""


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_changes_in_order_stand_as_they_are_sealed(text: str) -> None:
    fee = Fee(code="LATE", description=text, amount=Decimal(1))
    payoff = replace(PAYOFF, comments=f"Sale {text}", fees=(fee, fee))
    changes = (added(payoff), changed(payoff, replace(payoff, source=text)))
    record = replace(RECORDS[1], changes=changes)
    row = _raw(record)
    assert row[[*audit_record.c.keys()].index("changes")] == canonical_json(plain(changes))
    assert certain_leaf_of(row) in (None, leaf_hash(record))
    assert leaf_of(row) == leaf_hash(record)


FORGERIES: Mapping[str, tuple[str, str]] = {
    "another value": ('"Ada"', '"Eve"'),
    "another word": ('"operation":"add"', '"operation":"forge"'),
    "a member more": ('"operation":"add"', '"operation":"add","reason":"none"'),
    "a member less": ('"operation":"add",', ""),
    "a name that stands twice": ('{"fields":{', '{"fields":{"comments":{"changed":true},'),
    "a space": (":null", ": null"),
    "another escape": ('"Ada"', '"\\u0041da"'),
    "another number": ('"version":1}', '"version":1.0}'),
    "another order": ('"after":"Ada","before":null', '"before":null,"after":"Ada"'),
    "a part of the record": ('"version":1}]', '"version":1}],"client_id":"prepay"'),
    "no JSON": ('"version":1}]', '"version":1}'),
    "entities with a space": ('"payoff/1",', '"payoff/1", '),
    "an entity that is none": ('"payoff/1",', '1,'),
}
"""What somebody replaces in the texts of a record that waits, and by what."""


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_was_altered_before_it_was_sealed_is_never_taken_for_something_else(
    empty_sqlite: Path, tmp_path: Path, forgery: str
) -> None:
    """It is sealed as what it reads as, or verification finds it."""
    trail = opened(empty_sqlite, tmp_path)
    trail.relay.in_place = SqlStanding(trail.database)
    with trail.database.writing() as connection:
        trail.journal.append(connection, [PAID])
    old, new = FORGERIES[forgery]
    trail.tamper(
        "UPDATE audit_record SET changes = replace(changes, :old, :new),"
        " entities = replace(entities, :old, :new)", old=old, new=new,
    )
    trail.grow([RECORDS[2]])
    assert not trail.journal.depth()
    verdict = trail.verify()
    if forgery == "another value":
        assert verdict.sound and verdict.count == 2
    else:
        assert verdict.finding is not None
        assert (verdict.finding.kind, verdict.finding.index) == (Kind.ALTERED, 0)
    trail.database.close()


@pytest.mark.parametrize("entities", ['[["payoff/1"]]', "7", "{}"])
def test_a_row_whose_entities_are_no_list_of_texts_is_sealed_by_nobody(
    house: House, database: Database, entities: str
) -> None:
    house.commit(RECORDS[1:3])
    forged = bindparam(None, entities, type_=String)
    with database.writing() as connection:
        connection.execute(update(audit_record).values(entities=forged))
    with pytest.raises((TypeError, ValueError, LookupError)):
        a_relay(house, database).step()
    assert not house.ledger.tree().size


@pytest.mark.parametrize("column", ["outcome", "proof"])
def test_a_row_with_a_word_that_no_record_holds_is_sealed_by_nobody(
    house: House, database: Database, column: str
) -> None:
    house.commit(RECORDS[1:3])
    with database.writing() as connection:
        forged = bindparam(None, "forged", type_=String)
        connection.execute(update(audit_record).values({column: forged}))
    with pytest.raises((Tampered, ValueError, LookupError)):
        a_relay(house, database).step()


def test_plain_records_are_not_read(house: House, database: Database) -> None:
    house.commit(RECORDS)
    waiting = SqlStanding(database).waiting(len(RECORDS))
    assert [each.record_id for each in waiting] == [record.id for record in RECORDS]
    assert [each.leaf for each in waiting] == [leaf_hash(record) for record in RECORDS]
    read = [each.record for each in waiting]
    assert read == [None if number % 3 else RECORDS[number] for number in range(len(RECORDS))]


def test_every_record_gets_its_place_and_is_found(house: House, database: Database) -> None:
    late = [a_record(number, **PLAIN) for number in range(-5, 0)]
    house.commit(RECORDS)
    relay = a_relay(house, database)
    relay.step()
    house.commit(late)
    house.drain(relay)
    house.verify([*RECORDS, *late])
    expected = {(term, one.id.bytes) for one in [*RECORDS, *late] for term in terms_of(one)}
    assert terms(database) == expected
    found = house.sink.find(OLDEST_FIRST.where("user_id", RECORDS[1].user_id)).items
    assert [each for each in found if each in RECORDS] == RECORDS[1::7]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("occurrence", [1, 2])
def test_a_crash_at_any_step_loses_and_doubles_nothing(
    house: House, database: Database, step: str, occurrence: int
) -> None:
    house.commit(RECORDS)
    with pytest.raises(Killed):
        doomed = a_relay(house, database, "doomed", dying_at(step, occurrence))
        for _ in range(9):
            doomed.step()
    heir = a_relay(house, database, "heir")
    assert not heir.step()
    house.forward(LASTS.total_seconds())
    house.drain(heir)
    house.verify(RECORDS)


def test_records_that_the_journal_holds_itself_are_delivered(
    house: House, database: Database
) -> None:
    apart = SqlJournal(database, sink_is_database=False)
    shuffled = random.Random(5).sample(RECORDS, len(RECORDS))
    house.commit(shuffled[:20])
    with database.writing() as connection:
        apart.append(connection, shuffled[20:])
    house.drain(a_relay(house, database))
    house.verify(RECORDS)


def test_records_that_were_copied_here_meanwhile_are_indexed_once(
    house: House, database: Database
) -> None:
    house.commit(RECORDS)
    house.sink.deliver([SealedRecord(0, leaf_hash(RECORDS[1]), RECORDS[1])])
    with pytest.raises(Tampered):
        a_relay(house, database).step()
    with database.writing() as connection:
        connection.execute(delete(audit_leaf))
    house.drain(a_relay(house, database))
    house.verify(RECORDS)


def test_a_record_altered_between_seal_and_delivery_is_an_alarm(
    house: House, database: Database
) -> None:
    house.commit(RECORDS[1:3])
    with pytest.raises(Killed):
        a_relay(house, database, "one", dying_at("after-seal", 1)).step()
    with database.writing() as connection:
        connection.execute(update(audit_record).values(user_id="U9"))
    with pytest.raises(Tampered, match="after it was sealed"):
        a_relay(house, database, "one").step()


def test_a_record_that_vanishes_before_it_is_sealed_is_an_alarm(
    house: House, database: Database
) -> None:
    house.commit(RECORDS[:3])
    with database.writing() as connection:
        connection.execute(delete(audit_record).where(audit_record.c.id == RECORDS[1].id))
    with pytest.raises(Tampered, match="gone"):
        a_relay(house, database).step()
