"""The rows that Oracle's catalog has of tables, made from the DDL that made these.

They follow the Database Reference: names in capitals, NOT NULL as a check of its own, keys with an
index of their name, and the expression of an index rewritten, with its column under a made name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from types import SimpleNamespace
from typing import Any

from adapters.sql.deployment.oracle_catalog import Catalog
from tests.support.sqlplus import tables_of

INDEX = re.compile(r"CREATE (UNIQUE )?INDEX (\w+) ON (\w+) \((.*)\)")
SIZED = re.compile(r"(\w+)(?:\((\d+)(?:, (\d+))?( CHAR)?\))?")
REWRITTEN = {
    "uq_payoff_open": (
        "CASE  WHEN (\"STATUS\"='requested' OR \"STATUS\"='quoted' OR \"STATUS\"='accepted' OR "
        "\"STATUS\"='funds_received' OR \"STATUS\"='failed') THEN \"LOAN_NUMBER\" END "
    )
}


def _row(**values: Any) -> Any:
    return SimpleNamespace(**values)


@dataclass
class Rows:
    """The rows of each view, to be altered."""

    tables: list[Any] = field(default_factory=list)
    columns: list[Any] = field(default_factory=list)
    constraints: list[Any] = field(default_factory=list)
    constraint_columns: list[Any] = field(default_factory=list)
    indexes: list[Any] = field(default_factory=list)
    index_columns: list[Any] = field(default_factory=list)
    index_expressions: list[Any] = field(default_factory=list)

    def catalog(self) -> Catalog:
        """Give them as the reader has them."""
        return Catalog(*(getattr(self, each.name) for each in fields(self)))

    def add_table(self, name: str, columns: dict[str, str], constraints: dict[str, str]) -> None:
        """Note a table."""
        self.tables.append(_row(table_name=name.upper()))
        for column, declared in columns.items():
            self.columns.append(_column(name, column, declared))
            if declared.endswith("NOT NULL"):
                condition = f'"{column.upper()}" IS NOT NULL'
                self._add_constraint(name, f"SYS_C{len(self.constraints):06}", "C", condition)
        for constraint, rule in constraints.items():
            self._add_rule(name, constraint, rule)

    def add_index(self, table: str, name: str, parts: Sequence[str], unique: bool) -> None:
        """Note an index; what is no column of the table is an expression."""
        self.indexes.append(
            _row(
                table_name=table.upper(), index_name=name.upper(), status="VALID",
                uniqueness="UNIQUE" if unique else "NONUNIQUE", visibility="VISIBLE",
            )
        )
        for place, part in enumerate(parts, 1):
            at = {"index_name": name.upper(), "column_position": place}
            is_column = re.fullmatch(r"\w+", part)
            column = part.upper() if is_column else f"SYS_NC000{place:02}$"
            self.index_columns.append(_row(**at, column_name=column))
            if not is_column:
                self.index_expressions.append(_row(**at, column_expression=part))

    def _add_rule(self, table: str, name: str, rule: str) -> None:
        if rule.startswith("CHECK "):
            self._add_constraint(table, name, "C", rule.removeprefix("CHECK (").removesuffix(")"))
            return
        columns = rule[rule.index("(") + 1 : -1].split(", ")
        self._add_constraint(table, name, rule[0], None)
        self.constraint_columns += [
            _row(constraint_name=name.upper(), column_name=column.upper()) for column in columns
        ]
        self.add_index(table, name, columns, unique=True)

    def _add_constraint(self, table: str, name: str, kind: str, condition: str | None) -> None:
        self.constraints.append(
            _row(
                table_name=table.upper(), constraint_name=name.upper(), constraint_type=kind,
                search_condition_vc=condition, status="ENABLED",
                index_name=None if kind == "C" else name.upper(),
            )
        )


def rows_after(statements: Sequence[str]) -> Rows:
    """Give the rows that are there when the statements have run."""
    rows = Rows()
    for name, made in tables_of(list(statements)).items():
        rows.add_table(name, made.columns, made.constraints)
    for found in _indexes(statements):
        unique, name, table, parts = found.groups()
        over = [REWRITTEN[name]] if name in REWRITTEN else parts.split(", ")
        rows.add_index(table, name, over, bool(unique))
    return rows


def _indexes(statements: Sequence[str]) -> Iterator[re.Match[str]]:
    for statement in statements:
        if found := INDEX.fullmatch(statement):
            yield found


def _column(table: str, name: str, declared: str) -> Any:
    found = SIZED.match(declared)
    assert found, declared
    kind, size, scale, char = found.groups()
    number, text = kind == "NUMBER", kind == "VARCHAR2"
    length = {"RAW": int(size or 0), "VARCHAR2": 4 * int(size or 0), "NUMBER": 22, "DATE": 7}
    return _row(
        table_name=table.upper(),
        column_name=name.upper(),
        data_type="TIMESTAMP(6)" if kind == "TIMESTAMP" else kind,
        data_length=min(length.get(kind, 4000), 4000),
        char_length=int(size) if text else 0,
        char_used=("C" if char else "B") if text else None,
        data_precision=int(size) if number and size else None,
        data_scale=int(scale) if number and scale else None,
        nullable="N" if declared.endswith("NOT NULL") else "Y",
    )
