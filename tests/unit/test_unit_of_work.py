"""The unit of work: what it notes, what it sees of that, and what it leaves the store to do."""

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.store import MemoryStore
from application.audit.record import Operation, Origin
from application.query import Link, Operator, Order, Query, Term, select
from application.unit import MOST_CHANGES, Reader, Unit, Write
from domain.errors import Conflict
from domain.location import Access
from domain.model import Record, key_of
from domain.resource import Resource
from domain.user import User, UserStatus, UserType

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
BY_NAME = (Order("name"), Order("id"))
EVERY = Query(order=BY_NAME, limit=1000)
BY_ID = (Order("user_id"),)
ACCESS = Link(Access, by="user_id")


def a_resource(number: int = 1, name: str = "first", **facts: Any) -> Resource:
    return Resource(id=UUID(int=number), name=name, **facts)


def a_user(user_id: str) -> User:
    return User(
        user_id=user_id, login="a", first_name="Ada", last_name="Moreno", email="a@example.com",
        user_type=UserType.PARTNER, status=UserStatus.ACTIVE, version=1,
    )


def stored(*records: Record) -> MemoryStore:
    store = MemoryStore()
    store.apply([Write(None, replace(record, version=1)) for record in records])
    return store


def a_unit(*records: Record) -> Unit:
    return Unit(stored(*records), NOW)


def got(unit: Unit | Reader, number: int = 1) -> Resource:
    found = unit.get(Resource, UUID(int=number))
    assert found is not None
    return found


# What it gives back


def test_an_added_record_has_version_1_whatever_it_says() -> None:
    assert a_unit().add(a_resource(version=9)).version == 1


def test_a_change_counts_up_once_however_often_it_is_made() -> None:
    unit = a_unit(a_resource())
    versions = [unit.change(replace(got(unit), name=name)).version for name in "abc"]
    assert versions == [2, 2, 2]


def test_a_change_of_what_was_added_leaves_it_at_version_1() -> None:
    unit = a_unit()
    added = unit.add(a_resource())
    assert unit.change(replace(added, name="second")).version == 1
    (write,) = unit.writes()
    assert (write.operation, write.record) == (Operation.ADD, a_resource(name="second", version=1))


def test_a_change_that_changes_nothing_is_none() -> None:
    unit = a_unit(a_resource())
    assert unit.change(got(unit)) == got(unit)
    assert not unit.writes()


def test_what_is_added_again_after_its_removal_counts_on() -> None:
    unit = a_unit(a_resource())
    unit.remove(got(unit))
    assert unit.add(a_resource(name="again")).version == 2
    (write,) = unit.writes()
    assert write.operation is Operation.CHANGE


def test_what_a_unit_notes_twice_it_does_once() -> None:
    unit = a_unit(a_resource())
    unit.change(replace(got(unit), name="a"))
    unit.change(replace(got(unit), name="b"))
    (write,) = unit.writes()
    assert write.before == a_resource(version=1)
    assert write.after == a_resource(name="b", version=2)


def test_what_is_added_and_removed_leaves_nothing_to_do() -> None:
    unit = a_unit()
    unit.remove(unit.add(a_resource()))
    assert not unit.writes()


def test_what_is_changed_and_removed_is_removed_from_its_first_form() -> None:
    unit = a_unit(a_resource())
    unit.change(replace(got(unit), name="second"))
    unit.remove(got(unit))
    (write,) = unit.writes()
    assert (write.operation, write.before) == (Operation.REMOVE, a_resource(version=1))


def test_writes_come_in_the_order_of_their_first_mention() -> None:
    unit = a_unit(a_resource(1), a_resource(2))
    unit.change(replace(got(unit, 2), name="a"))
    unit.add(a_resource(3))
    unit.remove(got(unit, 1))
    unit.change(replace(got(unit, 2), name="b"))
    assert [key_of(write.record)[0].int for write in unit.writes()] == [2, 3, 1]


# What it refuses


def test_a_key_that_the_unit_knows_is_a_conflict_at_once() -> None:
    unit = a_unit(a_resource())
    unit.add(a_resource(2))
    with pytest.raises(Conflict, match="There is a resource '00000000-.*2' already."):
        unit.add(a_resource(2))
    got(unit)
    with pytest.raises(Conflict):
        unit.add(a_resource(1))


def test_only_what_the_unit_has_got_can_change_or_go() -> None:
    unit = a_unit(a_resource())
    with pytest.raises(LookupError):
        unit.change(a_resource(name="second"))
    with pytest.raises(LookupError):
        unit.remove(a_resource())
    unit.remove(got(unit))
    with pytest.raises(LookupError):
        unit.remove(a_resource())
    with pytest.raises(LookupError):
        unit.change(a_resource(name="second"))


def test_what_was_found_counts_as_got() -> None:
    unit = a_unit(a_resource())
    (found,) = unit.find(Resource, EVERY).items
    assert unit.change(replace(found, name="second")).version == 2


def test_a_record_that_moves_between_two_looks_is_written_from_its_first_form() -> None:
    # A database that shows each question its own state; the write must not pass over the change
    # that the unit's first answer did not know.
    store = stored(a_resource())
    unit = Unit(store, NOW)
    first = got(unit)
    store.apply([Write(first, a_resource(name="of another unit", version=2))])
    assert got(unit).version == 2
    unit.find(Resource, EVERY)
    unit.change(replace(first, name="second"))
    (write,) = unit.writes()
    assert write.before == first


# What it sees


