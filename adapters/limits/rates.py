"""Limits as texts say them: the usual ones, the ones of a client's own, shared among workers."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerSecond, parse

from application.limits import Verdict

MOST_SETS = 4096
"""How many different sets of limits of clients' own are remembered."""

_log = logging.getLogger("loapi")


@dataclass(frozen=True, slots=True, eq=False)
class Rate:
    """How many requests a window of time takes."""

    name: str
    item: RateLimitItem
    amount: int
    seconds: int
    policy: str
    """What RateLimit-Policy says of it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The limits that a request counts against."""

    rates: tuple[Rate, ...]
    policy: str
    """What RateLimit-Policy says of them."""


class Tally(NamedTuple):
    """How a limit stands after a request, by name; where it is hot, a plain tuple says the same."""

    counted: bool
    """Whether the request found room."""
    remaining: int
    wait: float
    """Seconds until the next request that is counted now stops counting."""


class Rates:
    """The limits by name."""

    def __init__(self, limits: Mapping[str, str], workers: int = 1) -> None:
        """Take limits by name, as {"write": "6000/minute"}; raises ValueError on a bad one.

        Each of several workers that count for themselves has its part of them.
        """
        self._usual = {name: _rate(name, text, workers) for name, text in limits.items()}
        self._workers = workers
        self._with = lru_cache(MOST_SETS)(self._replaced)
        self.chosen = lru_cache(MOST_SETS)(self._chosen)
        """Gives those that are named, with these of a client's own among them."""

    def of(self, own: tuple[str, ...]) -> Mapping[str, Rate]:
        """Give the limits with these of a client's own among them; ones that are bad are logged."""
        return self._with(own) if own else self._usual

    def _chosen(self, own: tuple[str, ...], *names: str) -> Chosen:
        limits = self.of(own)
        rates = tuple(limits[name] for name in names)
        return Chosen(rates, ", ".join(rate.policy for rate in rates))

    def _replaced(self, own: tuple[str, ...]) -> Mapping[str, Rate]:
        rates = dict(self._usual)
        for text in own:
            name, _, rate = text.partition("=")
            try:
                rates[name] = _rate(name, rate, self._workers)
            except ValueError:
                _log.error("a client has a limit that cannot be read: %r", text)
        return rates


def _rate(name: str, text: str, workers: int) -> Rate:
    item = _part(parse(text), workers)
    seconds = item.get_expiry()
    return Rate(name, item, item.amount, seconds, f'"{name}";q={item.amount};w={seconds}')


def _part(item: RateLimitItem, workers: int) -> RateLimitItem:
    """Give a worker's part, so that all parts together are no more than the whole."""
    if workers == 1 or item.amount < 1:
        return _at_least_one(item)
    if item.amount >= workers:
        return RateLimitItemPerSecond(item.amount // workers, item.get_expiry())
    # Less than one for each: one, in a window that is as much longer.
    return RateLimitItemPerSecond(1, math.ceil(item.get_expiry() * workers / item.amount))


def _at_least_one(item: RateLimitItem) -> RateLimitItem:
    if item.amount < 1:
        raise ValueError("a limit lets at least one request through")
    return item


def verdict(chosen: Chosen, tallies: Sequence[tuple[bool, int, float]]) -> Verdict:
    """Say of a request what its limits say together: the tightest one speaks."""
    # The tightest comes first in the order of tuples, and one that is used up before all others.
    tight = min(tallies)
    if not tight[0]:
        tight = max((tally for tally in tallies if not tally[0]), key=itemgetter(2))
    rate = chosen.rates[tallies.index(tight)]
    allowed, remaining, wait = tight
    seconds = min(rate.seconds, math.ceil(wait))
    state = f'"{rate.name}";r={remaining};t={seconds}'
    return Verdict(allowed, chosen.policy, state, seconds or 1)
