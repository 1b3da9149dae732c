"""Whatever is done to a log, verification names the first bad index and what is wrong there."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy.dialects import sqlite

from adapters.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from adapters.signing.emission import CheckpointFile
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.examination import SqlPlaces, SqlShelf, SqlWaiting
from adapters.sql.journal import SqlJournal
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.leaves import leaf_of
from adapters.sql.ledger import SqlLedger
from adapters.sql.tables import audit_record
from application.audit.canonical import canonical, leaf_hash
from application.audit.checkpoint import Checkpoint, signed
from application.audit.evidence import Kind, Verdict
from application.audit.lease import Lease
from application.audit.ledger import Tree
from application.audit.live import LiveLog
from application.audit.notary import Notary
from application.audit.record import AuditRecord, SealedRecord
from application.audit.relay import Relay
from application.audit.verify import Verification
from domain.model import uuid7
from tests.contract.conftest import opened_copy
from tests.contract.test_sinks import a_record
from tests.unit.test_canonical import RECORDS as ANY_RECORDS

SIGNER = Ed25519Signer("loapi.test/audit", b"7" * 32)
OTHER = Ed25519Signer("loapi.test/audit", b"8" * 32)
KEY = Ed25519Verifier(SIGNER.verifier_key)
COUNT = 240
BATCH = 24
"""Records between two checkpoints."""
SEEDS = range(int(os.environ.get("LOAPI_TEST_TAMPERINGS", "4")))
"""Positions at which each kind of tampering is tried."""


@dataclass
class Trail:
    """A database with a log, and the second place of its checkpoints."""

    database: Database
    second_place: CheckpointFile
    path: Path
    ticks: float = 0.0
    committed: int = 0
    relay: Relay = field(init=False)
    journal: SqlJournal = field(init=False)

    def __post_init__(self) -> None:
        clock: Callable[[], datetime] = lambda: datetime(2026, 11, 24, tzinfo=timezone.utc)
        tick: Callable[[], float] = lambda: self.ticks
        ledger = SqlLedger(self.database)
        self.journal = SqlJournal(self.database, sink_is_database=True)
        self.relay = Relay(
            journal=self.journal,
            ledger=ledger,
            sink=SqlAuditSink(self.database, in_place=True),
            lease=Lease(SqlLeaseRow(self.database), "one", clock, tick),
            notary=Notary(ledger, SIGNER, self.second_place, clock, tick),
            clock=clock,
            tick=tick,
            batch=BATCH,
        )

    def grow(self, records: Sequence[AuditRecord]) -> None:
        """Commit records and let the relay seal them, with a checkpoint every BATCH."""
        with self.database.writing() as connection:
            self.journal.append(connection, records)
        self.ticks += 10
        while self.relay.step():
            self.ticks += 10
        self.ticks += 10
        self.relay.step()

    def verify(self, *, witnessed: bool = True) -> Verdict:
        """Verify the log as the command does."""
        shelves = [SqlShelf(self.database)]
        log = LiveLog(SqlPlaces(self.database), shelves, SqlWaiting(self.database))
        witness = self.second_place.notes if witnessed else None
        return Verification(log=log, key=KEY, witness=witness).run()

    def tamper(self, *statements: str, **values: Any) -> int:
        """Do what somebody with the database's password does."""
        with sqlite3.connect(self.path) as connection:
            changed = sum(connection.execute(each, values).rowcount for each in statements)
        connection.close()
        return changed


RECORDS = [a_record(number) for number in range(COUNT)]


