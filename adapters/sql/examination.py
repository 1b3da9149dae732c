"""The log as its tables state it, for the verifier: places, and the records' leaves made anew."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, or_, select, text, type_coerce
from sqlalchemy.types import NullType

from adapters.sql.binding import at_most
from adapters.sql.database import Database
from adapters.sql.leaves import leaf_of
from adapters.sql.ledger import SqlLedger
from adapters.sql.store import record_of
from adapters.sql.tables import audit_leaf, audit_record, journal
from application.audit.canonical import leaf_hash
from application.audit.evidence import UNREADABLE, Kind, Placed
from application.audit.ledger import Tree
from application.audit.record import AuditRecord

PLACES_AT_ONCE = 1_000

_COLUMNS = ", ".join(f"r.{column.name}" for column in audit_record.c)
_RAW = text(
    f"SELECT l.log_index, l.leaf_hash, {_COLUMNS} FROM audit_leaf l"
    " JOIN audit_record r ON r.id = l.record_id"
    " WHERE l.log_index BETWEEN :first AND :last"
)
"""Columns as the driver gives them: their way through our types costs more than all the rest."""

_PLACE = select(
    audit_leaf.c.log_index,
    type_coerce(audit_leaf.c.leaf_hash, NullType()),
    type_coerce(audit_leaf.c.record_id, NullType()),
).order_by(audit_leaf.c.log_index).limit(at_most(PLACES_AT_ONCE))
_STANDING = select(
    audit_leaf.c.log_index, type_coerce(audit_record.c.occurred_at, NullType()), *audit_record.c
).join_from(
    audit_leaf, audit_record, audit_record.c.id == audit_leaf.c.record_id
)
_WAITING = select(audit_leaf.c.log_index, journal.c.body).join_from(
    audit_leaf, journal, journal.c.record_id == audit_leaf.c.record_id
).where(journal.c.body.is_not(None))

_SEALED = exists().where(audit_leaf.c.record_id == audit_record.c.id)
_WAITS = exists().where(journal.c.record_id == audit_record.c.id)
_STANDS = exists().where(audit_record.c.id == journal.c.record_id)


class SqlPlaces:
    """The places of the log: the table audit_leaf, and what vouches for it."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("audit.verify")
        self._ledger = SqlLedger(database)

    def tree(self) -> Tree:
        """Give the tree as it is committed; raises ValueError where it is none."""
        return self._ledger.tree()

    def checkpoints(self) -> Iterator[str]:
        """Give the notes in the database, by size."""
        return self._ledger.checkpoints()

    def latest_checkpoint(self) -> str | None:
        """Give the note of the largest size in the database."""
        return self._ledger.latest_checkpoint()

    def places(self, start: int, stop: int) -> Iterator[Sequence[Placed]]:
        """Give the entries from an index to before another as they stand, in order of index."""
        while True:
            span = (audit_leaf.c.log_index >= start, audit_leaf.c.log_index < stop)
            with self._database.reading() as connection:
                rows = connection.execute(_PLACE.where(*span)).all()
            if not rows:
                return
            yield [Placed(*row) for row in rows]
            start = rows[-1].log_index + 1

    def where(self, leaf: bytes) -> int | None:
        """Give the first place that states this leaf."""
        return self._number(
            select(func.min(audit_leaf.c.log_index)).where(audit_leaf.c.leaf_hash == leaf)
        )

    def beyond(self, size: int) -> int | None:
        """Give the first entry at or behind a size that the tree, read afterwards, lacks."""
        index = self._number(
            select(func.min(audit_leaf.c.log_index)).where(
                or_(audit_leaf.c.log_index >= size, audit_leaf.c.log_index < 0)
            )
        )
        return index if index is not None and not 0 <= index < self.tree().size else None

    def strays(self) -> Iterator[tuple[Kind, UUID]]:
        """Tell of records that nobody will ever seal, and of those gone before they were."""
        inserted = select(audit_record.c.id).where(~_SEALED, ~_WAITS)
        gone = select(journal.c.record_id).where(journal.c.body.is_(None), ~_STANDS)
        for kind, chosen in ((Kind.INSERTED, inserted), (Kind.REMOVED, gone)):
            with self._database.reading() as connection:
                found = connection.execute(chosen.limit(at_most(1))).scalar()
            if found is not None:
                yield kind, found

    def span(self, low: UUID | None, high: UUID | None) -> tuple[int, int]:
        """Give the indexes between which the records between two ids stand; (0, 0) for none."""
        bounds = [audit_leaf.c.record_id >= low] if low else []
        bounds += [audit_leaf.c.record_id <= high] if high else []
        index = audit_leaf.c.log_index
        first = self._number(select(func.min(index)).where(*bounds))
        last = self._number(select(func.max(index)).where(*bounds))
        return (0, 0) if first is None or last is None else (first, last + 1)

    def _number(self, chosen: Select[Any]) -> int | None:
        with self._database.reading() as connection:
            number: int | None = connection.execute(chosen).scalar()
        return number


class SqlShelf:
    """The records in audit_record."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("audit.verify")

    def leaves(self, start: int, stop: int) -> Mapping[int, bytes]:
        """Make the leaves of the records in a range of places anew.

        What the quick way does not confirm is read again as everyone else reads it.
        """
        span = {"first": start, "last": stop - 1}
        with self._database.reading() as connection:
            rows = connection.execute(_RAW, span).all()
        found = {row[0]: row[1] if leaf_of(row[2:]) == row[1] else None for row in rows}
        doubted = [index for index, leaf in found.items() if leaf is None]
        sure = {index: leaf for index, leaf in found.items() if leaf is not None}
        return sure | self._read_again(doubted)

    def _read_again(self, doubted: Sequence[int]) -> dict[int, bytes]:
        if not doubted:
            return {}
        span = audit_leaf.c.log_index.between(min(doubted), max(doubted))
        try:
            found = self._typed(_STANDING.where(span))
        except (ValueError, TypeError, KeyError, LookupError):
            return {index: self._one(index) for index in doubted}
        return {index: found[index] for index in doubted if index in found}

    def _one(self, index: int) -> bytes:
        try:
            return self._typed(_STANDING.where(audit_leaf.c.log_index == index))[index]
        except (ValueError, TypeError, KeyError, LookupError, AttributeError):
            return UNREADABLE

    def _typed(self, chosen: Select[Any]) -> dict[int, bytes]:
        return _leaves(self._database, chosen, _leaf_of_row)


class SqlWaiting:
    """The records that are sealed and still in the journal, since no sink has confirmed them."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("audit.verify")

    def leaves(self, start: int, stop: int) -> Mapping[int, bytes]:
        """Make the leaves of those in a range of places."""
        span = audit_leaf.c.log_index.between(start, stop - 1)
        return _leaves(self._database, _WAITING.where(span), _leaf_of_body)


def _leaves(
    database: Database, chosen: Select[Any], make: Callable[[Sequence[Any]], bytes]
) -> dict[int, bytes]:
    with database.reading() as connection:
        rows: Iterable[Row[Any]] = connection.execute(chosen).all()
    return {row[0]: make(row[1:]) for row in rows}


def _leaf_of_row(columns: Sequence[Any]) -> bytes:
    stated, *row = columns
    record = record_of(AuditRecord, row, audit_record)
    if isinstance(stated, str) and stated != record.occurred_at.isoformat(timespec="microseconds"):
        return UNREADABLE  # one time has many spellings, and we write only one
    return leaf_hash(record)


def _leaf_of_body(columns: Sequence[Any]) -> bytes:
    return leaf_hash(columns[0])
