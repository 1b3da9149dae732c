"""The list query in memory: what each operator, clause, order and position means."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.audit.record import AuditRecord, Outcome
from application.query import (
    Link,
    Listing,
    Operator,
    Order,
    Page,
    Query,
    Term,
    meets,
    merged,
    position,
    select,
)
from domain.location import Access
from domain.model import Record, key_of
from domain.resource import Resource

LINK = Link(Access, by="user_id")
AT = datetime(2026, 11, 23, tzinfo=timezone.utc)


def no_links(_link: Link, _term: Term, _record: Record) -> bool:
    raise AssertionError("there are no links here")


def a_resource(number: int, name: str = "x", description: str | None = None) -> Resource:
    return Resource(
        id=UUID(int=number), name=name, description=description,
        created_at=AT + timedelta(days=number),
    )


def holds(record: Record, operator: Operator, *values: Any, name: str = "name") -> bool:
    return meets(record, ((Term(name, operator, values),),), no_links)


@pytest.mark.parametrize(
    ("operator", "value", "below", "same", "above"),
    [
        (Operator.EQ, "m", False, True, False),
        (Operator.NE, "m", True, False, True),
        (Operator.LT, "m", True, False, False),
        (Operator.LTE, "m", True, True, False),
        (Operator.GT, "m", False, False, True),
        (Operator.GTE, "m", False, True, True),
    ],
)
def test_an_operator_compares_the_field_with_the_value(
    operator: Operator, value: str, below: bool, same: bool, above: bool
) -> None:
    found = [holds(a_resource(1, name), operator, value) for name in "amz"]
    assert found == [below, same, above]


@pytest.mark.parametrize("operator", [one for one in Operator if one is not Operator.NULL])
def test_no_comparison_holds_for_null(operator: Operator) -> None:
    assert not holds(a_resource(1), operator, "x", name="description")


def test_null_asks_whether_there_is_a_value() -> None:
    without, with_one = a_resource(1), a_resource(1, description="d")
    assert holds(without, Operator.NULL, True, name="description")
    assert not holds(without, Operator.NULL, False, name="description")
    assert not holds(with_one, Operator.NULL, True, name="description")
    assert holds(with_one, Operator.NULL, False, name="description")


def test_equality_takes_any_of_several_values_and_difference_none_of_them() -> None:
    assert holds(a_resource(1, "b"), Operator.EQ, "a", "b")
    assert not holds(a_resource(1, "b"), Operator.NE, "a", "b")
    assert holds(a_resource(1, "c"), Operator.NE, "a", "b")
    assert not holds(a_resource(1, "b"), Operator.EQ)
    assert holds(a_resource(1, "b"), Operator.NE)


def test_a_prefix_is_literal_and_minds_case() -> None:
    assert holds(a_resource(1, "100% Ada"), Operator.PREFIX, "100%")
    assert not holds(a_resource(1, "100 Ada"), Operator.PREFIX, "100%")
    assert not holds(a_resource(1, "Ada"), Operator.PREFIX, "a")
    assert holds(a_resource(1, "Ada"), Operator.PREFIX, "")


def test_equality_looks_at_each_member_of_a_field_that_has_several() -> None:
    record = AuditRecord(
        id=UUID(int=1), occurred_at=AT, outcome=Outcome.READ, request_id="r", action="a",
        entities=("payoff/1", "loan/2"),
    )
    assert holds(record, Operator.EQ, "loan/2", name="entities")
    assert not holds(record, Operator.EQ, "loan", name="entities")


def test_clauses_are_joined_by_and_their_terms_by_or() -> None:
    named, described = Term("name", Operator.EQ, ("a",)), Term("description", Operator.EQ, ("d",))
    either = Query().and_(named, described)
    both = Query().and_(named).and_(described)
    found = [
        [meets(record, query.clauses, no_links) for query in (either, both)]
        for record in (a_resource(1, "a", "d"), a_resource(1, "a"), a_resource(1, "z"))
    ]
    assert found == [[True, True], [True, False], [False, False]]


def test_a_clause_without_terms_holds_for_nothing_and_no_clause_for_all() -> None:
    assert not meets(a_resource(1), ((),), no_links)
    assert meets(a_resource(1), (), no_links)


def test_a_linked_term_is_put_to_the_linked_records() -> None:
    asked: list[tuple[Link, Term, Record]] = []

    def exists(link: Link, term: Term, record: Record) -> bool:
        asked.append((link, term, record))
        return True

    record = a_resource(1)
    assert meets(record, Query().where("location_id", 7, link=LINK).clauses, exists)
    assert asked == [(LINK, Term("location_id", Operator.EQ, (7,)), record)]


def test_narrowing_a_query_leaves_the_first_as_it_was() -> None:
    query = Query(limit=7)
    narrowed = query.where("name", "a", "b")
    assert not query.clauses
    assert narrowed.clauses == ((Term("name", Operator.EQ, ("a", "b")),),)
    assert narrowed.limit == 7


def test_records_come_in_the_order_asked_for() -> None:
    records = [a_resource(1, "b"), a_resource(2, "a"), a_resource(3, "b"), a_resource(4, "a")]

    def ids(*order: Order) -> list[int]:
        return [found.id.int for found in select(records, Query(order=order), no_links).items]

    assert ids(Order("name"), Order("id")) == [2, 4, 1, 3]
    assert ids(Order("name", descending=True), Order("id")) == [1, 3, 2, 4]
    assert ids(Order("name"), Order("id", descending=True)) == [4, 2, 3, 1]


def test_a_page_says_whether_more_follows() -> None:
    records = [a_resource(number) for number in range(3)]
    query = Query(order=(Order("id"),))
    assert select(records, replace(query, limit=2), no_links) == Page(tuple(records[:2]), True)
    assert select(records, replace(query, limit=3), no_links) == Page(tuple(records), False)
    assert select([], query, no_links) == Page((), False)


@given(
    names=st.lists(st.sampled_from("abc"), max_size=12),
    order=st.lists(
        st.builds(Order, st.sampled_from(["name", "created_at"]), st.booleans()),
        max_size=2, unique_by=lambda item: item.field,
    ),
    last=st.booleans(),
    limit=st.integers(1, 5),
)
def test_following_positions_gives_every_record_once_and_in_order(
    names: list[str], order: list[Order], last: bool, limit: int
) -> None:
    records = [a_resource(number, name) for number, name in enumerate(names)]
    query = Query(order=(*order, Order("id", last)), limit=limit)
    whole = select(records, replace(query, limit=100), no_links).items
    found: list[Resource] = []
    page = select(records, query, no_links)
    while page.more:
        found += page.items
        page = select(
            records, replace(query, after=position(found[-1], query.order)), no_links
        )
    assert tuple(found) + page.items == whole


def test_a_position_names_the_values_of_the_order() -> None:
    assert position(a_resource(1, "n"), (Order("name"), Order("id"))) == ("n", UUID(int=1))


def test_a_position_of_another_order_is_no_position() -> None:
    with pytest.raises(ValueError):
        select([a_resource(1)], Query(order=(Order("id"),), after=(UUID(int=1), "b")), no_links)


LISTING = Listing(
    kind=Resource, filters=("name",), sorts=("name", "created_at"),
    order=(Order("created_at", descending=True),),
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), (Order("created_at", True), Order("id", True))),
        ((Order("name"),), (Order("name"), Order("id"))),
        (
            (Order("name"), Order("created_at", True)),
            (Order("name"), Order("created_at", True), Order("id", True)),
        ),
        ((Order("id"),), (Order("id"),)),
    ],
)
def test_every_order_ends_in_the_identity(
    asked: tuple[Order, ...], expected: tuple[Order, ...]
) -> None:
    assert LISTING.complete(asked) == expected


def test_an_identity_of_two_fields_ends_an_order_with_both() -> None:
    places = Listing(kind=Access, filters=(), sorts=(), order=())
    assert places.complete(()) == (Order("user_id"), Order("location_id"))
    assert places.complete((Order("location_id", True),)) == (
        Order("location_id", True), Order("user_id", True),
    )


def test_a_page_is_given_as_pending_changes_leave_it() -> None:
    records = [a_resource(number, "abcdef"[number]) for number in range(5)]
    query = Query(order=(Order("name"), Order("id")), limit=3)
    pending: dict[tuple[Any, ...], Resource | None] = {
        key_of(records[0]): None,
        key_of(records[1]): replace(records[1], name="z"),
        (UUID(int=9),): a_resource(9, "cc"),
    }
    stored = select(records, replace(query, limit=3 + len(pending)), no_links)
    page = merged(stored, pending, query, no_links)
    assert [found.name for found in page.items] == ["c", "cc", "d"]
    assert page.more
