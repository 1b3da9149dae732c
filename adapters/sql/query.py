"""The list query as SQL that SQLite and every Oracle from 19c understand alike."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import (
    BindParameter,
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

MOST_SHAPES = 1000
"""How many shapes of queries are kept as statements."""

Condition = ColumnElement[bool]

Bind = BindParameter[Any]

Binder = Callable[[Column[Any], bool], Bind]
"""Gives the next bind parameter, of a column's type; the flag: it stands for a list."""

Shape = tuple[tuple[tuple[Term, ...], ...], tuple[Order, ...], bool]
"""A query without its values: for each of them a term says only that it is there."""


def prepared(table: Table, query: Query) -> tuple[Select[Any], dict[str, Any]]:
    """Give the SELECT that answers a query, and its parameters.

    It asks for one row more than the query's limit. Queries of one shape share a statement:
    building one costs ten times what running it does.
    """
    values: list[Any] = []
    clauses = tuple(tuple(_shaped(term, values) for term in clause) for clause in query.clauses)
    values += [_within_reach(value) for value in query.after or ()]
    chosen = _statement(table, (clauses, query.order, query.after is not None))
    parameters = {_name(place): value for place, value in enumerate(values)}
    return chosen, parameters | {"most_rows": query.limit + 1}


def conditions(table: Table, clauses: tuple[Clause, ...]) -> list[Condition]:
    """Give what clauses ask of a table's rows, with their values, for a statement of one's own."""
    values: list[Any] = []
    shaped = [tuple(_shaped(term, values) for term in clause) for clause in clauses]
    bound = iter(values)

    def bind(column: Column[Any], several: bool) -> Bind:
        value = next(bound)
        return bindparam(None, value, type_=column.type, expanding=several, unique=True)

    return [_clause(table, clause, bind) for clause in shaped]


def _shaped(term: Term, values: list[Any]) -> Term:
    """Give a term that holds, in place of its values, how they are bound; note them."""
    reachable = tuple(map(_within_reach, term.values))
    if term.operator is Operator.NULL:
        return term
    if term.operator is Operator.EQ and len(reachable) != 1:
        starts = range(0, len(reachable), MOST_IN_A_LIST)
        bound: list[Any] = [list(reachable[i: i + MOST_IN_A_LIST]) for i in starts]
        values += bound
        return replace(term, values=(True,) * len(bound))
    if term.operator is Operator.PREFIX:
        end = _after_prefix(reachable[0])
        reachable = reachable if end is None else (*reachable, end)
    values += reachable
    return replace(term, values=(False,) * len(reachable))


@lru_cache(MOST_SHAPES)
def _statement(table: Table, shape: Shape) -> Select[Any]:
    clauses, order, has_position = shape
    names = map(_name, count())

    def bind(column: Column[Any], several: bool) -> Bind:
        return bindparam(next(names), type_=column.type, expanding=several)

    chosen = select(*table.c).where(*(_clause(table, clause, bind) for clause in clauses))
    if has_position:
        chosen = chosen.where(_beyond(table, order, bind))
    for item in order:
        column = table.c[item.field]
        chosen = chosen.order_by(column.desc() if item.descending else column.asc())
    return chosen.limit(bindparam("most_rows", type_=Integer))


def _name(place: int) -> str:
    return f"value_{place}"


def _clause(table: Table, clause: Clause, bind: Binder) -> Condition:
    return or_(false(), *(_term(table, term, bind) for term in clause))


def _term(table: Table, term: Term, bind: Binder) -> Condition:
    if term.link is None:
        return _condition(table.c[term.field], term, bind)
    linked = TABLES[term.link.kind]
    found: Condition = (
        select(linked.c[term.link.by])
        .where(linked.c[term.link.by] == table.c[term.link.by])
        .where(_condition(linked.c[term.field], term, bind))
        .exists()
    )
    return found


def _condition(column: Column[Any], term: Term, bind: Binder) -> Condition:
    if term.operator is Operator.NULL:
        return column.is_(None) if term.values[0] else column.is_not(None)
    binds = [bind(column, several) for several in term.values]
    return _CONDITION[term.operator](column, binds)


def _within_reach(value: Any) -> Any:
    """Bring a value that no driver takes to the bound that it is beyond."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST_INTEGER, min(value, LARGEST_INTEGER))
    if isinstance(value, datetime) and value.tzinfo is not None:
        return min(max(value, EARLIEST), LATEST)
    return value


def _equals(column: Column[Any], binds: list[Bind]) -> Condition:
    return or_(
        false(), *(column.in_(one) if one.expanding else column == one for one in binds)
    )


def _differs(column: Column[Any], binds: list[Bind]) -> Condition:
    return and_(column.is_not(None), *(column != one for one in binds))


def _starts(column: Column[Any], binds: list[Bind]) -> Condition:
    start, *end = binds
    return and_(column >= start, *(column < one for one in end))


def _after_prefix(start: str) -> str | None:
    """Give the least text that sorts after every text with this start; none if there is none.

    Texts sort by code point on both databases; surrogates are no characters and are skipped.
    """
    for index in range(len(start) - 1, -1, -1):
        point = ord(start[index]) + 1
        if point <= 0x10FFFF:
            return start[:index] + chr(0xE000 if point == 0xD800 else point)
    return None


_CONDITION: Mapping[Operator, Callable[[Column[Any], list[Bind]], Condition]] = {
    Operator.EQ: _equals,
    Operator.NE: _differs,
    Operator.GT: lambda column, binds: column > binds[0],
    Operator.GTE: lambda column, binds: column >= binds[0],
    Operator.LT: lambda column, binds: column < binds[0],
    Operator.LTE: lambda column, binds: column <= binds[0],
    Operator.PREFIX: _starts,
}


def _beyond(table: Table, order: tuple[Order, ...], bind: Binder) -> Condition:
    """Give the rows behind a position.

    Written out, as Oracle compares no rows of values (ORA-01796); the bound on the first column
    says nothing new and is what makes this a range scan of the index.
    """
    columns = [table.c[item.field] for item in order]
    passed = [bind(column, False) for column in columns]
    beyond: Condition = false()
    for item, column, value in reversed(list(zip(order, columns, passed, strict=True))):
        past = column < value if item.descending else column > value
        beyond = or_(past, and_(column == value, beyond))
    first = columns[0]
    return and_(first <= passed[0] if order[0].descending else first >= passed[0], beyond)
