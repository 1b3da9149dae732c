"""Makes the shape of a schema out of what Oracle's catalog tells of it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.sql.deployment.oracle_catalog import Catalog
from adapters.sql.deployment.shape import (
    ColumnShape,
    IndexShape,
    SchemaShape,
    TableShape,
    meaning,
)
from adapters.sql.deployment.steps import VERSION_TABLE

_NOT_NULL = re.compile(r'"[^"]+" IS NOT NULL')
_PLAIN = re.compile(r"[A-Z][A-Z0-9_$#]*")

Parts = Mapping[str, tuple[str, ...]]
"""Names of columns, or expressions, by the name of their index or constraint."""


def shape_of(catalog: Catalog, revision: str | None) -> SchemaShape:
    """Give the shape of a schema."""
    of_constraint = _grouped((each.constraint_name, each) for each in catalog.constraint_columns)
    parts = {
        name: tuple(_name(row.column_name) for row in rows) for name, rows in of_constraint.items()
    }
    names = [row.table_name for row in catalog.tables if _name(row.table_name) != VERSION_TABLE]
    return SchemaShape(
        revision,
        {_name(name): _table(name, catalog, parts) for name in names},
        tuple(_faults(catalog)),
    )


def _table(name: str, catalog: Catalog, parts: Parts) -> TableShape:
    constraints = [each for each in catalog.constraints if each.table_name == name]
    of_type = _grouped((each.constraint_type, each) for each in constraints)
    return TableShape(
        columns={
            _name(row.column_name): ColumnShape(_type(row), row.nullable == "Y")
            for row in catalog.columns
            if row.table_name == name
        },
        key=next((parts[each.constraint_name] for each in of_type["P"]), ()),
        uniques=frozenset(parts[each.constraint_name] for each in of_type["U"]),
        indexes=dict(_indexes(name, catalog, {each.index_name for each in constraints})),
        checks={
            _name(each.constraint_name): meaning(each.search_condition_vc, _name(name))
            for each in of_type["C"]
            if not _NOT_NULL.fullmatch(each.search_condition_vc)
        },
    )


def _indexes(
    table: str, catalog: Catalog, of_constraints: set[str]
) -> Iterator[tuple[str, IndexShape]]:
    """Give the indexes of a table, but those that its keys stand on."""
    expressions = {
        (row.index_name, row.column_position): row.column_expression
        for row in catalog.index_expressions
    }
    columns = _grouped((row.index_name, row) for row in catalog.index_columns)
    for index in catalog.indexes:
        if index.table_name != table or index.index_name in of_constraints:
            continue
        parts = (
            meaning(expressions[place], _name(table)) if place in expressions
            else _name(row.column_name)
            for row in columns[index.index_name]
            for place in ((row.index_name, row.column_position),)
        )
        yield _name(index.index_name), IndexShape(tuple(parts), index.uniqueness == "UNIQUE")


def _faults(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for each in catalog.constraints:
        if each.status == "DISABLED":
            yield f"{_name(each.table_name)}.{_name(each.constraint_name)}", "is disabled"
    for index in catalog.indexes:
        where = f"{_name(index.table_name)}.{_name(index.index_name)}"
        if index.status == "UNUSABLE":
            yield where, "is unusable; rebuild it"
        if index.visibility == "INVISIBLE":
            yield where, "is invisible, so no statement uses it"


def _type(column: Any) -> str:
    kind: str = column.data_type
    if kind == "VARCHAR2":
        length = f"{column.char_length} CHAR" if column.char_used == "C" else column.data_length
        return f"VARCHAR2({length})"
    if kind == "NUMBER" and column.data_precision is not None:
        return f"NUMBER({column.data_precision}, {column.data_scale})"
    if kind == "RAW":
        return f"RAW({column.data_length})"
    return "TIMESTAMP" if kind == "TIMESTAMP(6)" else kind


def _name(stored: str) -> str:
    """Give a name as it is written; one that has to be quoted is another name."""
    return stored.lower() if _PLAIN.fullmatch(stored) else f'"{stored}"'


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for name, row in pairs:
        found[name].append(row)
    return found
