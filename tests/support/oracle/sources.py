"""What a statement reads from: the tables behind its names, and the columns of its results."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.support.oracle.columns import Column
from tests.support.oracle.schema import Schema, parts

COLUMN = r"(?:(\w+)\.)?(\w+)"

_SOURCE = re.compile(r"(?:\bFROM|\bJOIN|\bUPDATE|\bINTO|,)\s+(\w+)\b(?:[ \t]+(\w+))?")
_SELECTED = re.compile(r"\s*SELECT (?:DISTINCT )?(.*)$", re.DOTALL | re.IGNORECASE)
_BRACKETS = re.compile(r"'(?:[^']|'')*'|[()]|\bFROM\b", re.IGNORECASE)
_NAMED = re.compile(r'(.*?)(?:\s+AS\s+("?)(\w+)"?)?$', re.DOTALL)
_EXTREME = re.compile(rf"(?:max|min)\({COLUMN}\)", re.IGNORECASE)
_TEXT = re.compile(r"'|sys_context|value\b|version_num\b", re.IGNORECASE)
_MOMENT = re.compile(r"sys_extract_utc", re.IGNORECASE)

NUMBER = Column("", "", "NUMBER")
"""What an expression is that is no column: a number of unknown precision."""
TEXT = Column("", "", "VARCHAR2", 4000)
MOMENT = Column("", "", "TIMESTAMP", 6)


@dataclass(frozen=True, slots=True)
class Selected:
    """A column of a result."""

    name: str
    column: Column


@dataclass(frozen=True, slots=True)
class Sources:
    """The tables of a statement, by their own names and those that it gives them."""

    tables: Mapping[str, str]
    schema: Schema

    @classmethod
    def of(cls, sql: str, schema: Schema) -> "Sources":
        """Find the tables that a statement names."""
        found: dict[str, str] = {}
        for table, alias in _SOURCE.findall(sql):
            if table in schema.tables:
                found |= {table: table, alias or table: table}
        return cls(found, schema)

    def column(self, qualifier: str | None, name: str) -> Column | None:
        """Give the column of a name; a subquery's are taken for those of the table below it."""
        named = self.tables.get(qualifier or "")
        tables = [named] if named else [*dict.fromkeys(self.tables.values())]
        candidates = (self.schema.tables[table].get(name) for table in tables)
        return next((column for column in candidates if column), None)

    def selected(self, sql: str) -> Iterator[Selected]:
        """Tell what each column of a query's result is."""
        found = _SELECTED.match(_before_from(sql))
        assert found, f"the stand-in understands no such query: {sql}"
        for part in parts(found[1]):
            named = _NAMED.match(part)
            assert named
            expression, quote, label = named.groups(default="")
            name = label or expression.rsplit(".", 1)[-1]
            yield Selected(name if quote else name.upper(), self._of(expression))

    def _of(self, expression: str) -> Column:
        found = _EXTREME.fullmatch(expression) or re.fullmatch(COLUMN, expression)
        column = self.column(found[1], found[2]) if found else None
        if _MOMENT.match(expression):
            return MOMENT
        return column or (TEXT if _TEXT.match(expression) else NUMBER)


def _before_from(sql: str) -> str:
    depth = 0
    for token in _BRACKETS.finditer(sql):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if token[0].upper() == "FROM" and depth == 0:
            return sql[: token.start()].rstrip()
    return sql
