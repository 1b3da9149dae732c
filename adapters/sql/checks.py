"""The CHECK constraints of tables on Oracle, where types alone do not say what a value is."""

from collections.abc import Iterator

from sqlalchemy import CLOB, CheckConstraint, Column, Table
from sqlalchemy.schema import conv

from adapters.sql.types import Day, Flag, JsonText

LONGEST_NAME = 30
"""Characters of a name that every release and every tool of Oracle's takes."""


def are_json(table: str, *columns: str) -> list[CheckConstraint]:
    """Say that the columns hold JSON; an absent value passes."""
    return [_check(table, column, f"{column} IS JSON") for column in columns]


def are_flags(table: str, *columns: str) -> list[CheckConstraint]:
    """Say that the columns hold 0 or 1."""
    return [_check(table, column, f"{column} IN (0, 1)") for column in columns]


def are_days(table: str, *columns: str) -> list[CheckConstraint]:
    """Say that the columns hold midnight: Oracle's DATE has a time of day."""
    return [_check(table, column, f"{column} = TRUNC({column})") for column in columns]


def checks_of(table: Table) -> Iterator[CheckConstraint]:
    """Give the constraints that follow from the types of a table's columns."""
    for column in table.columns:
        yield from _checks_of_column(table.name, column)


def name_of_check(table: str, column: str) -> str:
    """Give a constraint's name, cut to what fits."""
    return f"ck_{table}_{column}"[:LONGEST_NAME].rstrip("_")


def _checks_of_column(table: str, column: Column[object]) -> list[CheckConstraint]:
    match column.type:
        # Every text too long for VARCHAR2 that we keep is JSON.
        case JsonText() | CLOB():
            return are_json(table, column.name)
        case Flag():
            return are_flags(table, column.name)
        case Day():
            return are_days(table, column.name)
    return []


def _check(table: str, column: str, condition: str) -> CheckConstraint:
    # SQLite's tables were made without them, and it could not add them later.
    name = conv(name_of_check(table, column))
    return CheckConstraint(condition, name=name).ddl_if(dialect="oracle")
