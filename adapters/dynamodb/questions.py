"""Questions to the trail: which pointers lead to the answer.

The pointers of the narrowest value that a question names are read; what else it asks is put to
the pointers first and to the records at last, so that a pointer too many does no harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from adapters.dynamodb.items import FILTERS
from adapters.dynamodb.keys import EVERY, INDEXES, Index
from application.audit.record import Outcome, plain
from application.audit.trail import id_range
from application.query import Operator, Query, Term

Bounds = tuple[UUID, UUID]
"""The least and the greatest id that can be in an answer."""

FIRST, LAST = UUID(int=0), UUID(int=(1 << 128) - 1)

_RARE: Final = {(Outcome.REFUSED,), (Outcome.FAILED,)}
_BOUNDING = {Operator.GT: ">=", Operator.GTE: ">=", Operator.LT: "<=", Operator.LTE: "<="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query as a walk along the pointers of some values."""

    index: Index
    values: tuple[str, ...]
    descending: bool
    bounds: Bounds
    """By the position that the page begins after."""
    bounds_in_buckets: Bounds
    """By that and by the time, which strays do not keep to."""
    only: dict[str, Any]
    """What else is asked, as a FilterExpression with its names and values."""
    size: int
    """How many pointers of one partition to read at first."""


def question_of(query: Query) -> Question:
    """Choose how to answer a query; raises ValueError for an order that is not by id."""
    if [order.field for order in query.order] not in ([], ["id"]):
        raise ValueError("the trail is in order of id only")
    descending = any(order.descending for order in query.order)
    terms = [clause[0] for clause in query.clauses if len(clause) == 1]
    index, values = _narrowest(terms)
    bounds = _bounds_after(query, descending)
    earliest, latest = id_range(query)
    return Question(
        index=index,
        values=values,
        descending=descending,
        bounds=bounds,
        bounds_in_buckets=(max(bounds[0], earliest or FIRST), min(bounds[1], latest or LAST)),
        only=_filter([term for term in terms if term.field != index.field]),
        size=(query.limit + 1) // max(index.shards // 2, 1) + 4,
    )


def _narrowest(terms: Sequence[Term]) -> tuple[Index, tuple[str, ...]]:
    named = {term.field: term.values for term in terms if term.operator is Operator.EQ}
    rare = named.get("outcome") in _RARE
    for index in sorted(INDEXES, key=lambda each: rare and each.field in ("action", "client_id")):
        if index.field in named:
            return index, tuple({str(plain(value)): None for value in named[index.field]})
    return EVERY, ("",)


def _bounds_after(query: Query, descending: bool) -> Bounds:
    if query.after is None:
        return FIRST, LAST
    passed: int = query.after[0].int
    if descending:
        return FIRST, UUID(int=max(passed - 1, FIRST.int))
    return UUID(int=min(passed + 1, LAST.int)), LAST


def _filter(terms: Sequence[Term]) -> dict[str, Any]:
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    conditions = []
    for term in terms:
        if term.field in FILTERS and term.operator in (Operator.EQ, *_BOUNDING):
            name, first = f"#{term.field}", len(values)
            names[name] = term.field
            texts = (str(plain(value)) for value in term.values)
            mine = {f":v{first + n}": {"S": text} for n, text in enumerate(texts)}
            conditions.append(_condition(name, term.operator, list(mine)))
            values |= mine
    if not conditions:
        return {}
    return {
        "FilterExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _condition(name: str, operator: Operator, values: Sequence[str]) -> str:
    if operator is Operator.EQ:
        return f"{name} IN ({', '.join(values)})"
    return f"{name} {_BOUNDING[operator]} {values[0]}"
