"""Rate limits counted in a store that all processes share, and without it when it is away."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from adapters.limits.breaker import Breaker
from adapters.limits.courier import Courier, StoreAway
from adapters.limits.memory import MemoryRateLimiter
from adapters.limits.rates import Rates, Tally, verdict
from adapters.limits.valkey import ValkeyWindows
from application.limits import Verdict

DEADLINE_SECONDS = 0.04
"""How long a request waits for the store: with what comes around it, less than 50 ms."""

MOST_SPENT = 10_000
"""How many used up limits are remembered."""


class SharedRateLimiter:
    """A RateLimiter for many processes; where the store fails, each counts its part of the limits.

    A request never fails for it, and waits 40 ms at most, three times in a row; then the store
    is let alone until it answers again.
    """

    def __init__(
        self,
        url: str,
        limits: Mapping[str, str],
        workers: int = 1,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """Take the store's URL and limits by name; raises ValueError on a bad one."""
        self._seconds = seconds
        self._rates = Rates(limits)
        self._alone = MemoryRateLimiter(limits, workers)
        self._breaker = Breaker()
        self._courier = Courier(ValkeyWindows(url, seconds), self._breaker)
        self._spent: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def hit(self, keys: Mapping[str, str], own: tuple[str, ...] = ()) -> Verdict:
        """Count a request against each named limit under its key; never raises."""
        if self._breaker.open:
            return self._count_alone(keys, own)
        chosen = self._rates.chosen(own, *keys)
        try:
            async with asyncio.timeout(self._seconds):
                tallies = await self._courier.count([*zip(chosen.rates, keys.values())])
        except (TimeoutError, StoreAway) as error:
            self._breaker.failed(str(error) or "slow")
            return self._count_alone(keys, own)
        self._breaker.answered()
        self._note_spent(zip(keys.items(), tallies, strict=True))
        return verdict(chosen, tallies)

    def full(self, name: str, key: str) -> bool:
        """Tell whether a limit was used up when this process last counted against it."""
        spent = self._spent.get((name, key), 0.0) > time.monotonic()
        return spent or (self._breaker.open and self._alone.full(name, key))

    def status(self) -> Mapping[str, Any]:
        """Tell whether the store counts, else since when and why not."""
        return {"storage": "shared", **self._breaker.status()}

    def close(self) -> None:
        """Let the store go."""
        self._courier.close()

    def _count_alone(self, keys: Mapping[str, str], own: tuple[str, ...]) -> Verdict:
        """Count here; what the store has said to be used up stays so for its time."""
        now = time.monotonic()
        ends = {name: self._spent.get((name, key), 0.0) for name, key in keys.items()}
        waits = {name: end - now for name, end in ends.items() if end > now}
        if not waits:
            return self._alone.count(keys, own)
        chosen = self._rates.chosen(own, *waits)
        return verdict(chosen, [Tally(False, 0, wait) for wait in waits.values()])

    def _note_spent(self, told: Iterable[tuple[tuple[str, str], Tally]]) -> None:
        for place, tally in told:
            if not tally.counted:
                self._spent[place] = time.monotonic() + tally.wait
                self._spent.move_to_end(place)
                if len(self._spent) > MOST_SPENT:
                    self._spent.popitem(last=False)
