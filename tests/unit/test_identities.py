"""Identities sort in the order in which they are made."""

import re
import time
from datetime import datetime, timedelta, timezone

from application.identities import Sequence, new_text

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


def test_texts_are_32_digits_and_sort_by_the_millisecond_of_their_making() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_text() for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert len({one[12:] for one in made}) == len(made)
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)
    times = [int(one[:12], 16) for one in made]
    assert times == sorted(times) and before <= times[0] <= times[-1] <= after
