"""The trail in the database: records stand there from their commit on, the relay indexes them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, insert, select
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure
from adapters.sql.query import MOST_IN_A_LIST, Condition, statement
from adapters.sql.store import record_of, row_of
from adapters.sql.tables import audit_record, audit_term
from application.audit.record import AuditRecord, plain
from application.errors import Tampered
from application.query import Clause, Page, Query

NAMED = ("client_id", "user_id", "request_id", "action", "outcome")
"""The fields that a question to the trail can name beside `entities`."""


def terms_of(record: AuditRecord) -> set[str]:
    """Give what a question to the trail can name of a record."""
    values = ((name, getattr(record, name)) for name in NAMED)
    named = {f"{name}={plain(value)}" for name, value in values if value is not None}
    return named | {f"entities={entity}" for entity in record.entities}


def insert_records(connection: Connection, records: Sequence[AuditRecord]) -> None:
    """Write records in this transaction."""
    connection.execute(insert(audit_record), [row_of(record) for record in records])


def read_records(connection: Connection, chosen: Select[Any]) -> list[AuditRecord]:
    """Read the records that a SELECT of all the table's columns gives."""
    return [record_of(AuditRecord, row, audit_record) for row in connection.execute(chosen)]


class SqlAuditSink:
    """Keeps audit records in the table audit_record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliver(self, records: Sequence[AuditRecord]) -> None:
        """Keep records and index them; raises Tampered where another has the id of one."""
        kept = self._kept(records)
        for record in records:
            if kept.get(record.id, record) != record:
                raise Tampered(f"audit_record holds another record under {record.id}")
        with self._database.writing() as connection:
            if missing := [record for record in records if record.id not in kept]:
                insert_records(connection, missing)
            self._index(connection, records)

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail from the delivered records."""
        named = [clause for clause in query.clauses if clause[0].field in (*NAMED, "entities")]
        others = tuple(clause for clause in query.clauses if clause not in named)
        chosen = statement(audit_record, replace(query, clauses=others))
        for clause in named:
            chosen = chosen.where(_is_named(clause))
        with self._database.reading() as connection:
            found = read_records(connection, chosen)
        return Page(tuple(found[: query.limit]), len(found) > query.limit)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""
        chosen = select(*audit_record.c).where(audit_record.c.id == record_id)
        with self._database.reading() as connection:
            return next(iter(read_records(connection, chosen)), None)

    def _kept(self, records: Sequence[AuditRecord]) -> dict[UUID, AuditRecord]:
        ids = [record.id for record in records]
        kept: dict[UUID, AuditRecord] = {}
        with self._database.reading() as connection:
            for start in range(0, len(ids), MOST_IN_A_LIST):
                some = audit_record.c.id.in_(ids[start : start + MOST_IN_A_LIST])
                chosen = select(*audit_record.c).where(some)
                kept |= {record.id: record for record in read_records(connection, chosen)}
        return kept

    def _index(self, connection: Connection, records: Sequence[AuditRecord]) -> None:
        pairs = sorted((term, record.id) for record in records for term in terms_of(record))
        rows = [{"term": term, "record_id": record_id} for term, record_id in pairs]
        try:
            with connection.begin_nested():
                connection.execute(insert(audit_term), rows)
        except DBAPIError as error:
            if self._database.failure(error) is not Failure.CLASH:
                raise
            self._index_again(connection, rows)

    def _index_again(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Index what an interrupted delivery has indexed in part."""
        for row in rows:
            there = select(audit_term.c.term).filter_by(**row)
            if connection.execute(there).first() is None:
                connection.execute(insert(audit_term), row)


def _is_named(clause: Clause) -> Condition:
    terms = [f"{term.field}={plain(value)}" for term in clause for value in term.values]
    holders = select(audit_term.c.record_id).where(audit_term.c.term.in_(terms))
    return audit_record.c.id.in_(holders)
