"""What every runner promises: one commit and one record a write, or nothing at all."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest

from application import payoffs, resources
from application.audit.record import Operation, Outcome, account, plain
from application.caller import Caller
from application.errors import KeyInFlight, KeyReused, TokenReplayed
from application.ports import Done, Errand, IdempotencyKey, Reading, SpentToken, Work
from application.query import Link, Operator, Order, Page, Query, Term
from domain.calendars import Calendar
from domain.errors import Conflict, NotFound, Stale
from domain.holiday import CalendarName, Holiday, holiday_code
from domain.loan import Loan
from domain.location import Access
from domain.model import Kind, Record, key_of, uuid7
from domain.payoff import Payoff, PayoffReason, Requester
from domain.payoff_status import PayoffStatus
from domain.resource import Resource
from domain.user import User
from tests.contract.conftest import NOON, Rig, a_loan, a_resource, a_user, errand

R = TypeVar("R")

BY_NAME = (Order("name"), Order("id"))
EVERYTHING = Query(order=BY_NAME, limit=1000)
ACCESS = Link(Access, by="user_id")

CALLER = Caller(
    client_id="prepay",
    scopes=frozenset(),
    user_id="U1001",
    roles={900101: ("payoff-requester", "payoff-servicer"), 900102: ("viewer",)},
)
STRANGER = replace(CALLER, user_id="U1002", roles={900201: ("payoff-requester",)})


class NotMine(Exception):
    """A refusal that no adapter knows."""


# Use cases of the smallest kind


def add(work: Work, record: Kind) -> Kind:
    return work.add(record)


def add_all(work: Work, *records: Record) -> None:
    for record in records:
        work.add(record)


def got(reading: Reading, record: Kind) -> Kind:
    """Give a record as it is by now."""
    found = reading.get(type(record), *key_of(record))
    assert found is not None
    return found


def rename(work: Work, resource: Resource, name: str) -> Resource:
    return work.change(replace(got(work, resource), name=name))


def count_up(work: Work, resource: Resource) -> int:
    """Add one to what is there, whatever its version; give the sum."""
    current = got(work, resource)
    times = current.attributes.get("times", 0) + 1
    return work.change(replace(current, attributes={"times": times})).version


def remove(work: Work, record: Record) -> None:
    work.remove(got(work, record))


def note_nothing(_work: Work) -> str:
    return "nothing to do"


def change_and_refuse(work: Work, resource: Resource) -> None:
    work.add(a_resource("never"))
    work.change(replace(got(work, resource), name="never"))
    raise NotMine("no")


def fail(_work: Work, error: Exception) -> None:
    raise error


def linger(_work: Work) -> None:
    """Take so long that all who come meanwhile wait, and are taken together."""
    time.sleep(0.05)


def find_resources(reading: Reading, query: Query = EVERYTHING) -> Page[Resource]:
    return reading.find(Resource, query)


def names(rig: Rig) -> list[str]:
    return [resource.name for resource in rig.read(find_resources).items]


# Many at a time


def together(*running: Coroutine[Any, Any, Any]) -> list[Any]:
    """Let all run at once; give what each answers or raises."""

    async def gathered() -> list[Any]:
        return await asyncio.gather(*running, return_exceptions=True)

    return asyncio.run(gathered())


def behind_one(rig: Rig, *running: Coroutine[Any, Any, Any]) -> list[Any]:
    """Let all wait for a slow one, so that an adapter with batches takes them together."""
    return together(rig.runner.write(errand(), linger), *running)[1:]


def failures(answers: Sequence[Any]) -> list[Exception]:
    return [answer for answer in answers if isinstance(answer, Exception)]


# A write and its record


def test_a_write_commits_its_change(rig: Rig) -> None:
    stored = rig.do(add, a_resource())
    assert rig.read(got, stored) == stored
    assert stored.version == 1


def test_a_write_leaves_exactly_one_record_that_says_what_was_added(rig: Rig) -> None:
    resource = a_resource(attributes={"b": [1, {"c": None}], "a": 0.5})
    asked = errand("resource.create")
    rig.write(asked, add, resource)
    (record,) = rig.new_records()
    assert (record.outcome, record.occurred_at) == (Outcome.COMMITTED, NOON)
    assert (record.request_id, record.action) == (asked.origin.request_id, "resource.create")
    assert record.entities == (f"resource/{resource.id}",)
    (change,) = record.changes
    assert (change.operation, change.version) == (Operation.ADD, 1)
    assert change.fields["name"] == {"before": None, "after": "first"}
    assert change.fields["attributes"]["after"] == {"a": 0.5, "b": [1, {"c": None}]}
    assert "version" not in change.fields and "description" not in change.fields


def test_a_record_says_before_and_after_of_changed_fields_and_of_no_others(rig: Rig) -> None:
    resource = rig.do(add, a_resource(description="old"))
    rig.new_records()
    assert rig.do(rename, resource, "second").version == 2
    (record,) = rig.new_records()
    (change,) = record.changes
    assert (change.operation, change.version) == (Operation.CHANGE, 2)
    assert change.fields == {"name": {"before": "first", "after": "second"}}


def test_a_removal_takes_the_record_away_and_says_what_it_was(rig: Rig) -> None:
    resource = rig.do(add, a_resource())
    rig.new_records()
    rig.do(remove, resource)
    assert not names(rig)
    (record,) = rig.new_records()
    (change,) = record.changes
    assert (change.operation, change.version) == (Operation.REMOVE, 1)
    assert change.fields["name"] == {"before": "first", "after": None}


def test_one_record_tells_of_all_that_a_write_changed(rig: Rig) -> None:
    first, second = rig.do(add, a_resource("a")), rig.do(add, a_resource("b"))
    rig.new_records()

    def several(work: Work) -> None:
        work.remove(got(work, second))
        work.change(replace(got(work, first), name="c"))
        work.add(a_user())

    rig.do(several)
    (record,) = rig.new_records()
    assert Counter(change.operation for change in record.changes) == Counter(Operation)
    assert set(record.entities) == {
        f"resource/{first.id}", f"resource/{second.id}", "user/U1001",
    }
    assert names(rig) == ["c"]


def test_every_member_of_the_origin_is_in_the_record(rig: Rig) -> None:
    origin = replace(
        errand("payoff.request").origin, route="/api/v1/payoff", method="POST", key_id="prepay-1",
        token_id="t1", user_id="U1001", location_id=900101, trace_id="f" * 32,
        address="2001:db8::1",
    )
    rig.write(Errand(origin=origin), note_nothing)
    (record,) = rig.new_records()
    assert all(
        getattr(record, name) == getattr(origin, name)
        for name in ("request_id", "action", "route", "method", "client_id", "key_id", "token_id",
                     "user_id", "proof", "location_id", "trace_id", "address")
    )


def test_a_refused_write_changes_nothing_and_leaves_nothing(rig: Rig) -> None:
    resource = rig.do(add, a_resource())
    rig.new_records()
    with pytest.raises(NotMine):
        rig.do(change_and_refuse, resource)
    assert names(rig) == ["first"]
    assert rig.read(got, resource).version == 1
    assert not rig.new_records()


def test_a_write_that_notes_nothing_leaves_one_record_without_changes(rig: Rig) -> None:
    assert rig.do(note_nothing) == "nothing to do"
    (record,) = rig.new_records()
    assert (record.changes, record.entities) == ((), ())


def test_an_unchanged_record_stays_at_its_version(rig: Rig) -> None:
    resource = rig.do(add, a_resource())
    rig.new_records()
    assert rig.do(rename, resource, "first").version == 1
    (record,) = rig.new_records()
    assert not record.changes


def test_what_was_added_and_removed_again_never_was(rig: Rig) -> None:
    def add_and_remove(work: Work) -> None:
        work.remove(work.add(a_resource()))

    rig.do(add_and_remove)
    (record,) = rig.new_records()
    assert not record.changes and not names(rig)


def test_what_was_removed_and_added_again_has_changed(rig: Rig) -> None:
    resource = rig.do(add, a_resource())
    rig.new_records()

    def replace_it(work: Work) -> Resource:
        work.remove(got(work, resource))
        return work.add(replace(resource, name="second"))

    assert rig.do(replace_it).version == 2
    (record,) = rig.new_records()
    assert [change.operation for change in record.changes] == [Operation.CHANGE]
    assert rig.read(got, resource).name == "second"


def test_records_of_requests_that_changed_nothing_are_committed_too(rig: Rig) -> None:
    origin = errand("payoff.request").origin
    refused = [
        account(uuid7(n, lambda bits: 1), NOON, origin, Outcome.REFUSED, reason="conflict", count=n)
        for n in (1, 2)
    ]
    asyncio.run(rig.runner.record(*refused))
    assert rig.records() == refused


def test_a_stored_record_comes_back_as_it_went_in(rig: Rig) -> None:
    person = a_user(first_name="Zoë 😀", last_login_at=NOON, phone=None)
    rig.do(add_all, person, a_loan(fees=()), a_resource(attributes={"n": 2**53 - 1, "é": ["😀"]}))
    assert rig.read(got, person) == replace(person, version=1)
    assert rig.read(got, a_loan()).principal == Decimal("412350.75")
    (resource,) = rig.read(find_resources).items
    assert resource.attributes == {"n": 2**53 - 1, "é": ["😀"]}


def test_a_read_answers_and_leaves_no_record(rig: Rig) -> None:
    assert rig.read(find_resources) == Page(())
    with pytest.raises(NotMine):
        rig.read(lambda _reading: fail(None, NotMine()))  # type: ignore[arg-type]  # no matter
    assert not rig.records()


# What a unit sees of its own changes


def test_a_unit_gets_what_it_has_noted(rig: Rig) -> None:
    kept, gone = rig.do(add, a_resource("kept")), rig.do(add, a_resource("gone"))

    def look(work: Work) -> None:
        fresh = work.add(a_resource("fresh"))
        assert work.get(Resource, fresh.id) == fresh
        first = work.change(replace(got(work, kept), name="once"))
        assert (first.version, got(work, kept)) == (2, first)
        second = work.change(replace(first, name="twice"))
        assert (second.version, got(work, kept)) == (2, second)
        work.remove(got(work, gone))
        assert work.get(Resource, gone.id) is None

    rig.do(look)
    assert names(rig) == ["fresh", "twice"]
    assert rig.read(got, kept).version == 2


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 50])
def test_a_unit_finds_what_it_has_noted_in_order(rig: Rig, descending: bool, limit: int) -> None:
    stored = [rig.do(add, a_resource(name)) for name in "bdfh"]
    by_name = (Order("name", descending), Order("id", descending))

    def look(work: Work) -> Page[Resource]:
        for name in ("a", "e", "z"):
            work.add(a_resource(name))
        work.change(replace(got(work, stored[0]), name="y"))
        work.remove(got(work, stored[1]))
        work.change(replace(got(work, stored[3]), name="c"))
        return work.find(Resource, Query(order=by_name, limit=limit))

    found = rig.do(look)
    expected = sorted("acefyz", reverse=descending)
    assert [resource.name for resource in found.items] == expected[:limit]
    assert found.more == (limit < len(expected))


def test_a_unit_finds_by_the_form_that_it_has_noted(rig: Rig) -> None:
    stored = rig.do(add, a_resource("old"))

    def look(work: Work) -> None:
        work.change(replace(got(work, stored), name="new"))
        assert not work.find(Resource, EVERYTHING.where("name", "old")).items
        assert len(work.find(Resource, EVERYTHING.where("name", "new")).items) == 1
        assert not work.find(Resource, replace(EVERYTHING, after=("new", stored.id))).items

    rig.do(look)


def test_a_unit_finds_by_links_that_it_has_noted(rig: Rig) -> None:
    rig.do(add_all, a_user("U1"), a_user("U2"), Access(user_id="U1", location_id=1))

    def at(work: Work, location_id: int) -> list[str]:
        query = Query(order=(Order("user_id"),)).where("location_id", location_id, link=ACCESS)
        return [person.user_id for person in work.find(User, query).items]

    def look(work: Work) -> None:
        assert (at(work, 1), at(work, 2)) == (["U1"], [])
        work.add(Access(user_id="U2", location_id=1))
        assert at(work, 1) == ["U1", "U2"]
        work.remove(got(work, Access(user_id="U1", location_id=1)))
        assert at(work, 1) == ["U2"]
        work.add(a_user("U3"))
        work.add(Access(user_id="U3", location_id=2))
        assert at(work, 2) == ["U3"]

    rig.do(look)


def test_a_unit_does_not_see_what_a_refused_one_noted(rig: Rig) -> None:
    stored = rig.do(add, a_resource())
    with pytest.raises(NotMine):
        rig.do(change_and_refuse, stored)
    assert rig.do(got, stored) == stored


def test_all_of_a_unit_has_one_time(rig: Rig) -> None:
    def times(work: Work) -> int:
        rig.clock.forward(timedelta(seconds=1))
        return len({work.now for _ in range(3)})

    assert rig.do(times) == 1
    assert rig.records()[0].occurred_at == NOON


# Refusals of the store


def test_a_second_record_with_the_same_key_is_a_conflict(rig: Rig) -> None:
    stored = rig.do(add, a_resource())
    rig.new_records()
    with pytest.raises(Conflict):
        rig.do(add, replace(stored, name="second"))
    with pytest.raises(Conflict):
        rig.do(add_all, a_user(), a_user())
    assert names(rig) == ["first"]
    assert not rig.new_records()


def test_a_use_case_that_names_an_old_version_is_stale(rig: Rig) -> None:
    stored = rig.do(resources.create, CALLER, a_resource())
    rig.do(rename, stored, "second")
    rig.new_records()
    with pytest.raises(Stale):
        rig.do(resources.remove, CALLER, stored.id, 1)
    assert names(rig) == ["second"]
    assert not rig.new_records()


def test_of_two_who_change_one_version_one_wins_and_the_other_is_stale(rig: Rig) -> None:
    stored = rig.do(resources.create, CALLER, a_resource())
    rig.new_records()

    def amended(name: str) -> Coroutine[Any, Any, Any]:
        return rig.runner.write(
            errand(), resources.amend, CALLER, stored.id, 1, lambda old: replace(old, name=name)
        )

    answers = behind_one(rig, amended("one"), amended("other"))
    (lost,), (won,) = failures(answers), [a for a in answers if isinstance(a, Done)]
    assert isinstance(lost, Stale)
    assert rig.read(got, stored) == won.value
    assert sum(len(record.changes) for record in rig.new_records()) == 1


def test_of_a_change_and_a_removal_of_one_version_one_is_refused(rig: Rig) -> None:
    stored = rig.do(resources.create, CALLER, a_resource())
    answers = behind_one(
        rig,
        rig.runner.write(
            errand(), resources.amend, CALLER, stored.id, 1, lambda old: replace(old, name="new")
        ),
        rig.runner.write(errand(), resources.remove, CALLER, stored.id, 1),
    )
    (lost,) = failures(answers)
    assert isinstance(lost, (Stale, NotFound))


def test_none_of_many_changes_to_one_record_is_lost(rig: Rig) -> None:
    stored = rig.do(add, a_resource(attributes={"times": 0}))
    answers = behind_one(rig, *(rig.runner.write(errand(), count_up, stored) for _ in range(40)))
    assert not failures(answers)
    assert sorted(answer.value for answer in answers) == list(range(2, 42))
    assert rig.read(got, stored).attributes == {"times": 40}


# Idempotency keys


def key(name: str = "key-1", client: str = "prepay", body: bytes = b"1") -> IdempotencyKey:
    return IdempotencyKey(client_id=client, key=name, fingerprint=body * 32)


def test_the_same_key_gives_the_same_answer_and_changes_nothing_again(rig: Rig) -> None:
    first = rig.write(errand(idempotency=key()), resources.create, CALLER, a_resource())
    rig.new_records()
    second = rig.write(errand(idempotency=key()), resources.create, CALLER, a_resource())
    assert (first.replayed, second.replayed) == (False, True)
    assert second.value == first.value
    assert len(names(rig)) == 1
    assert not rig.new_records()


def test_the_answer_stays_the_first_one_when_the_record_moves_on(rig: Rig) -> None:
    first = rig.write(errand(idempotency=key()), add, a_resource())
    rig.do(rename, first.value, "second")
    assert rig.write(errand(idempotency=key()), add, a_resource()).value == first.value


def test_a_key_that_comes_with_another_request_is_refused(rig: Rig) -> None:
    rig.write(errand(idempotency=key()), add, a_resource())
    rig.new_records()
    with pytest.raises(KeyReused):
        rig.write(errand(idempotency=key(body=b"2")), add, a_resource())
    assert len(names(rig)) == 1
    assert not rig.new_records()


def test_another_clients_key_is_another_key(rig: Rig) -> None:
    rig.write(errand(idempotency=key()), add, a_resource())
    assert not rig.write(errand(idempotency=key(client="lx")), add, a_resource()).replayed
    assert not rig.write(errand(idempotency=key("key-2")), add, a_resource()).replayed
    assert len(names(rig)) == 3


def test_a_key_is_kept_for_24_hours(rig: Rig) -> None:
    first = rig.write(errand(idempotency=key()), add, a_resource("first"))
    rig.clock.forward(timedelta(hours=24, microseconds=-1))
    assert rig.write(errand(idempotency=key()), add, a_resource("second")) == replace(
        first, replayed=True
    )
    rig.clock.forward(timedelta(microseconds=1))
    anew = rig.write(errand(idempotency=key(body=b"2")), add, a_resource("third"))
    assert not anew.replayed
    again = rig.write(errand(idempotency=key(body=b"2")), add, a_resource("fourth"))
    assert (again.value, again.replayed) == (anew.value, True)
    assert names(rig) == ["first", "third"]


def test_the_answer_to_a_removal_is_kept_too(rig: Rig) -> None:
    stored = rig.do(add, a_resource())
    assert rig.write(errand(idempotency=key()), remove, stored) == Done(None)
    assert rig.write(errand(idempotency=key()), remove, stored) == Done(None, replayed=True)


def test_a_refused_write_does_not_use_its_key_up(rig: Rig) -> None:
    stored = rig.do(add, a_resource())
    with pytest.raises(NotMine):
        rig.write(errand(idempotency=key()), change_and_refuse, stored)
    assert not rig.write(errand(idempotency=key(body=b"2")), add, a_resource()).replayed


def test_a_payoff_is_answered_again_to_the_cent(rig: Rig) -> None:
    furnish(rig)
    first = rig.write(errand(idempotency=key()), payoffs.request, CALLER, a_payoff(), FED)
    again = rig.write(errand(idempotency=key()), payoffs.request, CALLER, a_payoff(), FED)
    assert again == replace(first, replayed=True)
    assert plain(again.value) == plain(first.value)


def test_the_same_key_at_the_same_time_is_answered_once_or_told_to_wait(rig: Rig) -> None:
    answers = together(
        *(rig.runner.write(errand(idempotency=key()), add, a_resource()) for _ in range(20))
    )
    assert all(isinstance(error, KeyInFlight) for error in failures(answers))
    done = [answer for answer in answers if isinstance(answer, Done)]
    assert [answer.replayed for answer in done].count(False) == 1
    assert len({answer.value.id for answer in done}) == 1
    assert len(names(rig)) == len(rig.records()) == 1


def test_a_key_whose_caller_has_gone_works_once_all_the_same(rig: Rig) -> None:
    async def gone_and_back() -> Done[Resource]:
        slow = asyncio.ensure_future(rig.runner.write(errand(), linger))
        first = asyncio.ensure_future(
            rig.runner.write(errand(idempotency=key()), add, a_resource())
        )
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        done = await rig.runner.write(errand(idempotency=key()), add, a_resource())
        await slow
        return done

    # Where several write at a time, either of the two may be the one that works.
    done = asyncio.run(gone_and_back())
    assert [resource.id for resource in rig.read(find_resources).items] == [done.value.id]


# Tokens that work once


def token(name: str = "t1", client: str = "prepay") -> SpentToken:
    return SpentToken(client_id=client, token_id=name, expires_at=NOON + timedelta(minutes=5))


def test_a_token_works_for_one_write(rig: Rig) -> None:
    rig.write(errand(token=token()), add, a_resource())
    rig.new_records()
    with pytest.raises(TokenReplayed):
        rig.write(errand(token=token()), add, a_resource())
    assert len(names(rig)) == 1
    assert not rig.new_records()


def test_a_write_that_notes_nothing_spends_its_token(rig: Rig) -> None:
    rig.write(errand(token=token()), note_nothing)
    with pytest.raises(TokenReplayed):
        rig.write(errand(token=token()), note_nothing)


def test_a_refused_write_does_not_spend_its_token(rig: Rig) -> None:
    stored = rig.do(add, a_resource())
    with pytest.raises(NotMine):
        rig.write(errand(token=token()), change_and_refuse, stored)
    with pytest.raises(Conflict):
        rig.write(errand(token=token()), add, stored)
    rig.write(errand(token=token()), rename, stored, "second")


def test_another_clients_token_of_the_same_name_is_another_token(rig: Rig) -> None:
    rig.write(errand(token=token()), note_nothing)
    rig.write(errand(token=token(client="lx")), note_nothing)
    rig.write(errand(token=token("t2")), note_nothing)
    assert len(rig.records()) == 3


def test_a_spent_token_does_not_even_get_a_kept_answer(rig: Rig) -> None:
    rig.write(errand(token=token(), idempotency=key()), add, a_resource())
    with pytest.raises(TokenReplayed):
        rig.write(errand(token=token(), idempotency=key()), add, a_resource())


def test_a_kept_answer_spends_the_token_that_asks_for_it(rig: Rig) -> None:
    rig.write(errand(token=token("t1"), idempotency=key()), add, a_resource())
    assert rig.write(errand(token=token("t2"), idempotency=key()), add, a_resource()).replayed
    with pytest.raises(TokenReplayed):
        rig.write(errand(token=token("t2")), add, a_resource())


def test_a_token_that_comes_twice_at_the_same_time_works_once(rig: Rig) -> None:
    answers = behind_one(
        rig,
        *(rig.runner.write(errand(token=token()), add, a_resource()) for _ in range(10)),
        *(rig.runner.write(errand(), add, a_resource("other")) for _ in range(10)),
    )
    refused = failures(answers)
    assert len(refused) == 9 and all(isinstance(error, TokenReplayed) for error in refused)
    assert Counter(names(rig)) == {"first": 1, "other": 10}


def test_the_next_process_knows_spent_tokens_and_kept_answers(durable_rig: Rig) -> None:
    rig = durable_rig
    first = rig.write(errand(token=token(), idempotency=key()), add, a_resource())
    rig.restart()
    with pytest.raises(TokenReplayed):
        rig.write(errand(token=token()), add, a_resource())
    assert rig.write(errand(idempotency=key()), add, a_resource()) == replace(first, replayed=True)
    with pytest.raises(KeyReused):
        rig.write(errand(idempotency=key(body=b"2")), add, a_resource())
    assert len(names(rig)) == len(rig.records()) == 1


# Many writes at a time


def test_every_one_of_200_writes_is_answered_and_has_one_record(rig: Rig) -> None:
    given = [(errand(), a_resource(f"{number:03}")) for number in range(200)]
    answers = together(*(rig.runner.write(each, add, resource) for each, resource in given))
    assert [answer.value.id for answer in answers] == [resource.id for _, resource in given]
    assert names(rig) == [resource.name for _, resource in given]
    records = rig.new_records()
    assert {record.request_id: record.entities for record in records} == {
        each.origin.request_id: (f"resource/{resource.id}",) for each, resource in given
    }
    assert len(records) == 200


@pytest.mark.parametrize("error", [RuntimeError("mine"), NotMine("mine"), KeyError("mine")])
def test_a_use_case_that_breaks_fails_alone_with_its_own_error(
    rig: Rig, error: Exception
) -> None:
    answers = among_others(rig, rig.runner.write(errand(), fail, error))
    assert isinstance(answers, type(error)) and answers.args == error.args


def test_a_use_case_that_runs_out_of_items_fails_alone(rig: Rig) -> None:
    # No future takes a StopIteration; whoever waits behind it must not wait for ever.
    answer = among_others(rig, rig.runner.write(errand(), lambda _work: next(iter(()))))
    assert isinstance(answer, RuntimeError)


def test_a_double_key_fails_alone(rig: Rig) -> None:
    stored = rig.do(add, a_resource("other"))
    rig.new_records()
    assert isinstance(among_others(rig, rig.runner.write(errand(), add, stored)), Conflict)


def test_a_value_that_the_store_cannot_hold_fails_alone(durable_rig: Rig) -> None:
    loan = a_loan(annual_rate=Decimal("0.1234567"))
    answer = among_others(durable_rig, durable_rig.runner.write(errand(), add, loan))
    assert isinstance(answer, Exception)


def among_others(rig: Rig, culprit: Coroutine[Any, Any, Any]) -> Any:
    """Run a culprit in the midst of 20 good writes, which all commit; give its answer."""
    before = len(names(rig))
    good = [rig.runner.write(errand("good"), add, a_resource("other")) for _ in range(20)]
    answers = behind_one(rig, *good[:10], culprit, *good[10:])
    answer = answers.pop(10)
    assert not failures(answers)
    assert len(names(rig)) == before + 20
    assert [record.action for record in rig.new_records()].count("good") == 20
    return answer


def test_of_two_open_payoffs_of_a_loan_one_fails_alone(rig: Rig) -> None:
    furnish(rig)
    good = [rig.runner.write(errand("good"), add, a_resource()) for _ in range(20)]
    asked = [
        rig.runner.write(errand("payoff.request"), payoffs.request, CALLER, a_payoff(), FED)
        for _ in range(3)
    ]
    answers = behind_one(rig, *good[:10], *asked, *good[10:])
    refused = failures(answers)
    assert [type(error) for error in refused] == [Conflict, Conflict]
    assert all("has an open payoff already" in str(error) for error in refused)
    assert len(names(rig)) == 20
    assert Counter(r.action for r in rig.records())["payoff.request"] == 1


def test_the_store_itself_keeps_a_loan_to_one_open_payoff(rig: Rig) -> None:
    first = replace(a_payoff(), id=UUID(int=1), client_id="prepay", created_by="U1001")
    rig.do(add, first)
    with pytest.raises(Conflict):
        rig.do(add, replace(first, id=UUID(int=2)))
    settled = replace(first, id=UUID(int=3), status=PayoffStatus.SETTLED)
    rig.do(add_all, settled, replace(settled, id=UUID(int=4)))
    rig.do(add, replace(first, id=UUID(int=5), loan_number="9900101002"))


def test_one_unit_may_close_a_payoff_and_open_the_next(rig: Rig) -> None:
    asked = replace(a_payoff(), id=UUID(int=1), client_id="prepay", created_by="U1001")
    first = rig.do(add, asked)

    def follow(work: Work) -> Payoff:
        work.change(replace(got(work, first), status=PayoffStatus.CANCELLED))
        return work.add(replace(first, id=UUID(int=2)))

    rig.do(follow)
    assert rig.read(got, replace(first, id=UUID(int=2))).status is PayoffStatus.REQUESTED


def test_a_read_that_breaks_fails_alone(rig: Rig) -> None:
    # No SQL database takes so long an expression; the others were taken together with it.
    rig.do(add, a_resource("first"))
    endless = EVERYTHING.and_(Term("name", Operator.NE, tuple(map(str, range(2_000)))))

    def slowly(reading: Reading) -> Page[Resource]:
        time.sleep(0.02)
        return find_resources(reading)

    answers = together(
        *(rig.runner.read(slowly) for _ in range(4)),
        *(rig.runner.read(find_resources) for _ in range(10)),
        rig.runner.read(find_resources, endless),
        *(rig.runner.read(find_resources) for _ in range(10)),
    )
    assert len(failures(answers)) <= 1
    assert all(len(page.items) == 1 for page in answers if isinstance(page, Page))


def test_a_read_after_an_acknowledged_write_sees_it(rig: Rig) -> None:
    async def wrote_and_read() -> list[bool]:
        seen = []
        for number in range(300):
            done = await rig.runner.write(errand(), add, a_resource(f"{number:03}"))
            page = await rig.runner.read(find_resources)
            seen.append(page.items[-1] == done.value and len(page.items) == number + 1)
        return seen

    assert all(asyncio.run(wrote_and_read()))


def test_writers_beside_each_other_read_what_they_wrote(rig: Rig) -> None:
    async def wrote_and_read(name: str) -> bool:
        done = await rig.runner.write(errand(), add, a_resource(name))
        for number in range(10):
            changed = await rig.runner.write(errand(), rename, done.value, f"{name}-{number}")
            if await rig.runner.read(got, done.value) != changed.value:
                return False
        return True

    assert together(*(wrote_and_read(f"writer-{n}") for n in range(20))) == [True] * 20


# What records keep to themselves


def written_out(rig: Rig) -> str:
    return json.dumps([plain(record) for record in rig.records()], ensure_ascii=False)


def test_records_say_that_sensitive_fields_changed_and_nowhere_to_what(rig: Rig) -> None:
    person = a_user(email="secret-1@example.com", phone="secret-2")
    loan = a_loan(borrower_name="secret-3")
    rig.do(add_all, person, loan)
    rig.do(lambda work: (
        work.change(replace(got(work, person), email="secret-4@example.com", phone=None)),
        work.change(replace(got(work, loan), borrower_name="secret-5")),
    ))
    rig.do(remove, person)
    rig.do(remove, loan)
    changes = [change for record in rig.records() for change in record.changes]
    hidden = [
        change.fields[name]
        for change in changes
        for name in ("email", "phone", "borrower_name")
        if name in change.fields
    ]
    assert hidden == [{"changed": True}] * 8
    assert "secret" not in written_out(rig)


def test_records_of_a_payoff_hide_how_to_reach_its_requester(rig: Rig) -> None:
    furnish(rig)
    asker = Requester(name="Ada Moreno", email="secret@example.com", phone="+1 secret")
    payoff = rig.do(payoffs.request, CALLER, replace(a_payoff(), requester=asker), FED)
    (record,) = rig.new_records()
    fields = record.changes[0].fields
    assert fields["requester.name"] == {"before": None, "after": "Ada Moreno"}
    assert fields["requester.email"] == fields["requester.phone"] == {"changed": True}
    assert "secret" not in written_out(rig)
    assert rig.read(got, payoff).requester == asker


# Payoffs from end to end

THANKSGIVING = date(2026, 11, 26)
FED = Calendar(frozenset({THANKSGIVING}))


def a_holiday(day: date, calendar: CalendarName) -> Holiday:
    return Holiday(
        code=holiday_code(calendar, day), calendar=calendar, date=day, name="Thanksgiving Day",
        observed=False, actual_date=day,
    )


def a_payoff(**facts: Any) -> Payoff:
    given: dict[str, Any] = {
        "loan_number": "9900101001",
        "payoff_date": THANKSGIVING,
        "reason": PayoffReason.SALE,
        "voluntary": True,
        "requester": Requester(name="Ada Moreno"),
    }
    return Payoff(**given | facts)


def furnish(rig: Rig) -> None:
    """Bring in two loans, and look away from the records of that."""
    rig.do(
        add_all,
        a_loan(),
        a_loan("9900201001", location_id=900201),
    )
    rig.new_records()


def test_a_payoff_is_requested_with_our_estimate(rig: Rig) -> None:
    furnish(rig)
    payoff = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    assert (payoff.version, payoff.status) == (1, PayoffStatus.REQUESTED)
    assert (payoff.client_id, payoff.created_by, payoff.created_at) == ("prepay", "U1001", NOON)
    assert (payoff.good_through_date, payoff.rolled) == (date(2026, 11, 27), True)
    assert payoff.days == 12
    assert payoff.accrued_interest == Decimal("1457.35")
    assert payoff.total == Decimal("413808.10")
    assert rig.read(payoffs.show, CALLER, payoff.id) == payoff
    (record,) = rig.new_records()
    assert record.entities == (f"payoff/{payoff.id}",)
    assert record.changes[0].fields["total"] == {"before": None, "after": "413808.10"}


def test_what_the_server_assigns_is_not_the_callers_to_set(rig: Rig) -> None:
    furnish(rig)
    forged = a_payoff(
        id=UUID(int=7), status=PayoffStatus.SETTLED, created_by="U9999", total=Decimal("1.00"),
        location_id=900201, version=9,
    )
    payoff = rig.do(payoffs.request, CALLER, forged, FED)
    assert payoff.id != forged.id
    assert (payoff.status, payoff.created_by) == (PayoffStatus.REQUESTED, "U1001")
    assert (payoff.total, payoff.location_id) == (Decimal("413808.10"), 900101)
    assert payoff.version == 1


@pytest.mark.parametrize("loan_number", ["9900201001", "9999999999"])
def test_the_loan_of_another_location_looks_like_no_loan(rig: Rig, loan_number: str) -> None:
    furnish(rig)
    with pytest.raises(NotFound, match="There is no such loan that you may see."):
        rig.do(payoffs.request, CALLER, a_payoff(loan_number=loan_number), FED)
    assert not rig.new_records()


def test_a_payoff_is_refused_where_the_holidays_around_its_day_are_not_known(rig: Rig) -> None:
    furnish(rig)
    with pytest.raises(Conflict, match="The Fed's holidays around this day are not known here."):
        rig.do(payoffs.request, CALLER, a_payoff(), Calendar(frozenset({date(2026, 11, 25)})))
    assert not rig.new_records()


def test_a_payoff_of_another_location_is_not_found(rig: Rig) -> None:
    furnish(rig)
    payoff = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    with pytest.raises(NotFound):
        rig.read(payoffs.show, STRANGER, payoff.id)
    with pytest.raises(NotFound):
        rig.do(payoffs.move, STRANGER, payoff.id, 1, PayoffStatus.CANCELLED)
    assert not rig.read(payoffs.search, STRANGER, Query()).items
    with pytest.raises(NotFound):
        rig.read(payoffs.show, CALLER, UUID(int=9))


def test_a_loan_has_one_open_payoff_at_a_time(rig: Rig) -> None:
    furnish(rig)
    first = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    with pytest.raises(Conflict, match=f"has an open payoff already: {first.id}"):
        rig.do(payoffs.request, CALLER, a_payoff(), FED)
    rig.do(payoffs.move, CALLER, first.id, 1, PayoffStatus.CANCELLED)
    second = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    assert second.id != first.id


def test_a_payoff_moves_on_and_each_step_has_its_record(rig: Rig) -> None:
    furnish(rig)
    payoff = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    rig.new_records()
    rig.clock.forward(timedelta(hours=1))
    way = (PayoffStatus.QUOTED, PayoffStatus.ACCEPTED, PayoffStatus.FUNDS_RECEIVED)
    for status in way:
        payoff = rig.do(payoffs.move, CALLER, payoff.id, payoff.version, status)
    assert (payoff.status, payoff.version) == (way[-1], 4)
    assert payoff.updated_at == NOON + timedelta(hours=1)
    told = [record.changes[0] for record in rig.new_records()]
    assert sorted((c.version, c.fields["status"]["after"]) for c in told) == [
        (2, "quoted"), (3, "accepted"), (4, "funds_received"),
    ]


def test_a_payoff_does_not_move_where_its_state_does_not_lead(rig: Rig) -> None:
    furnish(rig)
    payoff = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    with pytest.raises(Conflict, match="A payoff that is requested can become: "):
        rig.do(payoffs.move, CALLER, payoff.id, 1, PayoffStatus.SETTLED)
    with pytest.raises(Stale):
        rig.do(payoffs.move, CALLER, payoff.id, 2, PayoffStatus.QUOTED)
    assert rig.read(payoffs.show, CALLER, payoff.id) == payoff


def test_a_search_finds_the_payoffs_of_the_callers_locations_only(rig: Rig) -> None:
    furnish(rig)
    mine = rig.do(payoffs.request, CALLER, a_payoff(), FED)
    theirs = rig.do(payoffs.request, STRANGER, a_payoff(loan_number="9900201001"), FED)
    newest = Query(order=payoffs.LISTING.complete(()))
    assert rig.read(payoffs.search, CALLER, newest).items == (mine,)
    assert rig.read(payoffs.search, STRANGER, newest).items == (theirs,)
    assert not rig.read(payoffs.search, CALLER, newest.where("location_id", 900201)).items
    nowhere = replace(CALLER, roles={})
    assert not rig.read(payoffs.search, nowhere, newest).items


def test_a_loan_that_is_not_active_cannot_be_paid_off(rig: Rig) -> None:
    furnish(rig)
    rig.do(lambda work: work.change(
        replace(got(work, a_loan()), status=type(a_loan().status).CANCELLED)
    ))
    with pytest.raises(Conflict, match="only ACTIVE ones are paid off"):
        rig.do(payoffs.request, CALLER, a_payoff(), FED)
    assert rig.read(got, a_loan()).version == 2
    assert isinstance(rig.read(got, a_loan()), Loan)
