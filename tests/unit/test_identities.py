"""Identities sort in the order in which they are made."""

from datetime import datetime, timedelta, timezone

from application.identities import Sequence

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def test_identities_of_one_millisecond_sort_in_the_order_of_their_making() -> None:
    sequence = Sequence()
    made = [sequence(NOON) for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000
    assert {one.version for one in made} == {7}


def test_a_clock_that_is_put_back_is_believed() -> None:
    sequence = Sequence()
    late, early = sequence(NOON), sequence(NOON - timedelta(hours=1))
    assert early < late
