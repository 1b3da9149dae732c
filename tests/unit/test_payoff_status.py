"""The states of a payoff: which follow which, who may, and how they expire by date."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.expiry import as_of
from application.query import Clause, Link, Operator, Query, Term, meets
from domain.errors import Conflict
from domain.location import Role
from domain.model import Record
from domain.payoff import Payoff
from domain.payoff_status import NEXT, OPEN, PERISHABLE, WHO_MAY, PayoffStatus
from tests.unit.payoff_facts import a_payoff

LEGAL = {
    "requested": "quoted rejected cancelled expired failed",
    "quoted": "quoted accepted rejected cancelled expired",
    "accepted": "funds_received cancelled expired",
    "funds_received": "settled",
    "failed": "requested quoted rejected cancelled expired",
    "settled": "",
    "rejected": "",
    "cancelled": "",
    "expired": "",
}
CUTOFF = datetime(2026, 7, 3, 16, tzinfo=timezone.utc)
TICK = timedelta(microseconds=1)


def stored(status: PayoffStatus) -> Payoff:
    """Give a payoff as it is stored."""
    return a_payoff(date(2026, 7, 3), status=status, wire_cutoff=CUTOFF, version=3)


@pytest.mark.parametrize("present", PayoffStatus)
@pytest.mark.parametrize("wanted", PayoffStatus)
def test_a_payoff_takes_only_the_states_that_may_follow(
    present: PayoffStatus, wanted: PayoffStatus
) -> None:
    now = CUTOFF - timedelta(days=1)
    if wanted in LEGAL[present].split():
        moved = stored(present).moved_to(wanted, now)
        assert (moved.status, moved.updated_at) == (wanted, now)
    else:
        with pytest.raises(Conflict, match=present.value):
            stored(present).moved_to(wanted, now)


def test_states_that_lead_nowhere_are_not_open() -> None:
    assert set(OPEN) == set(NEXT) == {name for name, following in LEGAL.items() if following}


def test_the_requesters_side_takes_it_or_leaves_it_and_the_servicers_does_the_rest() -> None:
    by_role = {
        role: {status for status, roles in WHO_MAY.items() if role in roles} for role in Role
    }
    assert by_role[Role.PAYOFF_REQUESTER] == {"requested", "accepted", "cancelled"}
    assert by_role[Role.PAYOFF_SERVICER] == set(PayoffStatus) - {"accepted", "cancelled"}
    assert by_role[Role.VIEWER] == set()
    assert set(WHO_MAY) == set(PayoffStatus)


# Expiry by date


@pytest.mark.parametrize("status", PayoffStatus)
def test_what_is_open_expires_the_moment_that_the_cutoff_has_passed(status: PayoffStatus) -> None:
    payoff = stored(status)
    assert payoff.as_of(CUTOFF) is payoff
    late = payoff.as_of(CUTOFF + TICK)
    if status in ("requested", "quoted", "accepted", "failed"):
        assert late == replace(payoff, status=PayoffStatus.EXPIRED, version=4, updated_at=CUTOFF)
    else:
        assert late is payoff
    assert late.as_of(CUTOFF + timedelta(days=400)) == late


def nothing_linked(_link: Link, _term: Term, _record: Record) -> bool:
    """Know of no linked records."""
    return False


STATES = st.lists(st.sampled_from(PayoffStatus), min_size=1, max_size=4).map(tuple)
STATE_TERMS = st.builds(
    Term, st.just("status"), st.sampled_from([Operator.EQ, Operator.NE]), STATES
)
DATE_TERMS = st.builds(
    Term, st.just("payoff_date"), st.sampled_from([Operator.GTE, Operator.LT]),
    st.dates(date(2026, 7, 1), date(2026, 7, 5)).map(lambda day: (day,)),
)
CLAUSES = st.lists(
    st.lists(STATE_TERMS | DATE_TERMS, min_size=1, max_size=4).map(tuple), max_size=3
).map(tuple)


@given(CLAUSES, st.sampled_from(PayoffStatus), st.sampled_from([-TICK, 0 * TICK, TICK]))
def test_a_search_finds_what_would_be_found_had_each_expired_on_time(
    clauses: tuple[Clause, ...], status: PayoffStatus, after: timedelta
) -> None:
    payoff, now = stored(status), CUTOFF + after
    asked = as_of(Query(clauses=clauses), now)
    found = meets(payoff, asked.clauses, nothing_linked)
    assert found is meets(payoff.as_of(now), clauses, nothing_linked)


def test_a_search_by_other_fields_is_left_alone() -> None:
    query = Query().where("loan_number", "9900101001")
    assert as_of(query, CUTOFF) == query


def test_the_perishable_states_are_open_and_before_the_funds() -> None:
    assert PERISHABLE == set(OPEN) - {"funds_received"}
