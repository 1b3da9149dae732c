"""Audit records that are committed with their change and wait for delivery."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from adapters.sql.audit import insert_records, read_records
from adapters.sql.database import Database
from adapters.sql.query import MOST_IN_A_LIST
from adapters.sql.tables import audit_record, journal
from application.audit.record import AuditRecord
from application.query import Link, Page, Query, Term, select as choose
from domain.model import Record

MOST_SEARCHED = 100_000
"""The most undelivered records that a question to the trail looks through."""


class SqlJournal:
    """The table journal.

    With the database as sink a record stands in audit_record from its commit on, and the
    journal holds its id only; with any other sink the journal holds the record.
    """

    def __init__(self, database: Database, *, sink_is_database: bool) -> None:
        self._database = database
        self._sink_is_database = sink_is_database

    def append(self, connection: Connection, records: Sequence[AuditRecord]) -> None:
        """Write records in the transaction of the changes that they explain."""
        if not records:
            return
        if self._sink_is_database:
            insert_records(connection, records)
        bodies = [None if self._sink_is_database else record for record in records]
        rows = [
            {"record_id": record.id, "body": body}
            for record, body in zip(records, bodies, strict=True)
        ]
        connection.execute(insert(journal), rows)

    def pending(self, limit: int) -> Sequence[AuditRecord]:
        """Give the oldest undelivered records, in order of id."""
        with self._database.reading() as connection:
            return self._read(connection, limit)

    def clear(self, records: Sequence[AuditRecord]) -> None:
        """Forget records that the sink has."""
        ids = [record.id for record in records]
        with self._database.writing() as connection:
            for start in range(0, len(ids), MOST_IN_A_LIST):
                some = journal.c.record_id.in_(ids[start : start + MOST_IN_A_LIST])
                connection.execute(delete(journal).where(some))

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail from the undelivered records."""
        with self._database.reading() as connection:
            return choose(self._read(connection, MOST_SEARCHED), query, _no_links)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one undelivered record."""
        with self._database.reading() as connection:
            found = self._read(connection, 1, journal.c.record_id == record_id)
        return found[0] if found else None

    def depth(self) -> int:
        """Count the undelivered records."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(journal)).scalar_one()

    def _read(
        self, connection: Connection, limit: int, *where: ColumnElement[bool]
    ) -> list[AuditRecord]:
        waiting = select(journal.c.record_id, journal.c.body).where(*where)
        oldest = waiting.order_by(journal.c.record_id).limit(limit)
        found = {row.record_id: row.body for row in connection.execute(oldest)}
        if any(body is None for body in found.values()):
            low, high = min(found), max(found)
            between = and_(audit_record.c.id >= low, audit_record.c.id <= high)
            standing = read_records(connection, select(*audit_record.c).where(between))
            found |= {record.id: record for record in standing if record.id in found}
        return [found[record_id] for record_id in sorted(found)]


def _no_links(_link: Link, _term: Term, _record: Record) -> bool:
    raise LookupError("audit records are linked to nothing")
