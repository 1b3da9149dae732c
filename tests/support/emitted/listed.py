"""The statements of the store: every record read and written, every list in every shape."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, LargeBinary, String
from sqlalchemy.types import TypeEngine

from adapters.sql.query import prepared
from adapters.sql.store import _select_one, _write_statement
from adapters.sql.tables import TABLES
from adapters.sql.types import Choice, Day, Exact, Flag, Guid, JsonText, UtcTimestamp
from application.audit.record import Operation
from application.query import Clause, Link, Listing, Operator, Order, Query, Term
from domain.model import Record
from tests.support.emitted import Emitted

NOON = datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=timezone.utc)

COUNTS = (1, 2, 50, 1000, 1001)
"""How many values a condition has: around what a list of Oracle's holds."""

FIND = "adapters/sql/store.py SqlSource.find"
GET = "adapters/sql/store.py SqlSource.get"
WRITE = "adapters/sql/store.py _write_batch"

ONE_VALUE = (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)
SEVERAL = (Operator.EQ, Operator.NE)


_VALUES: Sequence[tuple[type[TypeEngine[Any]], Callable[[Any, int], Any]]] = (
    (Choice, lambda of, number: list(of.members)[number % len(of.members)]),
    (Guid, lambda _, number: UUID(int=number + 1)),
    (UtcTimestamp, lambda _, number: NOON + timedelta(seconds=number)),
    (Day, lambda _, number: date(2026, 1, 1) + timedelta(days=number)),
    (Flag, lambda _, number: number % 2 == 1),
    (Exact, lambda of, number: Decimal(number).scaleb(-of.scale)),
    (JsonText, lambda _, __: None),
    (LargeBinary, lambda _, number: number.to_bytes(4, "big")),
    (String, lambda _, number: f"text {number}"),
    (Integer, lambda _, number: number),
)


def sample(column: Column[Any], number: int) -> Any:
    """Give a value that a column can hold, another one for every number where it has as many."""
    return next(make for of, make in _VALUES if isinstance(column.type, of))(column.type, number)


def reads_and_writes() -> Iterator[Emitted]:
    """Give what reads one record, and what changes or removes many, of every kind stored."""
    for kind, table in TABLES.items():
        at_key = {f"at_{column.key}": sample(column, 1) for column in table.primary_key}
        values = {column.key: sample(column, 1) for column in table.c}
        changed = {name: values[name] for name in values if f"at_{name}" not in at_key}
        at_version = {"at_version": 1, **at_key}
        yield Emitted(GET, _select_one(kind), at_key)
        for operation, row in (
            (Operation.CHANGE, changed | at_version),
            (Operation.REMOVE, at_version),
        ):
            yield Emitted(WRITE, _write_statement(kind, operation), [row, row])


def lists(listings: Mapping[str, Listing[Any]]) -> Iterator[Emitted]:
    """Give what lists answer: each filter in each comparison with few and many values, each
    order, the first page and a later one, and conditions joined by OR."""
    for name, listing in listings.items():
        shown = name == "payoff"
        for order in _orders(listing):
            yield from _pages(listing, (), order, shown or order == listing.complete(()))
        seen: set[tuple[Any, ...]] = set()
        for clause in _clauses(listing):
            like = _like(listing, clause[0])
            first, later = _pages(listing, (clause,), (), shown and like not in seen)
            yield from (first, replace(later, shown=False))
            seen.add(like)
        yield from _pages(listing, _joined(listing), (), shown)


def questions() -> Iterator[Emitted]:
    """Give what use cases may ask for by themselves: any column of any kind, any comparison."""
    for kind, table in TABLES.items():
        for column in table.c:
            if not isinstance(column.type, JsonText):
                for operator in _comparisons(column):
                    for count in (1, 2) if operator in SEVERAL else (1,):
                        term = Term(column.key, operator, _values(column, operator, count))
                        yield _asked(kind, Query(clauses=((term,),), limit=1), False)


def _orders(listing: Listing[Any]) -> Iterator[tuple[Order, ...]]:
    yield listing.complete(())
    for field in listing.sorts:
        for descending in (False, True):
            yield listing.complete((Order(field, descending),))
            yield from (
                listing.complete((Order(field, descending), Order(other, not descending)))
                for other in listing.sorts
                if other != field
            )


def _clauses(listing: Listing[Any]) -> Iterator[Clause]:
    for field in listing.filters:
        column = TABLES[listing.kind].c[field]
        for operator in _comparisons(column):
            for count in COUNTS if operator in SEVERAL else (1,):
                yield (_term(listing.kind, field, operator, count),)
    for one in listing.more_filters.values():
        for operator in one.operators:
            for count in COUNTS if operator in SEVERAL else (1,):
                yield (_term(listing.kind, one.field, operator, count, one.link),)


def _like(listing: Listing[Any], term: Term) -> tuple[Any, ...]:
    """Give what a term's statement follows from, but for names: one of each is enough to read."""
    kind = listing.kind if term.link is None else term.link.kind
    return type(TABLES[kind].c[term.field].type), term.operator, len(term.values) > 1, term.link


def _joined(listing: Listing[Any]) -> tuple[Clause, ...]:
    """Give three groups of up to five terms joined by OR, and two terms beside them."""
    terms = (clause[0] for clause in _clauses(listing) if len(clause[0].values) <= 2)
    groups = [tuple(islice(terms, 5)) for _ in range(3)]
    alone = [(one,) for one in islice(terms, 2)]
    return tuple(group for group in (*groups, *alone) if group)


def _pages(
    listing: Listing[Any], clauses: tuple[Clause, ...], order: tuple[Order, ...], shown: bool
) -> Iterator[Emitted]:
    table, order = TABLES[listing.kind], order or listing.complete(())
    passed = tuple(sample(table.c[item.field], 1) for item in order)
    for after in (None, passed):
        query = Query(clauses=clauses, order=order, after=after, limit=listing.largest)
        yield _asked(listing.kind, query, shown)


def _asked(kind: type[Record], query: Query, shown: bool) -> Emitted:
    return Emitted(FIND, *prepared(TABLES[kind], query), shown)


def _term(
    kind: type[Record], field: str, operator: Operator, count: int, link: Link | None = None
) -> Term:
    column = TABLES[kind if link is None else link.kind].c[field]
    return Term(field, operator, _values(column, operator, count), link)


def _values(column: Column[Any], operator: Operator, count: int) -> tuple[Any, ...]:
    if operator is Operator.NULL:
        return (True,)
    return tuple(sample(column, number) for number in range(count))


def _comparisons(column: Column[Any]) -> tuple[Operator, ...]:
    is_text = isinstance(column.type, String)
    may_be_null = (Operator.NULL,) if column.nullable else ()
    return (*SEVERAL, *ONE_VALUE, *((Operator.PREFIX,) if is_text else ()), *may_be_null)
