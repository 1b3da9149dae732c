"""The ledger in the database: the tree, its leaves and its checkpoints, beside the records."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from adapters.sql.binding import at_most, in_lists, is_one_of
from adapters.sql.database import Database, Failure
from adapters.sql.inserting import insert_rows
from adapters.sql.lease import holds
from adapters.sql.tables import audit_checkpoint, audit_leaf, audit_tree
from application.audit.ledger import Tree
from application.audit.ports import Entry, Overtaken
from application.errors import Tampered

TRAIL = "audit"
"""The name of the one tree."""

CHUNK = 10_000
"""How many leaves are read at a time."""

NOTES_AT_ONCE = 1_000

_TREE = select(audit_tree.c.size, audit_tree.c.frontier).where(audit_tree.c.name == TRAIL)
_ENTRIES = select(
    audit_leaf.c.record_id, audit_leaf.c.log_index, audit_leaf.c.leaf_hash
).where(is_one_of(audit_leaf.c.record_id))
_NOTES = select(audit_checkpoint.c.note)


class SqlLedger:
    """The tables audit_leaf, audit_tree and audit_checkpoint; no statement changes a leaf."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("audit.ledger")

    def tree(self) -> Tree:
        """Give the tree as it is committed."""
        row = self._first(_TREE)
        return Tree() if row is None else Tree.unpacked(row.size, row.frontier)

    def entries(self, record_ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
        """Give the places of those of the records that are sealed."""
        with self._database.reading() as connection:
            return entries_of(connection, record_ids)

    def seal(self, holder: str, grown: Tree, entries: Sequence[Entry]) -> None:
        """Commit the entries behind the last ones, and the tree grown by them."""
        try:
            with self._database.writing() as connection:
                if not holds(connection, holder) or not _grow(connection, grown, len(entries)):
                    raise Overtaken("another relay leads, or has led meanwhile")
                insert_entries(connection, entries)
        except DBAPIError as error:
            if self._database.failure(error) is Failure.CLASH:
                raise Tampered("the ledger has entries that its tree does not know of") from error
            raise

    def leaf_hashes(self, start: int, stop: int) -> Iterator[bytes]:
        """Give the leaf hashes from one index to before another."""
        for first in range(start, stop, CHUNK):
            last = min(first + CHUNK, stop) - 1
            chosen = (
                select(audit_leaf.c.log_index, audit_leaf.c.leaf_hash)
                .where(audit_leaf.c.log_index.between(first, last))
                .order_by(audit_leaf.c.log_index)
            )
            with self._database.reading() as connection:
                found = connection.execute(chosen).all()
            for index, (log_index, _) in enumerate(found, first):
                if index != log_index:
                    raise Tampered(f"the ledger has no leaf {index}")
            if len(found) <= last - first:
                raise Tampered(f"the ledger has no leaf {first + len(found)}")
            yield from (leaf for _, leaf in found)

    def keep_checkpoint(self, size: int, note: str, at: datetime) -> None:
        """Commit a checkpoint; one of the same size that is there already stays."""
        same = select(audit_checkpoint.c.tree_size).where(audit_checkpoint.c.tree_size == size)
        if self._first(same) is not None:
            return
        row = {"tree_size": size, "note": note, "created_at": at}
        try:
            with self._database.writing() as connection:
                connection.execute(insert(audit_checkpoint), row)
        except DBAPIError as error:
            if self._database.failure(error) is not Failure.CLASH:
                raise

    def latest_checkpoint(self) -> str | None:
        """Give the note of the largest size, or None."""
        row = self._first(_NOTES.order_by(audit_checkpoint.c.tree_size.desc()).limit(at_most(1)))
        return None if row is None else str(row.note)

    def checkpoints(self) -> Iterator[str]:
        """Give every note, by size."""
        size = -1
        while True:
            chosen = (
                select(audit_checkpoint.c.tree_size, audit_checkpoint.c.note)
                .where(audit_checkpoint.c.tree_size > size)
                .order_by(audit_checkpoint.c.tree_size)
                .limit(at_most(NOTES_AT_ONCE))
            )
            with self._database.reading() as connection:
                found = connection.execute(chosen).all()
            if not found:
                return
            yield from (note for _, note in found)
            size = found[-1].tree_size

    def _first(self, chosen: Any) -> Row[Any] | None:
        with self._database.reading() as connection:
            row: Row[Any] | None = connection.execute(chosen).first()
        return row


def entries_of(connection: Connection, record_ids: Sequence[UUID]) -> dict[UUID, Entry]:
    """Give the places of those of the records that are sealed."""
    found: dict[UUID, Entry] = {}
    for some in in_lists(record_ids):
        rows = connection.execute(_ENTRIES, {"several": some})
        found |= {row.record_id: Entry(*row) for row in rows}
    return found


def insert_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write entries in this transaction."""
    rows = [(entry.index, entry.record_id, entry.leaf) for entry in entries]
    insert_rows(connection, audit_leaf, rows)


def end_of(connection: Connection) -> int:
    """Give the index behind the last entry."""
    last = connection.execute(select(func.max(audit_leaf.c.log_index))).scalar_one()
    return 0 if last is None else last + 1


def _grow(connection: Connection, grown: Tree, by: int) -> bool:
    """Replace the tree by one that is so much larger; False where another has done so."""
    values = {"size": grown.size, "frontier": grown.packed()}
    smaller = (audit_tree.c.name == TRAIL, audit_tree.c.size == grown.size - by)
    if connection.execute(update(audit_tree).where(*smaller).values(**values)).rowcount == 1:
        return True
    if grown.size > by or connection.execute(_TREE).first() is not None:
        return False
    connection.execute(insert(audit_tree).values(name=TRAIL, **values))
    return True
