"""The clauses of a query as conditions that SQLite and every Oracle from 19c understand alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, bindparam, literal_column, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from adapters.sql.binding import ONE, Bind, Binder, in_lists, length_of
from adapters.sql.tables import TABLES
from application.query import Clause, Operator, Term

LARGEST_INTEGER = 2**63 - 1
"""No column holds a larger one, and SQLite binds none."""

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
LATEST = datetime.max.replace(tzinfo=timezone.utc)

Condition = ColumnElement[bool]

NEVER: Condition = literal_column("0") == literal_column("1")
"""What SQLAlchemy's false() is not: the same text on every release of Oracle."""

Columns = Mapping[str, ColumnElement[Any]] | ReadOnlyColumnCollection[str, Column[Any]]
"""The columns of a table by name."""


def conditions(table: Table, clauses: tuple[Clause, ...]) -> list[Condition]:
    """Give what clauses ask of a table's rows, with their values, for a statement of one's own."""
    values: list[Any] = []
    shaped = shaped_clauses(clauses, values)
    bound = iter(values)

    def bind(column: ColumnElement[Any], length: int) -> Bind:
        value = next(bound)
        several = length != ONE
        return bindparam(None, value, type_=column.type, expanding=several, unique=True)

    return [clause_of(table.c, clause, bind) for clause in shaped]


def shaped_clauses(clauses: tuple[Clause, ...], values: list[Any]) -> tuple[Clause, ...]:
    """Give clauses that say of each value how it is bound, and add the values to a list."""
    return tuple(tuple(_shaped(term, values) for term in clause) for clause in clauses)


def _shaped(asked: Term, values: list[Any]) -> Term:
    """Give a term that holds, in place of its values, how they are bound; note them."""
    term = _without_empty_text(asked)
    reachable = tuple(map(within_reach, term.values))
    if term.operator is Operator.NULL:
        return term
    if term.operator in _OF_SEVERAL and len(reachable) != 1:
        bound: list[Any] = list(in_lists(reachable))
        values += bound
        return Term(term.field, term.operator, tuple(map(length_of, bound)), term.link)
    if term.operator is Operator.PREFIX:
        end = _after_prefix(reachable[0])
        reachable = reachable if end is None else (*reachable, end)
    values += reachable
    return Term(term.field, term.operator, (ONE,) * len(reachable), term.link)


def clause_of(columns: Columns, clause: Clause, bind: Binder, few: bool = False) -> Condition:
    """Give a shaped clause as a condition; few: the rows are hardly more than what is looked up."""
    return _any_of([_term(columns, term, bind, few) for term in clause])


def _any_of(found: Sequence[Condition]) -> Condition:
    return or_(*found) if found else NEVER


def _term(columns: Columns, term: Term, bind: Binder, few: bool) -> Condition:
    if term.link is None:
        return _condition(columns[term.field], term, bind)
    linked = TABLES[term.link.kind]
    by, own = linked.c[term.link.by], columns[term.link.by]
    found = select(by).where(_condition(linked.c[term.field], term, bind))
    # SQLite gathers all that IN can find before it begins: not worth it for a row or two.
    return found.where(by == own).exists() if few else own.in_(found)


def _condition(column: ColumnElement[Any], term: Term, bind: Binder) -> Condition:
    if term.operator is Operator.NULL:
        return column.is_(None) if term.values[0] else column.is_not(None)
    binds = [bind(column, length) for length in term.values]
    return _CONDITION[term.operator](column, binds)


def within_reach(value: Any) -> Any:
    """Bring a value that no driver takes to the bound that it is beyond."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST_INTEGER, min(value, LARGEST_INTEGER))
    if isinstance(value, datetime) and value.tzinfo is not None:
        return min(max(value, EARLIEST), LATEST)
    return value


def _equals(column: ColumnElement[Any], binds: list[Any]) -> Condition:
    return _any_of([column.in_(one) if _is_list(one) else column == one for one in binds])


def _differs(column: ColumnElement[Any], binds: list[Any]) -> Condition:
    return and_(
        column.is_not(None),
        *(column.not_in(one) if _is_list(one) else column != one for one in binds),
    )


def _is_list(bound: Bind | list[Bind]) -> bool:
    return isinstance(bound, list) or bound.expanding


def _starts(column: ColumnElement[Any], binds: list[Any]) -> Condition:
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


_OF_SEVERAL = (Operator.EQ, Operator.NE)

_CONDITION: Mapping[Operator, Callable[[ColumnElement[Any], list[Any]], Condition]] = {
    Operator.EQ: _equals,
    Operator.NE: _differs,
    Operator.GT: lambda column, binds: column > binds[0],
    Operator.GTE: lambda column, binds: column >= binds[0],
    Operator.LT: lambda column, binds: column < binds[0],
    Operator.LTE: lambda column, binds: column <= binds[0],
    Operator.PREFIX: _starts,
}


def _without_empty_text(term: Term) -> Term:
    """Give a term that means the same and has no empty text: Oracle takes that for NULL.

    No column holds one, so every text is greater.
    """
    if not (term.values and isinstance(term.values[0], str) and "" in term.values):
        return term
    if term.operator in _OF_SEVERAL:
        return replace(term, values=tuple(value for value in term.values if value != ""))
    if term.operator in (Operator.LT, Operator.LTE):
        return replace(term, operator=Operator.EQ, values=())
    return replace(term, operator=Operator.NULL, values=(False,))
