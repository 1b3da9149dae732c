"""Numbers of what the service does: counted where it happens, read by who reports them."""

import math
from collections.abc import Mapping

_STEP = math.log(1.05)
_LEAST = 1e-6


class Spread:
    """How values spread: counts in buckets that are 5 % wide, so that none takes room.

    One thread notes values; any may read them.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def note(self, value: float) -> None:
        """Count a value; below a millionth all are the same."""
        bucket = int(math.log(value if value > _LEAST else _LEAST) // _STEP)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1

    def counts(self) -> Mapping[int, int]:
        """Give how often each bucket was hit since the start."""
        return self._counts.copy()


def middle_of(bucket: int) -> float:
    """Give the value that stands for a bucket, at most 2.5 % off."""
    return math.exp((bucket + 0.5) * _STEP)


class Traffic:
    """Requests: how many and how long they took, by route and kind of answer."""

    def __init__(self) -> None:
        self._spreads: dict[tuple[str, str, int], Spread] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; the route is its template, of which there are only so many."""
        key = (method, route, status // 100)
        spread = self._spreads.get(key)
        if spread is None:
            spread = self._spreads[key] = Spread()
        spread.note(seconds)

    def spreads(self) -> Mapping[tuple[str, str, int], Spread]:
        """Give the seconds that requests took by method, route and hundreds of the status."""
        return self._spreads.copy()
