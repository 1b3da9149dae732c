"""What a schema looks like, in words that do not depend on who read it, and what it should be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import CheckConstraint, Column, Dialect, Index, Table, UniqueConstraint
from sqlalchemy.schema import CreateIndex

from adapters.sql.migrate import NEWEST
from adapters.sql.tables import METADATA


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column's type as its database spells it, and whether it takes NULL."""

    type: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class IndexShape:
    """What an index is over: names of columns, or expressions as `meaning` gives them."""

    parts: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table with what is declared on it; its primary key and unique constraints by columns."""

    columns: Mapping[str, ColumnShape]
    key: tuple[str, ...] = ()
    uniques: frozenset[tuple[str, ...]] = frozenset()
    indexes: Mapping[str, IndexShape] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    """Conditions as `meaning` gives them, by name."""

    def leading(self) -> set[str]:
        """Name the columns by which rows are found without reading all of them."""
        orders = [self.key, *self.uniques, *(index.parts for index in self.indexes.values())]
        return {order[0] for order in orders if order}


@dataclass(frozen=True, slots=True)
class SchemaShape:
    """Every table by its name, and the revision that the schema says it is at."""

    revision: str | None
    tables: Mapping[str, TableShape]
    faults: tuple[tuple[str, str], ...] = ()
    """What is declared and has no effect: where, and what is the matter."""


def expected(dialect: Dialect) -> SchemaShape:
    """Give the schema that the code is made for, as a database of this dialect spells it."""
    return SchemaShape(
        NEWEST, {table.name: _table(table, dialect) for table in METADATA.tables.values()}
    )


_TOKEN = re.compile(r"'(?:[^']|'')*'|[A-Za-z0-9_$#]+|[<>!]+")
_GLUE = {"in", "or"}


def meaning(expression: str, table: str) -> str:
    """Give the words of an expression, without what databases rewrite: order, case, spelling.

    Oracle stores `a IN (1, 2)` of an index as `"A"=1 OR "A"=2`.
    """
    words = {
        token if token.startswith("'") else token.lower() for token in _TOKEN.findall(expression)
    }
    return " ".join(sorted(words - _GLUE - {table}))


def indexed_expression(statement: str) -> str:
    """Give what stands in the brackets of a CREATE INDEX over an expression."""
    return statement[statement.index("(") + 1 : statement.rindex(")")]


def _table(table: Table, dialect: Dialect) -> TableShape:
    return TableShape(
        columns={column.name: _column(column, dialect) for column in table.columns},
        key=tuple(column.name for column in table.primary_key),
        uniques=frozenset(_uniques(table)),
        indexes={str(index.name): _index(index, table, dialect) for index in table.indexes},
        checks={
            str(check.name): meaning(str(check.sqltext), table.name)
            for check in table.constraints
            if isinstance(check, CheckConstraint) and dialect.name == "oracle"
        },
    )


def _column(column: Column[object], dialect: Dialect) -> ColumnShape:
    return ColumnShape(column.type.compile(dialect), bool(column.nullable))


def _uniques(table: Table) -> Iterator[tuple[str, ...]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(column.name for column in constraint.columns)


def _index(index: Index, table: Table, dialect: Dialect) -> IndexShape:
    parts = tuple(each.name for each in index.expressions if isinstance(each, Column))
    if len(parts) < len(index.expressions):
        made = str(CreateIndex(index).compile(dialect=dialect))
        parts = (meaning(indexed_expression(made), table.name),)
    return IndexShape(parts, bool(index.unique))
