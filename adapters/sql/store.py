"""Records as rows: reading them, and writing a whole batch with one statement a table."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    select,
    update,
)

from adapters.sql.inserting import insert_records
from adapters.sql.query import prepared
from adapters.sql.tables import TABLES
from application.audit.record import Operation
from application.query import Page, Query
from application.unit import Write
from domain.drafts import maker_of
from domain.model import Kind, Record, key_of, marked, stored_fields


class RowsGone(Exception):
    """An update or a removal did not meet the version that it was meant for."""


class SqlSource:
    """The committed records, and those that this transaction has written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, kind: type[Kind], key: tuple[Any, ...]) -> Kind | None:
        """Give the record with this key, or None."""
        row = self._connection.execute(_select_one(kind), _key_parameters(kind, key)).first()
        return None if row is None else record_of(kind, row)

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for."""
        rows = self._connection.execute(*prepared(TABLES[kind], query)).all()
        items = tuple(map(row_reader(kind), rows[: query.limit]))
        return Page(items, len(rows) > query.limit)


def record_of(kind: type[Kind], row: Iterable[Any], table: Table | None = None) -> Kind:
    """Make the record that a row of all the table's columns holds."""
    found: Kind = row_reader(kind, table)(row)
    return found


@cache
def row_reader(kind: type[Kind], table: Table | None = None) -> Callable[[Iterable[Any]], Kind]:
    """Give what makes the record that a row of all the table's columns holds."""
    return maker_of(kind, tuple((TABLES[kind] if table is None else table).c.keys()))


def row_of(record: Record) -> dict[str, Any]:
    """Give the values of a record's columns."""
    return {name: getattr(record, name) for name in stored_fields(type(record))}


def write_all(connection: Connection, writes: Iterable[Write]) -> None:
    """Do what units of work noted, removals first, one statement for each kind and operation.

    Raises RowsGone where a version was no longer the stored one.
    """
    batches: Mapping[tuple[type[Record], Operation], list[Write]] = defaultdict(list)
    for write in writes:
        batches[type(write.record), write.operation].append(write)
    for operation in (Operation.REMOVE, Operation.CHANGE, Operation.ADD):
        for (kind, of), batch in batches.items():
            if of is operation:
                _write_batch(connection, kind, operation, batch)


def _write_batch(
    connection: Connection, kind: type[Record], operation: Operation, batch: Sequence[Write]
) -> None:
    if operation is Operation.ADD:
        insert_records(connection, TABLES[kind], [write.record for write in batch])
        return
    parameters = [_parameters(kind, write.before, write.after) for write in batch if write.before]
    done = connection.execute(_write_statement(kind, operation), parameters)
    if done.rowcount != len(batch):
        raise RowsGone


def _parameters(kind: type[Record], before: Record, after: Record | None) -> dict[str, Any]:
    values = {} if after is None else row_of(after)
    for name in marked(kind, "identity"):
        values.pop(name, None)
    return values | {"at_version": before.version} | _key_parameters(kind, key_of(before))


@cache
def _write_statement(kind: type[Record], operation: Operation) -> Update | Delete:
    """Give what changes or removes a record, at the version that it was got in."""
    table = TABLES[kind]
    if operation is Operation.REMOVE:
        return delete(table).where(*_at_key(table), table.c.version == bindparam("at_version"))
    return update(table).where(*_at_key(table), table.c.version == bindparam("at_version"))


@cache
def _select_one(kind: type[Record]) -> Select[Any]:
    table = TABLES[kind]
    return select(*table.c).where(*_at_key(table))


def _at_key(table: Table) -> list[Any]:
    return [column == bindparam(f"at_{column.key}") for column in table.primary_key]


def _key_parameters(kind: type[Record], key: tuple[Any, ...]) -> dict[str, Any]:
    names = (f"at_{column.key}" for column in TABLES[kind].primary_key)
    return dict(zip(names, key, strict=True))