@pytest.fixture(name="model", scope="module")
def a_grown_log(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a log, to be copied."""
    folder = tmp_path_factory.mktemp("log")
    trail = _opened(empty_sqlite, folder)
    for start in range(0, COUNT, BATCH):
        trail.grow(RECORDS[start : start + BATCH])
        if start == COUNT // 2:
            _copy(trail.path, folder / "old.db")
    trail.database.close()
    return folder


def _copy(source: Path, to: Path) -> None:
    with sqlite3.connect(source) as one, sqlite3.connect(to) as other:
        one.backup(other)
    one.close()
    other.close()


def _opened(empty: Path, folder: Path) -> Trail:
    database = opened_copy(empty, folder)
    return Trail(database, CheckpointFile(folder / "checkpoints.txt"), folder / "loapi.db")


@pytest.fixture(name="trail")
def a_log(model: Path, tmp_path: Path) -> Iterator[Trail]:
    """Give a log of one's own."""
    shutil.copy(model / "checkpoints.txt", tmp_path)
    trail = _opened(model / "loapi.db", tmp_path)
    trail.ticks = 1e6
    yield trail
    trail.database.close()


def _caught(verdict: Verdict, kind: Kind, index: int) -> None:
    """Check that a verdict names this kind, and this index exactly."""
    found = verdict.finding
    assert found and (found.kind, found.index, found.until) == (kind, index, index + 1)
    assert verdict.size <= index


def _caught_about(verdict: Verdict, kinds: set[Kind], index: int) -> None:
    """Check that a verdict names one of these kinds, and a stretch that holds the index."""
    found = verdict.finding
    assert found and found.kind in kinds
    assert found.index is not None and found.until is not None
    assert found.index <= index < found.until <= found.index + BATCH + 1


def test_a_clean_log_is_sound(trail: Trail) -> None:
    verdict = trail.verify()
    assert verdict.finding is None
    assert verdict.count == verdict.size == verdict.certified == verdict.witnessed == COUNT
    assert verdict.root == Tree().extended(map(leaf_hash, RECORDS)).root()
    assert trail.verify(witnessed=False).sound


AUDIT_COLUMNS = [column.name for column in audit_record.c]


def _altered(value: Any, chance: random.Random) -> Any:
    """Give a value that differs in one byte."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value + 1
    at = chance.randrange(len(value))
    if isinstance(value, bytes):
        return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
    return value[:at] + ("x" if value[at] != "x" else "y") + value[at + 1 :]


def _alter(trail: Trail, table: str, column: str, seed: int) -> int:
    """Alter one byte of a column of a row taken at random; give its index."""
    chance = random.Random(f"{column} {seed}")
    index = chance.randrange(COUNT)
    own = "id" if table == "audit_record" else "record_id"
    with sqlite3.connect(trail.path) as connection:
        held, row = connection.execute(
            f"SELECT r.{column}, r.rowid FROM audit_leaf l JOIN {table} r"
            f" ON r.{own} = l.record_id WHERE l.log_index = {index}"
        ).fetchone()
        told = {"value": _altered(held, chance), "row": row}
        connection.execute(f"UPDATE {table} SET {column} = :value WHERE rowid = :row", told)
    connection.close()
    return index


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("column", AUDIT_COLUMNS)
def test_an_altered_byte_of_a_record_is_found(trail: Trail, column: str, seed: int) -> None:
    index = _alter(trail, "audit_record", column, seed)
    _caught(trail.verify(), Kind.REMOVED if column == "id" else Kind.ALTERED, index)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("column", ["leaf_hash", "record_id"])
def test_an_altered_byte_of_a_place_is_found(trail: Trail, column: str, seed: int) -> None:
    index = _alter(trail, "audit_leaf", column, seed)
    _caught(trail.verify(), Kind.REMOVED if column == "record_id" else Kind.ALTERED, index)


@pytest.mark.parametrize("column", ["tree_size", "frontier"])
def test_an_altered_tree_is_found(trail: Trail, column: str) -> None:
    value = {"tree_size": "tree_size - 8", "frontier": "zeroblob(128)"}[column]
    trail.tamper(f"UPDATE audit_tree SET {column} = {value}")
    found = trail.verify().finding
    assert found and found.kind is Kind.ALTERED


@pytest.mark.parametrize("index", [0, COUNT // 2, COUNT - 2, 17])
@pytest.mark.parametrize("where", ["record", "place", "both"])
def test_a_deleted_row_is_found(trail: Trail, index: int, where: str) -> None:
    record = f"id = (SELECT record_id FROM audit_leaf WHERE log_index = {index})"
    if where != "place":
        trail.tamper(f"DELETE FROM audit_record WHERE {record}")
    if where != "record":
        trail.tamper(f"DELETE FROM audit_leaf WHERE log_index = {index}")
    _caught(trail.verify(), Kind.REMOVED, index)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_deleted_row_is_found_though_the_gap_is_closed(trail: Trail, seed: int) -> None:
    index = random.Random(seed).randrange(COUNT - 1)
    trail.tamper(
        "DELETE FROM audit_record WHERE id ="
        f" (SELECT record_id FROM audit_leaf WHERE log_index = {index})",
        f"DELETE FROM audit_leaf WHERE log_index = {index}",
        f"UPDATE audit_leaf SET log_index = -log_index WHERE log_index > {index}",
        "UPDATE audit_leaf SET log_index = -log_index - 1 WHERE log_index < 0",
    )
    verdict = trail.verify()
    if index >= COUNT - BATCH:
        # Nothing tells it from a cut tail: the certain part ends before it all the same.
        _caught(verdict, Kind.TRUNCATED, COUNT - 1)
        assert verdict.size <= index
    else:
        _caught_about(verdict, {Kind.REMOVED}, index)


@pytest.mark.parametrize("kept", [0, 1, COUNT // 2, COUNT - 7, COUNT - 1])
@pytest.mark.parametrize("where", ["record", "place", "both"])
def test_a_cut_tail_is_found(trail: Trail, kept: int, where: str) -> None:
    gone = f"SELECT record_id FROM audit_leaf WHERE log_index >= {kept}"
    if where != "place":
        trail.tamper(f"DELETE FROM audit_record WHERE id IN ({gone})")
    if where != "record":
        trail.tamper(f"DELETE FROM audit_leaf WHERE log_index >= {kept}")
    _caught(trail.verify(), Kind.TRUNCATED, kept)
    _caught(trail.verify(witnessed=False), Kind.TRUNCATED, kept)


@pytest.mark.parametrize("kept", [0, BATCH, COUNT // 2, COUNT - 7])
def test_a_tail_that_is_cut_from_everything_is_found_by_the_second_place(
    trail: Trail, kept: int
) -> None:
    tree = Tree().extended(map(leaf_hash, RECORDS[:kept]))
    gone = f"SELECT record_id FROM audit_leaf WHERE log_index >= {kept}"
    trail.tamper(
        f"DELETE FROM audit_record WHERE id IN ({gone})",
        f"DELETE FROM audit_leaf WHERE log_index >= {kept}",
        f"DELETE FROM audit_checkpoint WHERE tree_size > {kept}",
        "UPDATE audit_tree SET tree_size = :size, frontier = :frontier",
        size=kept, frontier=tree.packed(),
    )
    _caught(trail.verify(), Kind.ROLLED_BACK, kept)
    assert trail.verify(witnessed=False).sound, "nothing but the second place can tell"


def _roll_back(trail: Trail, model: Path) -> None:
    trail.database.close()
    for file in trail.path.parent.glob("loapi.db*"):
        file.unlink()
    shutil.copy(model / "old.db", trail.path)


OLD = COUNT // 2 + BATCH
"""How many records the old copy holds."""


def test_an_old_copy_is_found_by_the_second_place(trail: Trail, model: Path) -> None:
    _roll_back(trail, model)
    _caught(trail.verify(), Kind.ROLLED_BACK, OLD)


@pytest.mark.parametrize("more", [7, BATCH, 3 * BATCH, COUNT])
def test_an_old_copy_is_found_though_it_has_grown_since(
    trail: Trail, model: Path, more: int
) -> None:
    _roll_back(trail, model)
    for start in range(COUNT, COUNT + more, BATCH):
        records = [a_record(number) for number in range(start, min(COUNT + more, start + BATCH))]
        trail.relay.lease.release()
        trail.relay._tree = None  # pylint: disable=protected-access  # as a new process has it
        trail.grow(records)
    found = trail.verify().finding
    assert found and found.kind is Kind.ROLLED_BACK
    assert found.index is not None and OLD <= found.index <= OLD + more
    assert found.index == OLD or more < BATCH


SWAPS = ["places", "records", "leaves"]


def _swap(trail: Trail, what: str, one: int, other: int) -> None:
    if what == "places":
        moves = ((-1, one), (one, other), (other, -1))
        move = "UPDATE audit_leaf SET log_index = {} WHERE log_index = {}"
        trail.tamper(*(move.format(to, at) for to, at in moves))
        return
    column = {"records": "record_id", "leaves": "leaf_hash"}[what]
    with sqlite3.connect(trail.path) as connection:
        held = dict(connection.execute(f"SELECT log_index, {column} FROM audit_leaf"))
        for to, at in ((b"\0" * 16, one), (held[one], other), (held[other], one)):
            statement = f"UPDATE audit_leaf SET {column} = ? WHERE log_index = ?"
            connection.execute(statement, (to, at))
    connection.close()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("what", SWAPS)
def test_two_swapped_rows_are_found(trail: Trail, what: str, seed: int) -> None:
    one, other = sorted(random.Random(seed).sample(range(COUNT), 2))
    _swap(trail, what, one, other)
    _caught(trail.verify(), Kind.REORDERED, one)


@pytest.mark.parametrize("one", [0, 3, COUNT - 2])
@pytest.mark.parametrize("what", SWAPS)
def test_two_swapped_neighbours_are_found(trail: Trail, what: str, one: int) -> None:
    _swap(trail, what, one, one + 1)
    _caught(trail.verify(), Kind.REORDERED, one)


def _copy_row(trail: Trail, record: AuditRecord, like: int) -> None:
    """Insert a forged record that is like another but for its id."""
    columns = ", ".join(AUDIT_COLUMNS[1:])
    trail.tamper(
        f"INSERT INTO audit_record (id, {columns}) SELECT :id, {columns} FROM audit_record"
        f" WHERE id = (SELECT record_id FROM audit_leaf WHERE log_index = {like})",
        id=record.id.bytes,
    )


def test_a_record_without_a_place_is_found(trail: Trail) -> None:
    forged = replace(RECORDS[5], id=uuid7(1, lambda bits: 5))
    _copy_row(trail, forged, 5)
    found = trail.verify().finding
    assert found and found.kind is Kind.INSERTED and str(forged.id) in found.detail


def test_a_record_that_is_gone_before_it_was_sealed_is_found(trail: Trail) -> None:
    waiting = a_record(COUNT)
    with trail.database.writing() as connection:
        trail.journal.append(connection, [waiting])
    assert trail.verify().sound
    trail.tamper("DELETE FROM audit_record WHERE id = :id", id=waiting.id.bytes)
    found = trail.verify().finding
    assert found and found.kind is Kind.REMOVED and str(waiting.id) in found.detail


@pytest.mark.parametrize("gap", [0, 1, 1000])
def test_a_forged_record_behind_the_last_is_found(trail: Trail, gap: int) -> None:
    forged = replace(RECORDS[5], id=uuid7(1, lambda bits: 5))
    _copy_row(trail, forged, 5)
    trail.tamper(
        "INSERT INTO audit_leaf (log_index, record_id, leaf_hash) VALUES (:at, :id, :leaf)",
        at=COUNT + gap, id=forged.id.bytes, leaf=leaf_hash(forged),
    )
    _caught(trail.verify(), Kind.INSERTED, COUNT + gap)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forged_record_between_others_is_found(trail: Trail, seed: int) -> None:
    index = random.Random(seed).randrange(COUNT)
    forged = replace(RECORDS[index], id=uuid7(1, lambda bits: 5))
    _copy_row(trail, forged, index)
    trail.tamper(
        f"UPDATE audit_leaf SET log_index = -log_index - 1 WHERE log_index >= {index}",
        "UPDATE audit_leaf SET log_index = -log_index WHERE log_index < 0",
        "INSERT INTO audit_leaf (log_index, record_id, leaf_hash) VALUES (:at, :id, :leaf)",
        at=index, id=forged.id.bytes, leaf=leaf_hash(forged),
    )
    _caught(trail.verify(), Kind.INSERTED, index)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_in_the_place_of_another_is_found(trail: Trail, seed: int) -> None:
    one, other = random.Random(seed).sample(range(COUNT), 2)
    with sqlite3.connect(trail.path) as connection:
        connection.execute("CREATE TABLE copied AS SELECT * FROM audit_leaf")
        connection.execute("DROP TABLE audit_leaf")
        connection.execute("ALTER TABLE copied RENAME TO audit_leaf")
        connection.execute(
            "UPDATE audit_leaf SET record_id = (SELECT record_id FROM audit_leaf WHERE"
            f" log_index = {one}) WHERE log_index = {other}"
        )
    connection.close()
    _caught(trail.verify(), Kind.DUPLICATED, other)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("closing", [False, True])
def test_a_row_that_is_there_twice_is_found(trail: Trail, closing: bool, seed: int) -> None:
    index = random.Random(seed).randrange(COUNT)
    with sqlite3.connect(trail.path) as connection:
        connection.execute("CREATE TABLE copied AS SELECT * FROM audit_leaf")
        connection.execute("DROP TABLE audit_leaf")
        connection.execute("ALTER TABLE copied RENAME TO audit_leaf")
        if closing:
            connection.execute(
                f"UPDATE audit_leaf SET log_index = log_index + 1 WHERE log_index > {index}"
            )
        connection.execute(
            f"INSERT INTO audit_leaf SELECT log_index + {int(closing)}, record_id, leaf_hash"
            f" FROM audit_leaf WHERE log_index = {index}"
        )
    connection.close()
    _caught(trail.verify(), Kind.DUPLICATED, index + closing)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_that_is_altered_with_its_leaf_is_found(trail: Trail, seed: int) -> None:
    index = random.Random(seed).randrange(COUNT)
    forged = replace(RECORDS[index], action="payoff.forged")
    trail.tamper(
        "UPDATE audit_record SET action = 'payoff.forged' WHERE id = :id", id=forged.id.bytes
    )
    trail.tamper(
        "UPDATE audit_leaf SET leaf_hash = :leaf WHERE log_index = :at",
        leaf=leaf_hash(forged), at=index,
    )
    _caught_about(trail.verify(), {Kind.ALTERED}, index)


def _note(trail: Trail, size: int) -> str:
    with sqlite3.connect(trail.path) as connection:
        row = connection.execute(
            "SELECT note FROM audit_checkpoint WHERE tree_size = ?", (size,)
        ).fetchone()
    connection.close()
    return str(row[0])


@pytest.mark.parametrize("witnessed", [True, False])
@pytest.mark.parametrize("seed", range(30))
def test_an_altered_byte_of_a_checkpoint_is_found(
    trail: Trail, seed: int, witnessed: bool
) -> None:
    chance = random.Random(seed)
    size = chance.randrange(1, COUNT // BATCH + 1) * BATCH
    note = _note(trail, size)
    at = seed % len(note) if seed < 10 else chance.randrange(len(note))
    forged = note[:at] + ("1" if note[at] != "1" else "2") + note[at + 1 :]
    trail.tamper("UPDATE audit_checkpoint SET note = :note WHERE tree_size = :size",
                 note=forged, size=size)
    found = trail.verify(witnessed=witnessed).finding
    assert found and found.kind is Kind.FORGED, seed
    assert found.index in (size - BATCH, 0)


@pytest.mark.parametrize("size", [1, BATCH, COUNT - 1, COUNT, COUNT + 5])
def test_a_checkpoint_by_another_key_is_found(trail: Trail, size: int) -> None:
    tree = Tree().extended(map(leaf_hash, RECORDS[:size]))
    note = signed(Checkpoint.of(OTHER.name, tree), OTHER)
    trail.tamper(
        "INSERT OR REPLACE INTO audit_checkpoint (tree_size, note, created_at)"
        " VALUES (:size, :note, '2026-11-23T17:00:00.000000+00:00')", size=size, note=note,
    )
    found = trail.verify().finding
    assert found and found.kind is Kind.FORGED


@pytest.mark.parametrize("size", [BATCH, COUNT // 2, COUNT - BATCH])
def test_a_checkpoint_that_is_gone_is_found_by_the_second_place(trail: Trail, size: int) -> None:
    trail.tamper(f"DELETE FROM audit_checkpoint WHERE tree_size = {size}")
    _caught(trail.verify(), Kind.REMOVED, size - 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_crash_leaves_in_the_second_place_is_no_fault(trail: Trail, seed: int) -> None:
    text = (trail.path.parent / "checkpoints.txt").read_text()
    notes = text.split("\n\n")
    cut = random.Random(seed).randrange(1, len(text) // len(notes) * 2)
    file = CheckpointFile(trail.path.parent / "checkpoints.txt")
    (trail.path.parent / "checkpoints.txt").write_text(text + text[:cut])
    file(_note(trail, COUNT))
    assert trail.verify().sound


def test_a_later_note_of_a_smaller_tree_is_no_fault(trail: Trail) -> None:
    trail.second_place(_note(trail, BATCH))
    trail.second_place(_note(trail, COUNT))
    assert trail.verify().sound


@pytest.mark.parametrize("seed", range(50))
def test_a_clean_log_never_alarms(empty_sqlite: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    trail = _opened(empty_sqlite, tmp_path)
    number = seed * 1000
    for _ in range(chance.randrange(1, 6)):
        count = chance.randrange(0, 40)
        records = [a_record(number + each) for each in range(count)]
        chance.shuffle(records)
        if records:
            trail.grow(records)
        number += count
    verdict = trail.verify()
    assert verdict.finding is None
    assert verdict.count == number - seed * 1000 == verdict.certified
    trail.database.close()


def test_a_writer_beside_it_never_makes_it_alarm(trail: Trail) -> None:
    stop = Event()

    def write() -> None:
        number = COUNT
        while not stop.is_set():
            trail.grow([a_record(each) for each in range(number, number + 13)])
            number += 13

    writer = Thread(target=write)
    writer.start()
    try:
        verdicts = [trail.verify() for _ in range(40)]
    finally:
        stop.set()
        writer.join()
    assert [each.finding for each in verdicts] == [None] * len(verdicts)
    assert verdicts[-1].size > verdicts[0].size >= COUNT


def test_a_sealed_record_that_no_sink_has_yet_waits(trail: Trail) -> None:
    record = a_record(COUNT)
    journal = SqlJournal(trail.database, sink_is_database=False)
    with trail.database.writing() as connection:
        journal.append(connection, [record])
    trail.relay.sink = _Away()
    with pytest.raises(ConnectionError):
        trail.relay.step()
    verdict = trail.verify()
    assert verdict.sound and (verdict.size, verdict.waiting) == (COUNT + 1, 1)
    trail.tamper("DELETE FROM journal")
    _caught(trail.verify(), Kind.TRUNCATED, COUNT)


class _Away(SqlAuditSink):
    """A sink that cannot be reached."""

    def __init__(self) -> None:  # pylint: disable=super-init-not-called  # it has no database
        pass

    def deliver(self, sealed: Sequence[SealedRecord]) -> None:
        raise ConnectionError


def _raw(record: AuditRecord) -> list[Any]:
    """Give a record's columns as the driver does."""
    dialect = sqlite.dialect()
    bound = []
    for column in audit_record.c:
        bind = column.type.dialect_impl(dialect).bind_processor(dialect)
        value = getattr(record, column.key)
        bound.append(bind(value) if bind else value)
    return bound


@given(ANY_RECORDS)
def test_the_quick_leaf_is_the_leaf_or_none_that_fits(record: AuditRecord) -> None:
    assert leaf_of(_raw(record)) in (None, leaf_hash(record)) or _has_rarities(record)


def _has_rarities(record: AuditRecord) -> bool:
    """Tell whether names of a record are sorted otherwise in UTF-16 than by code points."""
    return any(character >= "\ue000" for character in canonical(record).decode())


@pytest.mark.parametrize("number", range(COUNT))
def test_the_quick_way_knows_the_usual_records(number: int) -> None:
    record = replace(RECORDS[number], changes=())
    assert leaf_of(_raw(record)) == leaf_hash(record)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("count", "1"), ("count", 1.0), ("count", True), ("request_id", b"request-5"),
        ("entities", ' ["a"]'), ("entities", '"a"'), ("filters", "null"), ("filters", "[]"),
        ("filters", '{"a":1,"a":1}'), ("filters", '{"a": 1}'), ("filters", '{"\\u0061":1}'),
        ("filters", '{"a":1e1}'), ("filters", '{"a":NaN}'), ("changes", "[" * 100_000),
        ("id", "text"), ("occurred_at", "2026-11-23 17:00:00.123456"), ("occurred_at", None),
    ],
)
def test_the_quick_way_takes_no_other_spelling(column: str, value: Any) -> None:
    record = replace(RECORDS[5], entities=("a",), filters={"a": 1}, changes=())
    row = _raw(record)
    assert leaf_of(row) == leaf_hash(record)
    row[[*audit_record.c.keys()].index(column)] = value
    assert leaf_of(row) != leaf_hash(record)
