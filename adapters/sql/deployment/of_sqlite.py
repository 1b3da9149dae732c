"""Reads the shape of a schema on SQLite."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, inspect, text

from adapters.sql.deployment.shape import (
    ColumnShape,
    IndexShape,
    SchemaShape,
    TableShape,
    indexed_expression,
    meaning,
)
from adapters.sql.deployment.steps import VERSION_TABLE

_TABLES = text(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_COLUMNS = text('SELECT name, type, "notnull", pk FROM pragma_table_info(:of) ORDER BY cid')
_INDEXES = text('SELECT name, "unique", origin FROM pragma_index_list(:of)')
_PARTS = text("SELECT name FROM pragma_index_info(:of) ORDER BY seqno")
_MADE = text("SELECT sql FROM sqlite_master WHERE name = :of")


def shape_on_sqlite(connection: Connection, revision: str | None) -> SchemaShape:
    """Give the shape of the schema behind a connection that reads."""
    names = [name for name in connection.scalars(_TABLES) if name != VERSION_TABLE]
    return SchemaShape(revision, {name: _table(connection, name) for name in names})


def _table(connection: Connection, name: str) -> TableShape:
    columns = connection.execute(_COLUMNS, {"of": name}).all()
    indexes = connection.execute(_INDEXES, {"of": name}).all()
    key = sorted((column.pk, column.name) for column in columns if column.pk)
    return TableShape(
        columns={each.name: ColumnShape(each.type.upper(), not each.notnull) for each in columns},
        key=tuple(column for _, column in key),
        uniques=frozenset(
            _parts(connection, index.name) for index in indexes if index.origin == "u"
        ),
        indexes={
            index.name: IndexShape(_of_index(connection, name, index.name), bool(index.unique))
            for index in indexes
            if index.origin == "c"
        },
        checks=dict(_checks(connection, name)),
    )


def _of_index(connection: Connection, table: str, index: str) -> tuple[str, ...]:
    parts = _parts(connection, index)
    if None not in parts:
        return parts
    made = connection.execute(_MADE, {"of": index}).scalar_one()
    # The table's name and the whole list of columns come before a bracket.
    return (meaning(indexed_expression(re.split(r"\sON\s", made, 1, re.I)[1]), table),)


def _parts(connection: Connection, index: str) -> tuple[str, ...]:
    """Give the columns of an index, with None in place of expressions."""
    return tuple(connection.scalars(_PARTS, {"of": index}))


def _checks(connection: Connection, table: str) -> Iterator[tuple[str, str]]:
    found: list[Any] = list(inspect(connection).get_check_constraints(table))
    for check in found:
        yield str(check["name"] or "a check without a name"), meaning(check["sqltext"], table)
