"""Counts requests in moving windows, exact to the request."""

import math
import time
from collections.abc import Mapping

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from application.limits import Verdict


class MemoryRateLimiter:
    """A RateLimiter for one process."""

    def __init__(self, limits: Mapping[str, str]) -> None:
        """Take limits by name, as {"write": "6000/minute"}; raises ValueError on a bad one."""
        self._items: Mapping[str, RateLimitItem] = {
            name: parse(text) for name, text in limits.items()
        }
        self._windows = MovingWindowRateLimiter(MemoryStorage())
        self._policies = {name: _policy(name, item) for name, item in self._items.items()}

    async def hit(self, keys: Mapping[str, str]) -> Verdict:
        """Count a request against each named limit under its key; never raises."""
        refused = [n for n, key in keys.items() if not self._windows.hit(self._items[n], n, key)]
        policy = ", ".join(self._policies[name] for name in keys)
        name, remaining, wait = min(
            (self._state(name, keys[name]) for name in refused or keys), key=lambda s: s[1]
        )
        state = f'"{name}";r={remaining};t={wait}'
        return Verdict(not refused, policy, state, max(1, wait))

    def full(self, name: str, key: str) -> bool:
        """Tell whether a limit is used up, counting nothing."""
        return not self._windows.test(self._items[name], name, key)

    def _state(self, name: str, key: str) -> tuple[str, int, int]:
        stats = self._windows.get_window_stats(self._items[name], name, key)
        return name, stats.remaining, max(0, math.ceil(stats.reset_time - time.time()))


def _policy(name: str, item: RateLimitItem) -> str:
    return f'"{name}";q={item.amount};w={item.get_expiry()}'
