"""What holds something to its time; a test that fails for that alone is run again, twice."""


PATIENCE = 180.0
"""Seconds in which what is to happen at all has happened, however busy the machine is."""


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
