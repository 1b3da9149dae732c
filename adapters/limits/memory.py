"""Rate limits counted in the memory of one process."""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from adapters.limits.rates import MOST_SETS, Rate, Rates, verdict
from adapters.limits.windows import Windows
from application.limits import Verdict


class MemoryRateLimiter:
    """A RateLimiter for one process, or for one of several that each take their part.

    The limits library reads the limits; the windows are ours, because its memory storage costs
    too much here. Three limits with their headers cost 18 µs with its moving window and 21 to
    24 µs with its sliding counter, which besides lets a caller that begins late in the clock's
    minute have nearly twice the limit within one. The storage starts a thread every 10 ms that
    goes through all keys (stalls of 20 ms at 20,000 of them), keeps an object a request, and
    follows the wall clock when that jumps. Ours cost 5 µs, never go through all keys and count
    by the monotonic clock.
    """

    def __init__(
        self,
        limits: Mapping[str, str],
        workers: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take limits by name, as {"write": "6000/minute"}; raises ValueError on a bad one."""
        self._rates = Rates(limits, workers)
        self._workers = workers
        self._clock = clock
        self._windows: Callable[[Rate], Windows] = lru_cache(MOST_SETS)(_windows)

    async def hit(self, keys: Mapping[str, str], own: tuple[str, ...] = ()) -> Verdict:
        """Count a request against each named limit under its key; never raises."""
        return self.count(keys, own)

    def count(self, keys: Mapping[str, str], own: tuple[str, ...] = ()) -> Verdict:
        """Do what `hit` does, at once."""
        now, chosen, windows = self._clock(), self._rates.chosen(own, *keys), self._windows
        tallies = [
            windows(rate).hit(key, now) for rate, key in zip(chosen.rates, keys.values())
        ]
        return verdict(chosen, tallies)

    def full(self, name: str, key: str) -> bool:
        """Tell whether a limit is used up, counting nothing."""
        rate = self._rates.of(())[name]
        return self._windows(rate).full(key, self._clock())

    def status(self) -> Mapping[str, Any]:
        """Tell that each process counts for itself."""
        return {"storage": "memory", "counting": "process", "workers": self._workers}

    def close(self) -> None:
        """Do nothing: nothing is open."""


def _windows(rate: Rate) -> Windows:
    return Windows(rate.amount, rate.seconds)
