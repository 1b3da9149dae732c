"""Queries that differ in the value of one field, as one question to the database."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Integer, Select, Table, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.sql.binding import LIMIT, binder, length_of
from adapters.sql.conditions import clause_of, shaped_clauses
from adapters.sql.query import MOST_SHAPES, in_order, parameters_of
from adapters.sql.tables import FINDS_FEW
from application.query import Clause, Operator, Order, Query


def set_apart(table: Table, query: Query) -> tuple[str, Any, Query] | None:
    """Take out of a query the value of a field that an index begins with: the field, the value,
    and the rest, or None.

    Queries of which the rest is the same can be asked as one. That takes no longer than asking
    each: no other field has a value to begin at, and the order, if any, is one that the index has.
    """
    found = [clause for clause in query.clauses if _gives_beginning(table, clause)]
    if len(found) != 1 or query.after is not None:
        return None
    ((term,),) = found
    if query.order and query.order[0].field != term.field:
        return None
    clauses = tuple(clause for clause in query.clauses if clause is not found[0])
    rest = Query(clauses=clauses, order=query.order, limit=query.limit)
    return term.field, term.values[0], rest


def _gives_beginning(table: Table, clause: Clause) -> bool:
    if len(clause) != 1 or clause[0].link is not None or len(clause[0].values) != 1:
        return False
    (term,) = clause
    given = term.operator is Operator.EQ and term.values[0] not in ("", None)
    return given and bool(_indexed_from(table, term.field))


@lru_cache(MOST_SHAPES)
def _indexed_from(table: Table, field: str) -> frozenset[str]:
    """Name the fields of the indexes that begin at a field."""
    indexes = (table.primary_key.columns, *(index.columns for index in table.indexes))
    names = ([column.key for column in columns] for columns in indexes)
    return frozenset(name for each in names if each[0] == field for name in each)


def prepared_among(
    table: Table, field: str, values: Sequence[Any], rest: Query
) -> tuple[Select[Any], dict[str, Any]]:
    """Give the SELECT of the rows that have one of the values in a field and meet a query besides.

    It begins at that field, which has an index, whatever SQLite thinks of other indexes: it has no
    statistics of a table that was empty an hour ago. It asks for one row more than the limit.
    """
    bound: list[Any] = [list(values)]
    clauses = shaped_clauses(rest.clauses, bound)
    statement = _among(table, field, length_of(values), clauses, rest.order)
    return statement, parameters_of("", bound, rest)


@lru_cache(MOST_SHAPES)
def _among(
    table: Table, field: str, length: int, clauses: tuple[Clause, ...], order: tuple[Order, ...]
) -> Select[Any]:
    bind = binder("")
    column = table.c[field]
    chosen = select(*table.c).where(column.in_(bind(column, length)))
    inside, few = _indexed_from(table, field), column in FINDS_FEW
    columns = {each.key: each if each.key in inside else _Aside(each) for each in table.c}
    for clause in clauses:
        chosen = chosen.where(clause_of(columns, clause, bind, few))
    return in_order(chosen, table, order).limit(bindparam(LIMIT, type_=Integer))


class _Aside(FunctionElement[Any]):
    """A column whose indexes SQLite is to leave alone."""

    inherit_cache = True

    def __init__(self, column: Column[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_Aside)
def _as_column(element: _Aside, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(_Aside, "sqlite")
def _as_value(element: _Aside, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{_as_column(element, compiler, **how)}"
