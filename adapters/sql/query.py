"""The list query as SQL that SQLite and every Oracle from 19c understand alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from adapters.sql.tables import FINDS_FEW, TABLES
from application.query import Clause, Operator, Order, Query, Term

MOST_IN_A_LIST = 1000
"""Oracle before 23ai takes no longer IN list (ORA-01795)."""

LARGEST_INTEGER = 2**63 - 1
"""No column holds a larger one, and SQLite binds none."""

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
LATEST = datetime.max.replace(tzinfo=timezone.utc)

MOST_SHAPES = 1000
"""How many shapes of queries are kept as statements."""

Value = TypeVar("Value")

Condition = ColumnElement[bool]

NEVER: Condition = literal_column("0") == literal_column("1")
"""What SQLAlchemy's false() is not: the same text on every release of Oracle."""

Columns = Mapping[str, ColumnElement[Any]] | ReadOnlyColumnCollection[str, Column[Any]]
"""The columns of a table by name."""

Bind = BindParameter[Any]

Binder = Callable[[ColumnElement[Any], int], Bind | list[Bind]]
"""Gives the next bind parameter, of a column's type; the number: how it stands for a list."""

ONE = 0
"""A bind parameter for a value."""

ANY_LENGTH = -1
"""A bind parameter for a list, which SQLAlchemy writes out each time that it is sent."""

LONGEST_WRITTEN = 64
"""How long lists are whose shape says their length: the statement has a parameter for each value.
To write out such a list each time would cost more than all else that is done for the query."""

LIMIT = "most_rows"
"""The name of the parameter that limits the rows."""

MOST_BRANCHES = 16
"""How many values of a field are looked up side by side, each in the order that is asked for."""

Branches = tuple[str, int]
"""A field, and how many values of it are looked up side by side."""

Shape = tuple[tuple[tuple[Term, ...], ...], tuple[Order, ...], bool, Branches | None]
"""A query without its values: of each a term says only how it is bound, as ONE, as ANY_LENGTH, or
by the length of a list."""


def prepared(table: Table, query: Query) -> tuple[Select[Any], dict[str, Any]]:
    """Give the SELECT that answers a query, and its parameters.

    It asks for one row more than the query's limit. Queries of one shape share a statement:
    building one costs ten times what running it does.
    """
    shape, values = shaped(table, query)
    return _statement(table, shape), parameters_of("", values, query)


def prepared_together(
    table: Table, queries: Sequence[Query]
) -> tuple[Select[Any], dict[str, Any]]:
    """Give the SELECT that answers queries of one shape, and its parameters.

    The first column of a row is the place of its query, in whose order the rows are. The
    statement is for a power of two of queries: the last one fills it up, and its rows come again
    at places beyond.
    """
    count = 1 << (len(queries) - 1).bit_length()
    asked = [*queries, *[queries[-1]] * (count - len(queries))]
    parameters: dict[str, Any] = {}
    for place, query in enumerate(asked):
        shape, values = shaped(table, query)
        parameters |= parameters_of(_of(place), values, query)
    return _several(table, shape, count), parameters


def shaped(table: Table, query: Query) -> tuple[Shape, list[Any]]:
    """Take a query apart into its shape and the values that are bound."""
    values: list[Any] = []
    clauses, branches = query.clauses, None
    apart = _apart(table, query)
    if apart is not None:
        clauses = tuple(clause for clause in clauses if clause != (apart,))
        distinct = tuple(dict.fromkeys(map(_within_reach, apart.values)))
        branches = (apart.field, len(distinct))
        values += distinct
    terms = shaped_clauses(clauses, values)
    values += [_within_reach(value) for value in query.after or ()]
    return (terms, query.order, query.after is not None, branches), values


def parameters_of(prefix: str, values: Sequence[Any], query: Query) -> dict[str, Any]:
    """Give the values, in the order of their binds, and the limit by the names of the binds."""
    bound: dict[str, Any] = {f"{prefix}{LIMIT}": query.limit + 1}
    for place, value in enumerate(values):
        name = f"{prefix}{_name(place)}"
        if isinstance(value, list) and length_of(value) != ANY_LENGTH:
            bound |= zip(_numbered(name, len(value)), value)
        else:
            bound[name] = value
    return bound


def conditions(table: Table, clauses: tuple[Clause, ...]) -> list[Condition]:
    """Give what clauses ask of a table's rows, with their values, for a statement of one's own."""
    values: list[Any] = []
    shaped = [tuple(_shaped(term, values) for term in clause) for clause in clauses]
    bound = iter(values)

    def bind(column: ColumnElement[Any], length: int) -> Bind:
        value = next(bound)
        several = length != ONE
        return bindparam(None, value, type_=column.type, expanding=several, unique=True)

    return [clause_of(table.c, clause, bind) for clause in shaped]


def in_lists(values: Sequence[Value]) -> Iterator[list[Value]]:
    """Give values in lists that an IN takes: at most 1,000 in each, and few different lengths.

    A list is filled up to a power of two, or to 1,000, with its last value. So a statement has
    at most eleven texts, and Oracle and SQLAlchemy keep what they made of each.
    """
    for start in range(0, len(values), MOST_IN_A_LIST):
        some = list(values[start: start + MOST_IN_A_LIST])
        length = min(1 << (len(some) - 1).bit_length(), MOST_IN_A_LIST)
        yield some + some[-1:] * (length - len(some))


def is_one_of(column: Column[Any]) -> Condition:
    """Say that a column equals one of the values that are bound as the list `several`."""
    return column.in_(bindparam("several", type_=column.type, expanding=True))


