"""Windows that move with the clock, in a Valkey or Redis that many processes share."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from limits.storage import RedisStorage
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import NoScriptError
from redis.retry import Retry

from adapters.limits.rates import Rate, Tally

PREFIX = "loapi"

Window = tuple[Rate, str]
"""A limit, and whose requests it is to count."""


class ValkeyWindows:
    """Counts with the moving window of the limits library: its scripts, its keys.

    The library makes a round trip for each step of each limit; here all steps of all limits of
    all requests that wait go in one. It passes the time of the host that asks, so hosts whose
    clocks differ would count differently; here that is the store's own time.
    """

    def __init__(self, url: str, seconds: float) -> None:
        """Take the URL, and how long any step may take; raises ValueError on a bad URL."""
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            # A connection that was closed while it lay idle is opened again, once.
            retry=Retry(NoBackoff(), 1, (Unreachable,)),
        )
        self._storage = RedisStorage(url, connection_pool=pool, key_prefix=PREFIX)
        self._client = Redis(connection_pool=pool)
        self._ahead = time.time() - time.monotonic()

    def prepare(self) -> None:
        """Load the scripts and read the store's clock; raises where the store does not answer."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.script_load(self._storage.SCRIPT_ACQUIRE_MOVING_WINDOW)
        pipeline.script_load(self._storage.SCRIPT_MOVING_WINDOW)
        pipeline.time()
        before = time.monotonic()
        seconds, microseconds = pipeline.execute()[-1]
        self._set_clock(seconds + microseconds / 1e6, before, time.monotonic())

    def _set_clock(self, told: float, before: float, after: float) -> None:
        """Follow the store's clock, told at some time between two; leave alone what agrees."""
        if not told - after <= self._ahead <= told - before:
            self._ahead = told - (before + after) / 2

    def count(self, wanted: Mapping[Window, int]) -> dict[Window, tuple[int, Tally]]:
        """Count as many of the wanted requests as there is room for, and tell how many.

        Raises what redis raises where the store does not answer.
        """
        counted = dict.fromkeys(wanted, 0)
        done: dict[Window, tuple[int, Tally]] = {}
        waiting = dict(wanted)
        while waiting:
            for window, took, tally in self._round(waiting):
                counted[window] += waiting[window] if took else 0
                # Where not all fit, some may: as many as there was room for a moment ago.
                fit = 0 if took else min(wanted[window] - counted[window], tally.remaining)
                waiting[window] = fit
                done[window] = (counted[window], tally)
            waiting = {window: fit for window, fit in waiting.items() if fit}
        return done

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _round(self, waiting: Mapping[Window, int]) -> Iterable[tuple[Window, bool, Tally]]:
        now = self._ahead + time.monotonic()
        try:
            answers = self._ask(waiting, now)
        except NoScriptError:
            self.prepare()
            answers = self._ask(waiting, now)
        for window, took, state in zip(waiting, answers[::2], answers[1::2], strict=True):
            yield window, bool(took), _tally(window[0], bool(took), state, now)

    def _ask(self, waiting: Mapping[Window, int], now: float) -> list[Any]:
        """Make the round trip."""
        storage = self._storage
        pipeline = self._client.pipeline(transaction=False)
        take, look = storage.lua_acquire_moving_window.sha, storage.lua_moving_window.sha
        for (rate, key), amount in waiting.items():
            name = storage.prefixed_key(rate.item.key_for(rate.name, key))
            pipeline.evalsha(take, 1, name, now, rate.amount, rate.seconds, amount)
            pipeline.evalsha(look, 1, name, now - rate.seconds, rate.amount)
        answers: list[Any] = pipeline.execute()
        return answers


def _tally(rate: Rate, took: bool, state: Any, now: float) -> Tally:
    if not state:
        return Tally(took, rate.amount, 0.0)
    oldest, count = float(state[0]), int(state[1])
    return Tally(took, max(0, rate.amount - count), max(0.0, oldest + rate.seconds - now))
