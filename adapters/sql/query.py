"""The list query as SQL that SQLite and every Oracle from 19c understand alike."""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    false,
    or_,
    select,
)

from adapters.sql.tables import TABLES
from application.query import Clause, Operator, Order, Query, Term

MOST_IN_A_LIST = 1000
"""Oracle before 23ai takes no longer IN list (ORA-01795)."""

LARGEST_INTEGER = 2**63 - 1
"""No column holds a larger one, and SQLite binds none."""

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
LATEST = datetime.max.replace(tzinfo=timezone.utc)

Condition = ColumnElement[bool]


def statement(table: Table, query: Query) -> Select[Any]:
    """Give the SELECT that answers a query, asking for one row more than its limit."""
    chosen = select(*table.c).where(*(_clause(table, clause) for clause in query.clauses))
    if query.after is not None:
        chosen = chosen.where(_beyond(table, query.order, query.after))
    for item in query.order:
        column = table.c[item.field]
        chosen = chosen.order_by(column.desc() if item.descending else column.asc())
    return chosen.limit(bindparam("most_rows", query.limit + 1, type_=Integer))


def _clause(table: Table, clause: Clause) -> Condition:
    return or_(false(), *(_term(table, term) for term in clause))


def _term(table: Table, term: Term) -> Condition:
    values = tuple(map(_within_reach, term.values))
    if term.link is None:
        return _CONDITION[term.operator](table.c[term.field], values)
    linked = TABLES[term.link.kind]
    found: Condition = (
        select(linked.c[term.link.by])
        .where(linked.c[term.link.by] == table.c[term.link.by])
        .where(_CONDITION[term.operator](linked.c[term.field], values))
        .exists()
    )
    return found


def _within_reach(value: Any) -> Any:
    """Bring a value that no driver takes to the bound that it is beyond."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST_INTEGER, min(value, LARGEST_INTEGER))
    if isinstance(value, datetime) and value.tzinfo is not None:
        return min(max(value, EARLIEST), LATEST)
    return value


def _equals(column: Column[Any], values: tuple[Any, ...]) -> Condition:
    if len(values) == 1:
        same: Condition = column == values[0]
        return same
    chunks = range(0, len(values), MOST_IN_A_LIST)
    return or_(false(), *(column.in_(values[i : i + MOST_IN_A_LIST]) for i in chunks))


def _differs(column: Column[Any], values: tuple[Any, ...]) -> Condition:
    return and_(column.is_not(None), *(column != value for value in values))


def _starts(column: Column[Any], values: tuple[Any, ...]) -> Condition:
    start: str = values[0]
    end = _after_prefix(start)
    from_start: Condition = column >= start
    return from_start if end is None else and_(from_start, column < end)


def _after_prefix(start: str) -> str | None:
    """Give the least text that sorts after every text with this start; none if there is none.

    Texts sort by code point on both databases; surrogates are no characters and are skipped.
    """
    for index in range(len(start) - 1, -1, -1):
        point = ord(start[index]) + 1
        if point <= 0x10FFFF:
            return start[:index] + chr(0xE000 if point == 0xD800 else point)
    return None


def _is_null(column: Column[Any], values: tuple[Any, ...]) -> Condition:
    return column.is_(None) if values[0] else column.is_not(None)


_CONDITION: Mapping[Operator, Callable[[Column[Any], tuple[Any, ...]], Condition]] = {
    Operator.EQ: _equals,
    Operator.NE: _differs,
    Operator.GT: lambda column, values: column > values[0],
    Operator.GTE: lambda column, values: column >= values[0],
    Operator.LT: lambda column, values: column < values[0],
    Operator.LTE: lambda column, values: column <= values[0],
    Operator.PREFIX: _starts,
    Operator.NULL: _is_null,
}


def _beyond(table: Table, order: tuple[Order, ...], after: tuple[Any, ...]) -> Condition:
    """Give the rows behind a position.

    Written out, as Oracle compares no rows of values (ORA-01796); the bound on the first column
    says nothing new and is what makes this a range scan of the index.
    """
    steps = list(zip(order, after, strict=True))
    first, passed = steps[0]
    column = table.c[first.field]
    beyond: Condition = false()
    for item, value in reversed(steps):
        beyond = _past(table.c[item.field], item.descending, value, beyond)
    return and_(column <= passed if first.descending else column >= passed, beyond)


def _past(column: Column[Any], descending: bool, value: Any, rest: Condition) -> Condition:
    past = column < value if descending else column > value
    return or_(past, and_(column == value, rest))