def at_most(rows: int) -> Bind:
    """Give a limit: bound, so that statements with different limits are one for Oracle."""
    return bindparam(LIMIT, rows, type_=Integer)


def shaped_clauses(clauses: tuple[Clause, ...], values: list[Any]) -> tuple[Clause, ...]:
    """Give clauses that say of each value how it is bound, and add the values to a list."""
    return tuple(tuple(_shaped(term, values) for term in clause) for clause in clauses)


def _shaped(asked: Term, values: list[Any]) -> Term:
    """Give a term that holds, in place of its values, how they are bound; note them."""
    term = _without_empty_text(asked)
    reachable = tuple(map(_within_reach, term.values))
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


def length_of(some: Sequence[Any]) -> int:
    """Say how a list is bound."""
    return len(some) if len(some) <= LONGEST_WRITTEN else ANY_LENGTH


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


def _apart(table: Table, query: Query) -> Term | None:
    """Give a term of several values whose rows an index has in the query's order for each value.

    Rows of several values at once no index has in that order: all of them would be sorted for
    each page.
    """
    if query.order:
        for clause in query.clauses:
            if len(clause) == 1 and _is_choice(clause[0]) and _has_order(table, clause[0], query):
                return clause[0]
    return None


def _is_choice(term: Term) -> bool:
    several = 1 < len(term.values) <= MOST_BRANCHES and "" not in term.values
    return several and term.operator is Operator.EQ and term.link is None


def _has_order(table: Table, term: Term, query: Query) -> bool:
    wanted = [term.field, query.order[0].field]
    indexes = [[column.key for column in index.columns] for index in table.indexes]
    return any(keys[:2] == wanted for keys in indexes)


@lru_cache(MOST_SHAPES)
def _statement(table: Table, shape: Shape) -> Select[Any]:
    return _select(table, shape, "")


@lru_cache(MOST_SHAPES)
def _several(table: Table, shape: Shape, queries: int) -> Select[Any]:
    parts = (_select(table, shape, _of(place)).subquery() for place in range(queries))
    together = union_all(
        *(select(_place(place), *part.c) for place, part in enumerate(parts))
    ).subquery()
    return in_order(select(together).order_by(together.c.place), together, shape[1])


def _select(table: Table, shape: Shape, prefix: str) -> Select[Any]:
    """Make the SELECT of a shape; its parameters have names that begin so."""
    clauses, order, has_position, branches = shape
    bind = binder(prefix)

    def cut(rows: Select[Any], of: FromClause) -> Select[Any]:
        return in_order(rows, of, order).limit(bindparam(f"{prefix}{LIMIT}", type_=Integer))

    field, number = branches or ("", 0)
    values = [bind(table.c[field], ONE) for _ in range(number)]
    chosen = select(*table.c).where(*_conditions(table, clauses, bind))
    if has_position:
        chosen = chosen.where(_beyond(table, order, bind))
    if branches is None:
        return cut(chosen, table)
    parts = (cut(chosen.where(table.c[field] == value), table) for value in values)
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return cut(select(together), together)


def _conditions(
    table: Table, clauses: tuple[Clause, ...], bind: Binder
) -> Iterator[Condition]:
    few = _finds_few(table, clauses)
    return (clause_of(table.c, clause, bind, few) for clause in clauses)


def binder(prefix: str) -> Binder:
    """Give what makes bind parameters, each with the next name behind a prefix."""
    names = (f"{prefix}{_name(place)}" for place in count())

    def bind(column: ColumnElement[Any], length: int) -> Bind | list[Bind]:
        name = next(names)
        if length in (ONE, ANY_LENGTH):
            return bindparam(name, type_=column.type, expanding=length == ANY_LENGTH)
        return [bindparam(each, type_=column.type) for each in _numbered(name, length)]

    return bind


def in_order(chosen: Select[Any], of: FromClause, order: tuple[Order, ...]) -> Select[Any]:
    """Sort what is selected."""
    for item in order:
        column = of.c[item.field]
        chosen = chosen.order_by(column.desc() if item.descending else column.asc())
    return chosen


def _name(place: int) -> str:
    return f"value_{place}"


def _numbered(name: str, length: int) -> Iterator[str]:
    """Name the values of a list as SQLAlchemy names those of a list that it writes out."""
    return (f"{name}_{number}" for number in range(1, length + 1))


def _of(place: int) -> str:
    return f"of_{place}_"


def _place(place: int) -> ColumnElement[int]:
    return bindparam(f"{_of(place)}place", place, type_=Integer).label("place")


def _finds_few(table: Table, clauses: tuple[Clause, ...]) -> bool:
    """Tell whether some clause leaves hardly more than a row."""
    return any(
        clause[0].link is None
        and clause[0].operator is Operator.EQ
        and clause[0].values == (ONE,)
        and table.c[clause[0].field] in FINDS_FEW
        for clause in clauses if len(clause) == 1
    )


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


def _within_reach(value: Any) -> Any:
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


def _beyond(table: Table, order: tuple[Order, ...], bind: Binder) -> Condition:
    """Give the rows behind a position.

    Written out, as Oracle compares no rows of values (ORA-01796); the bound on the first column
    says nothing new and is what makes this a range scan of the index.
    """
    columns = [table.c[item.field] for item in order]
    passed = [bind(column, ONE) for column in columns]
    beyond: list[Condition] = []
    for item, column, value in reversed(list(zip(order, columns, passed, strict=True))):
        past = column < value if item.descending else column > value
        beyond = [or_(past, *(and_(column == value, tied) for tied in beyond))]
    first = columns[0]
    return and_(first <= passed[0] if order[0].descending else first >= passed[0], *beyond)
