"""Records that stand in audit_record from their commit on: sealed and indexed from their rows."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from adapters.sql.binding import LIMIT, at_most
from adapters.sql.database import Database, Failure
from adapters.sql.journal import clear_waiting, read_waiting
from adapters.sql.leaves import certain_leaf_of
from adapters.sql.tables import audit_record, journal
from adapters.sql.terms import (
    TermRow,
    insert_missing_terms,
    insert_terms,
    rows_of,
    terms_of_row,
)
from application.audit.canonical import leaf_hash
from application.audit.ports import Waiting

_OLDEST = select(
    *(type_coerce(column, NullType()) for column in (journal.c.record_id, *audit_record.c))
).join_from(
    journal,
    audit_record,
    and_(audit_record.c.id == journal.c.record_id, journal.c.body.is_(None)),
    isouter=True,
).order_by(journal.c.record_id).limit(at_most(0))
"""Columns as the driver gives them: their way through our types costs more than all the rest."""


class SqlStanding:
    """The records of audit_record that the journal holds the ids of, where that is the sink.

    A record that the journal holds itself, and one whose row has no leaf of its own, are read as
    everyone reads them, and are for the sink to take.
    """

    def __init__(self, database: Database) -> None:
        self._database = database.doing("audit.standing")

    def waiting(self, limit: int) -> Sequence[Waiting]:
        """Give the oldest undelivered records, in order of id."""
        with self._database.reading() as connection:
            rows: Sequence[Any] = connection.execute(_OLDEST, {LIMIT: limit}).all()
            found = {row[0]: _standing(row[0], row[1:]) for row in rows}
            doubted = [UUID(bytes=each) for each, known in found.items() if known is None]
            found |= _read(connection, doubted) if doubted else {}
        # What is gone from both was another relay's to deliver.
        return [each for each in found.values() if each is not None]

    def settle(self, sealed: Sequence[Waiting]) -> None:
        """Index records and forget that they wait, all or nothing."""
        rows = rows_of((each.record_id, each.terms) for each in sealed)
        ids = [each.record_id for each in sealed]
        try:
            self._settle(ids, rows, insert_terms)
        except DBAPIError as error:
            if self._database.failure(error) is not Failure.CLASH:
                raise
            # Where history was copied here meanwhile, they are indexed already.
            self._settle(ids, rows, insert_missing_terms)

    def _settle(
        self,
        ids: Sequence[UUID],
        rows: Sequence[TermRow],
        insert_them: Callable[[Connection, Sequence[TermRow]], None],
    ) -> None:
        with self._database.writing() as connection:
            insert_them(connection, rows)
            clear_waiting(connection, ids)


def _standing(record_id: bytes, row: Sequence[Any]) -> Waiting | None:
    leaf = certain_leaf_of(row)
    if leaf is None:
        return None
    return Waiting(UUID(bytes=record_id), leaf, terms=terms_of_row(row))


def _read(connection: Connection, ids: Sequence[UUID]) -> dict[bytes, Waiting | None]:
    records = read_waiting(connection, len(ids), journal.c.record_id.in_(ids))
    return {each.id.bytes: Waiting(each.id, leaf_hash(each), each) for each in records}
