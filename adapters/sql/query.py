"""The list query as SQL that SQLite and every Oracle from 19c understand alike."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    or_,
    select,
    union_all,
)

from adapters.sql.binding import (
    ANY_LENGTH,
    LIMIT,
    ONE,
    Binder,
    binder,
    length_of,
    name_of,
    numbered,
)
from adapters.sql.conditions import Condition, clause_of, shaped_clauses, within_reach
from adapters.sql.tables import FINDS_FEW
from application.query import Clause, Operator, Order, Query, Term

MOST_SHAPES = 1000
"""How many shapes of queries are kept as statements."""

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
        distinct = tuple(dict.fromkeys(map(within_reach, apart.values)))
        branches = (apart.field, len(distinct))
        values += distinct
    terms = shaped_clauses(clauses, values)
    values += [within_reach(value) for value in query.after or ()]
    return (terms, query.order, query.after is not None, branches), values


def parameters_of(prefix: str, values: Sequence[Any], query: Query) -> dict[str, Any]:
    """Give the values, in the order of their binds, and the limit by the names of the binds."""
    bound: dict[str, Any] = {f"{prefix}{LIMIT}": query.limit + 1}
    for place, value in enumerate(values):
        name = f"{prefix}{name_of(place)}"
        if isinstance(value, list) and length_of(value) != ANY_LENGTH:
            bound |= zip(numbered(name, len(value)), value)
        else:
            bound[name] = value
    return bound


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


def in_order(chosen: Select[Any], of: FromClause, order: tuple[Order, ...]) -> Select[Any]:
    """Sort what is selected."""
    for item in order:
        column = of.c[item.field]
        chosen = chosen.order_by(column.desc() if item.descending else column.asc())
    return chosen


def _of(place: int) -> str:
    return f"of_{place}_"


def _place(place: int) -> ColumnElement[int]:
    return bindparam(f"{_of(place)}place", place, type_=Integer).label("place")


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


def _finds_few(table: Table, clauses: tuple[Clause, ...]) -> bool:
    """Tell whether some clause leaves hardly more than a row."""
    return any(
        clause[0].link is None
        and clause[0].operator is Operator.EQ
        and clause[0].values == (ONE,)
        and table.c[clause[0].field] in FINDS_FEW
        for clause in clauses if len(clause) == 1
    )
