"""What holds something to its time; a test that a busy machine breaks is run again, twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 180.0
"""Seconds in which what is to happen at all has happened, however busy the machine is."""

SPARE = 0.5
"""Where the processors were idle for a smaller part of the time, somebody may have had to wait."""

IDLE = 3
"""Where Linux's account of the processors has the time without work (proc(5))."""

Times = list[int]


class TooSlow(AssertionError):
    """It took longer than is promised, or the machine had other things to do meanwhile.

    `pyproject.toml` names this type: pytest runs a test again that it ends, and no other.
    """


def in_time(seconds: float, bound: float) -> None:
    """Raise TooSlow unless something that took so many seconds took less than its bound.

    For what the service promises. Where a wait only has to end at all, an assertion within
    PATIENCE will do; what is about the answer is asserted, not timed.
    """
    if not seconds < bound:
        raise TooSlow(f"{seconds:.4g} s, where less than {bound:.4g} s is promised")


@contextmanager
def blamed_on_the_machine() -> Iterator[None]:
    """Raise TooSlow for what fails while the processors are busy.

    Services, their callers and their stores have deadlines for each other, and a machine that has
    no time for one of them may break any: as a refusal, a closed connection, a count.
    """
    before = processor_times()
    try:
        yield
    except TooSlow:
        raise
    except (Exception, pytest.fail.Exception) as fault:
        spare = spare_since(before)
        if spare < SPARE:
            # Where it stands as a cause, it would be looked at, too, for whether to run it again.
            busy = TooSlow(f"{type(fault).__name__} with {1 - spare:.0%} of the time used: {fault}")
            raise busy.with_traceback(fault.__traceback__) from None
        raise


def processor_times() -> Times:
    """Give how the processors have spent their time since they were started, where Linux tells."""
    try:
        told, _, _ = Path("/proc/stat").read_text("ascii").partition("\n")
    except FileNotFoundError:
        return []
    return [int(each) for each in told.split()[1:]]


def spare_since(before: Times) -> float:
    """Give the part of the time since then in which the processors were idle; 1 for no time."""
    spent = [now - then for now, then in zip(processor_times(), before)]
    return spent[IDLE] / sum(spent) if any(spent) else 1.0
