"""The trail in the database: records stand there from their commit on, the relay indexes them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from adapters.sql.binding import in_lists, is_one_of
from adapters.sql.database import Database, Failure
from adapters.sql.inserting import insert_records
from adapters.sql.ledger import end_of, entries_of, insert_entries
from adapters.sql.store import record_of
from adapters.sql.tables import audit_leaf, audit_record
from adapters.sql.terms import (
    TermRow,
    find_ids,
    insert_missing_terms,
    insert_terms,
    rows_of,
    terms_of,
)
from application.audit.ports import Entry
from application.audit.record import AuditRecord, SealedRecord
from application.errors import Tampered
from application.query import Page, Query

SCANNED_AT_ONCE = 1_000
"""How many records a scan holds at a time."""

InsertTerms = Callable[[Connection, Sequence[TermRow]], None]

_SEALED = select(audit_leaf.c.log_index, audit_leaf.c.leaf_hash, *audit_record.c).join_from(
    audit_leaf, audit_record, audit_record.c.id == audit_leaf.c.record_id
)

_TAKEN = select(audit_leaf.c.log_index).where(is_one_of(audit_leaf.c.log_index))
_STANDING = select(audit_record.c.id).where(is_one_of(audit_record.c.id))
_KEPT = select(*audit_record.c).where(is_one_of(audit_record.c.id))


class SqlAuditSink:
    """Keeps audit records in the table audit_record, what they are asked for by in audit_term,
    and their places in audit_leaf, which is the ledger's own where that is the same database.
    """

    def __init__(self, database: Database, *, in_place: bool = False) -> None:
        """Take records; `in_place`: those that stand in audit_record already were read there.

        Then they are not read again, and only their seals are compared.
        """
        self._database = database.doing("audit.sink")
        self._in_place = in_place

    def deliver(self, sealed: Sequence[SealedRecord]) -> None:
        """Keep records and index them, all or nothing; what is there already is left alone.

        Raises Tampered where another record, or another seal, has the id of one.
        """
        try:
            self._deliver(sealed, insert_terms)
        except DBAPIError as error:
            if self._database.failure(error) is not Failure.CLASH:
                raise
            # They were delivered before, or are being delivered, by a relay that was cut off.
            self._deliver(sealed, insert_missing_terms)

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail."""
        with self._database.reading() as connection:
            ids = find_ids(connection, query)
            kept = _kept(connection, ids[: query.limit])
        found = [kept[record_id] for record_id in ids[: query.limit] if record_id in kept]
        return Page(tuple(found), len(ids) > query.limit)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""
        with self._database.reading() as connection:
            return _kept(connection, [record_id]).get(record_id)

    def scan(self, start: int, stop: int) -> Iterator[SealedRecord]:
        """Give the records whose log index is from `start` to before `stop`, in order."""
        with self._database.reading() as connection:
            end = min(stop, end_of(connection))
        for first in range(start, end, SCANNED_AT_ONCE):
            last = min(first + SCANNED_AT_ONCE, end) - 1
            chosen = _SEALED.where(audit_leaf.c.log_index.between(first, last))
            with self._database.reading() as connection:
                rows = connection.execute(chosen.order_by(audit_leaf.c.log_index)).all()
            for index, leaf, *row in rows:
                yield SealedRecord(index, leaf, record_of(AuditRecord, row, audit_record))

    def _deliver(self, sealed: Sequence[SealedRecord], insert_them: InsertTerms) -> None:
        ids = [each.record.id for each in sealed]
        with self._database.reading() as connection:
            standing = _standing(connection, ids)
            kept = {} if self._in_place else _kept(connection, list(standing))
            entries = entries_of(connection, ids)
            new = [each for each in sealed if each.record.id not in entries]
            _check_free(connection, new)
        for each in sealed:
            _check_same(each, kept, entries)
        records = [each.record for each in sealed if each.record.id not in standing]
        rows = rows_of((each.record.id, terms_of(each.record)) for each in sealed)
        with self._database.writing() as connection:
            if records:
                insert_records(connection, audit_record, records)
            if new:
                insert_entries(connection, [_entry(each) for each in new])
            insert_them(connection, rows)


def _entry(each: SealedRecord) -> Entry:
    return Entry(each.record.id, each.index, each.leaf)


def _check_same(
    each: SealedRecord, kept: Mapping[UUID, AuditRecord], entries: Mapping[UUID, Entry]
) -> None:
    if kept.get(each.record.id, each.record) != each.record:
        raise Tampered(f"audit_record holds another record under {each.record.id}")
    if entries.get(each.record.id, _entry(each)) != _entry(each):
        raise Tampered(f"audit_leaf holds another seal of record {each.record.id}")


def _check_free(connection: Connection, new: Sequence[SealedRecord]) -> None:
    """Raise Tampered where the place of a record without an entry is taken by another record."""
    for some in in_lists([each.index for each in new]):
        for index in connection.scalars(_TAKEN, {"several": some}):
            raise Tampered(f"audit_leaf holds another record under index {index}")


def _standing(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Give the ids of those of the records that are there."""
    there: set[UUID] = set()
    for some in in_lists(ids):
        there.update(connection.scalars(_STANDING, {"several": some}))
    return there


def _kept(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, AuditRecord]:
    kept: dict[UUID, AuditRecord] = {}
    for some in in_lists(ids):
        rows = connection.execute(_KEPT, {"several": some})
        kept |= {row.id: record_of(AuditRecord, row, audit_record) for row in rows}
    return kept
