"""Remembers what was learnt for a while, and lets those who ask the same at once share it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, Hashable, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Ticks = Callable[[], float]
"""Seconds from some moment on; they never go back."""


class Remembered(Generic[K, V]):
    """Values that are good until a time; at most so many, and the oldest go first."""

    def __init__(self, most: int, ticks: Ticks = time.monotonic) -> None:
        self._most = most
        self._ticks = ticks
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Give the value for a key, if it is still good."""
        until, value = self._kept.get(key, (0.0, None))
        if value is None or self._ticks() < until:
            return value
        del self._kept[key]
        return None

    def keep(self, key: K, value: V, until: float) -> None:
        """Remember a value until a time in ticks."""
        if until <= self._ticks():
            return
        self._kept[key] = (until, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


class Flights(Generic[K, V]):
    """Questions under way; whoever asks one of them again waits for its answer."""

    def __init__(self) -> None:
        self._flying: dict[K, asyncio.Future[V]] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def __contains__(self, key: object) -> bool:
        return key in self._flying

    async def share(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """Give the answer; one who goes away takes it from nobody else."""
        return await asyncio.shield(self.begin(key, ask))

    def begin(self, key: K, ask: Callable[[], Awaitable[V]]) -> asyncio.Future[V]:
        """Ask, unless that is under way, and wait for nothing."""
        flight = self._flying.get(key)
        if flight is None:
            flight = self._flying[key] = asyncio.ensure_future(ask())
            flight.add_done_callback(partial(self._land, key))
        return flight

    async def cancel(self) -> None:
        """Give up every question under way."""
        flying = list(self._flying.values())
        for flight in flying:
            flight.cancel()
        await asyncio.gather(*flying, return_exceptions=True)

    def _land(self, key: K, flight: asyncio.Future[V]) -> None:
        del self._flying[key]
        if not flight.cancelled():
            flight.exception()  # told to those who wait; nobody may be left
