"""The list query as plain values: filters, or-groups, order, position; and what it means."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic

from domain.model import Kind, Record, key_of, marked


class Operator(StrEnum):
    """How a field is compared; EQ and NE take any number of values, the others take one."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    PREFIX = "prefix"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Link:
    """A condition is put to records of `kind` that have the same value in the field `by`."""

    kind: type[Record]
    by: str


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on one field.

    EQ holds when the field, or one of its members where it has several, equals any of the
    values; NE when it equals none of them and is not null. NULL takes True (is null) or False.
    All others are false on null.
    """

    field: str
    operator: Operator
    values: tuple[Any, ...]
    link: Link | None = None


Clause = tuple[Term, ...]
"""Terms of which at least one must hold."""


@dataclass(frozen=True, slots=True)
class Order:
    """A field to sort by; it must never be null."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which records, in which order, from which position, at most how many."""

    clauses: tuple[Clause, ...] = ()
    order: tuple[Order, ...] = ()
    after: tuple[Any, ...] | None = None
    limit: int = 50

    def where(self, name: str, *values: Any, link: Link | None = None) -> "Query":
        """Give the query narrowed to records whose field equals one of the values."""
        return self.and_(Term(name, Operator.EQ, values, link))

    def and_(self, *clause: Term) -> "Query":
        """Give the query narrowed by one more clause."""
        return replace(self, clauses=(*self.clauses, clause))


@dataclass(frozen=True, slots=True)
class Page(Generic[Kind]):
    """Some records in order, and whether more follow."""

    items: tuple[Kind, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that is no field of the listed model itself."""

    field: str
    of: Any
    """The type of its values."""
    link: Link | None = None
    operators: tuple[Operator, ...] = (Operator.EQ,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Kind]):
    """What the list of a resource can be asked for: only indexed columns filter and sort."""

    kind: type[Kind]
    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    order: tuple[Order, ...]
    more_filters: Mapping[str, Filter] = field(default_factory=dict)
    """Filters that are no fields of the model, or compare in fewer ways, by name."""
    or_groups: bool = True
    """Whether conditions on different fields can be joined by OR."""
    largest: int = 200
    """The most records on one page."""

    def complete(self, order: tuple[Order, ...]) -> tuple[Order, ...]:
        """Give an order that ends in the identity, so that every position is unique."""
        chosen = order or self.order
        names = {item.field for item in chosen}
        descending = chosen[-1].descending if chosen else False
        identity = marked(self.kind, "identity")
        return (*chosen, *(Order(n, descending) for n in identity if n not in names))


Exists = Callable[[Link, Term, Record], bool]
"""Tells whether a record linked to this one meets the term."""


def position(record: Record, order: tuple[Order, ...]) -> tuple[Any, ...]:
    """Give the values that say where a record stands in an order."""
    return tuple(getattr(record, item.field) for item in order)


def select(records: list[Kind], query: Query, exists: Exists) -> Page[Kind]:
    """Answer a query over records in memory; the meaning that every store must have."""
    chosen = [
        record
        for record in records
        if meets(record, query.clauses, exists) and _follows(record, query)
    ]
    for item in reversed(query.order):
        chosen.sort(key=operator.attrgetter(item.field), reverse=item.descending)
    return Page(tuple(chosen[: query.limit]), len(chosen) > query.limit)


def meets(record: Record, clauses: tuple[Clause, ...], exists: Exists) -> bool:
    """Tell whether a record meets every clause."""
    return all(any(_holds(record, term, exists) for term in clause) for clause in clauses)


def _holds(record: Record, term: Term, exists: Exists) -> bool:
    if term.link is not None:
        return exists(term.link, replace(term, link=None), record)
    return _compare(getattr(record, term.field), term)


_COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
    Operator.PREFIX: lambda value, start: bool(value.startswith(start)),
}


def _compare(value: Any, term: Term) -> bool:
    if term.operator is Operator.NULL:
        return (value is None) is term.values[0]
    if value is None:
        return False
    if term.operator is Operator.EQ:
        several = value if isinstance(value, tuple) else (value,)
        return any(one in term.values for one in several)
    if term.operator is Operator.NE:
        return value not in term.values
    return _COMPARE[term.operator](value, term.values[0])


def _follows(record: Record, query: Query) -> bool:
    if query.after is None:
        return True
    for item, passed in zip(query.order, query.after, strict=True):
        value = getattr(record, item.field)
        if value != passed:
            return bool(value < passed if item.descending else value > passed)
    return False


def merged(
    stored: Page[Kind], pending: Mapping[tuple[Any, ...], Kind | None], query: Query, exists: Exists
) -> Page[Kind]:
    """Give a page as it will be once pending changes (None is a removal) are stored.

    `stored` must have been asked for `len(pending)` records more than `query.limit`.
    """
    kept = [record for record in stored.items if key_of(record) not in pending]
    fresh = [
        record
        for record in pending.values()
        if record is not None and meets(record, query.clauses, exists)
    ]
    page = select(kept + fresh, replace(query, clauses=()), exists)
    return Page(page.items, page.more or stored.more)