def test_a_unit_that_noted_nothing_asks_for_no_more_than_it_is_asked() -> None:
    unit = a_unit(*(a_resource(number, str(number)) for number in range(5)))
    page = unit.find(Resource, replace(EVERY, limit=2))
    assert ([found.name for found in page.items], page.more) == (["0", "1"], True)


def test_changes_of_one_kind_do_not_show_in_another() -> None:
    unit = a_unit(a_resource())
    unit.add(a_user("U1"))
    assert [found.name for found in unit.find(Resource, EVERY).items] == ["first"]


Step = tuple[str, int, str]
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "remove"]), st.integers(0, 9), st.sampled_from("abcde")
    ),
    max_size=8,
)
terms = st.builds(
    Term, st.just("name"), st.sampled_from([Operator.EQ, Operator.NE, Operator.GT]),
    st.tuples(st.sampled_from("abcde")),
)


def noted(unit: Unit, step: Step) -> None:
    """Do a step where it makes sense."""
    what, number, name = step
    current = unit.get(Resource, UUID(int=number))
    if what == "add" and current is None:
        unit.add(a_resource(number, name))
    elif what == "change" and current is not None:
        unit.change(replace(current, name=name))
    elif what == "remove" and current is not None:
        unit.remove(current)


@given(
    there=st.dictionaries(st.integers(0, 9), st.sampled_from("abcde")),
    done=steps,
    query=st.builds(
        Query,
        clauses=st.lists(st.tuples(terms), max_size=1).map(tuple),
        order=st.booleans().map(lambda down: (Order("name", down), Order("id", down))),
        after=st.none() | st.tuples(
            st.sampled_from("abcde"), st.integers(0, 9).map(lambda n: UUID(int=n))
        ),
        limit=st.integers(1, 6),
    ),
)
def test_a_unit_sees_now_what_all_see_once_it_is_done(
    there: dict[int, str], done: list[Step], query: Query
) -> None:
    store = stored(*(a_resource(number, name) for number, name in there.items()))
    unit = Unit(store, NOW)
    for step in done:
        noted(unit, step)
    seen = unit.find(Resource, query)
    gets = [unit.get(Resource, UUID(int=number)) for number in range(10)]
    store.apply(unit.writes())
    assert seen == store.find(Resource, query)
    assert gets == [store.get(Resource, (UUID(int=number),)) for number in range(10)]


@given(
    there=st.sets(st.tuples(st.sampled_from(["U1", "U2", "U3"]), st.integers(1, 3))),
    toggled=st.sets(st.tuples(st.sampled_from(["U1", "U2", "U3"]), st.integers(1, 3))),
    gone=st.sets(st.sampled_from(["U1", "U2", "U3"])),
    asked=st.sets(st.integers(1, 3)),
    limit=st.integers(1, 3),
)
def test_a_unit_sees_through_links_what_all_see_once_it_is_done(
    there: set[tuple[str, int]],
    toggled: set[tuple[str, int]],
    gone: set[str],
    asked: set[int],
    limit: int,
) -> None:
    people = [a_user(user_id) for user_id in ("U1", "U2", "U3")]
    places = [Access(user_id=user_id, location_id=at) for user_id, at in there]
    store = stored(*people, *places)
    unit = Unit(store, NOW)
    for user_id, at in toggled:
        place = unit.get(Access, user_id, at)
        if place is None:
            unit.add(Access(user_id=user_id, location_id=at))
        else:
            unit.remove(place)
    for user_id in gone:
        person = unit.get(User, user_id)
        assert person is not None
        unit.remove(person)
    query = Query(order=BY_ID, limit=limit).where("location_id", *sorted(asked), link=ACCESS)
    seen = unit.find(User, query)
    store.apply(unit.writes())
    assert seen == store.find(User, query)


def test_what_a_unit_finds_beside_a_link_it_can_change() -> None:
    unit = a_unit(a_user("U1"))
    unit.add(Access(user_id="U1", location_id=1))
    (found,) = unit.find(User, Query(order=BY_ID).where("location_id", 1, link=ACCESS)).items
    assert unit.change(replace(found, first_name="Eve")).version == 2


# Time, identity and account


def test_identities_of_a_unit_are_of_its_time_and_differ() -> None:
    unit = a_unit()
    made = [unit.new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {made_id.int >> 80 for made_id in made} == {int(NOW.timestamp() * 1000)}
    assert {(made_id.version, made_id.variant) for made_id in made} == {(7, made[0].variant)}


def test_a_unit_gives_one_account_even_of_nothing() -> None:
    (record,) = a_unit().records(Origin(request_id="r", action="resource.create"), [])
    assert (record.changes, record.request_id) == ((), "r")


@pytest.mark.parametrize(("changes", "expected"), [(1, 1), (200, 1), (201, 2), (1000, 5)])
def test_a_unit_that_changes_very_much_accounts_in_parts(changes: int, expected: int) -> None:
    unit = a_unit()
    for number in range(changes):
        unit.add(a_resource(number))
    records = unit.records(Origin(request_id="r", action="import"), unit.writes())
    assert len(records) == expected
    assert all(len(record.changes) <= MOST_CHANGES for record in records)
    told = [entity for record in records for entity in record.entities]
    assert told == [f"resource/{UUID(int=number)}" for number in range(changes)]
    assert {record.request_id for record in records} == {"r"}


def test_a_reader_answers_as_the_store_does() -> None:
    reader = Reader(stored(a_resource()), NOW)
    assert (got(reader).version, reader.now) == (1, NOW)
    page = reader.find(Resource, EVERY)
    assert page == select([got(reader)], EVERY, lambda *_: False)
