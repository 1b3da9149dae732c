"""Tables for SQLite from Oracle's DDL, and the declared types that SQLite does not keep."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import MetaData
from sqlalchemy.dialects.oracle.oracledb import OracleDialect_oracledb
from sqlalchemy.schema import CreateIndex, CreateTable

from tests.support.oracle.columns import Column

RELEASE = (19, 28)

_TABLE = re.compile(r"\s*CREATE TABLE (\w+) \((.*)\)\s*$", re.DOTALL)
_INDEX = re.compile(r"\s*CREATE (UNIQUE )?INDEX (\w+) ON (\w+) (\(.*\))\s*$", re.DOTALL)
_CONSTRAINT = re.compile(r"CONSTRAINT (\w+) (.*)", re.DOTALL)
_KEY = re.compile(r"(?:PRIMARY KEY|UNIQUE) \(([^)]*)\)")
_IS_JSON = re.compile(r"(\w+) IS JSON(?: STRICT)?")

DICTIONARY = (
    "CREATE TABLE dual (dummy)",
    "INSERT INTO dual VALUES ('X')",
    "CREATE TABLE v$parameter (name, value)",
    f"INSERT INTO v$parameter VALUES ('compatible', '{'.'.join(map(str, RELEASE))}.0')",
)
"""What SQLAlchemy asks a server that it meets."""


@dataclass(slots=True)
class Schema:
    """What was declared: for each table its columns, and the names of what is unique."""

    tables: dict[str, dict[str, Column]] = field(default_factory=dict)
    unique: dict[str, str] = field(default_factory=dict)
    """The constraint for what SQLite names when it is violated, as "payoff.id"."""

    def declare(self, statement: str) -> str:
        """Note a CREATE statement of Oracle's; give SQLite's."""
        if made := _TABLE.match(statement):
            return self._declare_table(made[1], list(parts(made[2])))
        made = _INDEX.match(statement)
        assert made, f"the stand-in cannot run {statement}"
        unique, name, table, on = made.groups(default="")
        if unique:
            # An index on columns is named by them, one on an expression by its name.
            self.unique |= {f"index '{name}'": name, _columns(table, on[1:-1]): name}
        return f"CREATE {unique}INDEX {name} ON {table} {on}"

    def _declare_table(self, table: str, lines: list[str]) -> str:
        columns = self.tables.setdefault(table, {})
        made: list[str] = []
        for line in lines:
            if constraint := _CONSTRAINT.match(line):
                made.append(self._constraint(table, *constraint.groups()))
                continue
            name, declaration = line.split(None, 1)
            columns[name] = Column.declared(table, name, declaration)
            # Without a type SQLite keeps each value as it is given.
            made.append(name if columns[name].nullable else f"{name} NOT NULL")
        return f"CREATE TABLE {table} ({', '.join(made)})"

    def _constraint(self, table: str, name: str, rule: str) -> str:
        if key := _KEY.match(rule):
            self.unique[_columns(table, key[1])] = name
        rule = _IS_JSON.sub(r"(\1 IS NULL OR json_valid(\1))", rule)
        return f"CONSTRAINT {name} {rule}"


def _columns(table: str, names: str) -> str:
    return ", ".join(f"{table}.{name.strip()}" for name in names.split(","))


def parts(text: str) -> Iterable[str]:
    """Split at the commas that stand in no brackets and in no literal."""
    depth, start, quoted = 0, 0, False
    for place, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if character == "," and depth == 0:
                yield text[start:place].strip()
                start = place + 1
    yield text[start:].strip()


def ddl_of(metadata: MetaData) -> Iterable[str]:
    """Give what makes every table and index, as SQLAlchemy writes it for Oracle 19c."""
    dialect = OracleDialect_oracledb()  # type: ignore[no-untyped-call]  # SQLAlchemy's has no types
    dialect.server_version_info = RELEASE
    dialect.supports_native_boolean = False
    for table in metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            yield str(CreateIndex(index).compile(dialect=dialect))
