"""Rules for the values that are bound, and for the types that the driver is told of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.support.oracle_rules.columns import LARGE
from tests.support.oracle_rules.rule import LONGEST_TEXT
from tests.support.oracle_rules.text import Statement, split

_BOUND = (str, int, Decimal, datetime, date, bytes)
_LONG = ("DB_TYPE_NVARCHAR", "DB_TYPE_CLOB", "DB_TYPE_NCLOB", "DB_TYPE_LONG")


@dataclass(frozen=True, slots=True)
class BindRule:
    """One thing that no bind of ours may be."""

    name: str
    reason: str
    """What Oracle or its driver does about it, with the code of its error."""
    broken: Callable[[Any, str | None], bool]
    """Tells of a value and the driver's type that is named for it, if one is."""


def broken_by(
    rows: Sequence[Mapping[str, Any]], sizes: Mapping[str, Any] | None
) -> Iterator[BindRule]:
    """Give the rules that a bind of any row breaks."""
    for rule in BIND_RULES:
        if sizes is None and rule in NEEDS_SIZES:
            continue
        named = {} if sizes is None else sizes
        if any(
            rule.broken(value, _size_name(named.get(name)))
            for row in rows
            for name, value in row.items()
        ):
            yield rule


def _size_name(size: Any) -> str | None:
    return None if size is None else str(getattr(size, "name", size))


def _is_empty(value: Any, _size: str | None) -> bool:
    return isinstance(value, str) and value == ""


def _has_zone(value: Any, _size: str | None) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _loses_microseconds(value: Any, size: str | None) -> bool:
    return isinstance(value, datetime) and size != "DB_TYPE_TIMESTAMP"


def _is_truth(value: Any, _size: str | None) -> bool:
    return isinstance(value, bool)


def _is_float(value: Any, _size: str | None) -> bool:
    return isinstance(value, float)


def _is_strange(value: Any, _size: str | None) -> bool:
    is_variable = hasattr(value, "getvalue")
    return value is not None and not is_variable and not isinstance(value, (*_BOUND, float))


def _is_long(value: Any, size: str | None) -> bool:
    return isinstance(value, str) and size not in _LONG and len(value.encode()) > LONGEST_TEXT


BIND_RULES: Sequence[BindRule] = (
    BindRule("empty-text-bound", "'' is NULL: nothing equals it (ORA-01400)", _is_empty),
    BindRule("zone-bound", "the driver drops a time's zone (no error)", _has_zone),
    BindRule(
        "day-bound", "a time without TIMESTAMP is bound as DATE (no error)", _loses_microseconds
    ),
    BindRule("truth-bound", "True is BOOLEAN or a number, as the server is (ORA-00932)", _is_truth),
    BindRule("float-bound", "binary fractions are inexact (no error)", _is_float),
    BindRule("strange-bound", "the driver knows no such type (DPY-3002)", _is_strange),
    BindRule("long-bound", "more than 4,000 bytes need a CLOB's type (ORA-01461)", _is_long),
)

NEEDS_SIZES = tuple(rule for rule in BIND_RULES if rule.name in ("day-bound", "long-bound"))
"""Rules that say nothing where it is not known which types are named."""

NATIONAL = BindRule(
    "national-bound", "a national bind turns a key's index off (no error)", lambda *_: False
)
"""Broken where a column that is no CLOB meets such a bind."""


def is_national(statement: Statement, sizes: Mapping[str, Any]) -> bool:
    """Tell whether a bind is national that no CLOB takes."""
    national = {
        f":{name}".upper()
        for name, size in sizes.items()
        if _size_name(size) in ("DB_TYPE_NVARCHAR", "DB_TYPE_NCHAR")
    }
    return bool(national) and bool(national - _into_large(statement))


def _into_large(statement: Statement) -> set[str]:
    """Name the binds that go into a CLOB."""
    table = statement.target.lower()
    pairs = [*_inserted(statement), *_set(statement)]
    return {bind.upper() for column, bind in pairs if (table, column.lower()) in LARGE}


def _inserted(statement: Statement) -> Iterator[tuple[str, str]]:
    opens, values = next(statement.find("("), None), next(statement.find("VALUES", "("), None)
    if statement.first == "INSERT" and opens is not None and values is not None:
        columns, binds = statement.bracket(opens), statement.bracket(values + 1)
        for column, bind in zip(split(columns, 1), split(binds, 1), strict=False):
            yield column[-1].text, bind[0].text.replace('"', "")


def _set(statement: Statement) -> Iterator[tuple[str, str]]:
    for item in statement.assignments:
        if len(item) == 3:
            yield item[0].text, item[2].text.replace('"', "")
