"""The calls that are compared, and the lines that wrk sends for each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice

from entrypoints.container.wiring import now
from tests.performance.minting import tokens
from tests.performance.stocked import ONCE, USER, WINDOW, Stocked

MANY = 100_000
TOKENS = (1, 100, MANY)
MOST_WRITES = 60_000
"""How many loans one measurement can use up."""


@dataclass(frozen=True)
class Call:
    """A request, and how many tokens take turns."""

    name: str
    path: str
    """Where it goes; with {}: to a person, of whom there are many."""
    tokens: int
    """0: each request has a token of its own, and it is spent."""
    writes: bool = False

    @property
    def title(self) -> str:
        """Name it with its tokens."""
        if not self.tokens:
            return f"{self.name}, one-time tokens"
        return f"{self.name}, {self.tokens:,} token{'s' * (self.tokens > 1)}"

    def addresses(self, stocked: Stocked) -> list[str]:
        """Give the paths that it goes to in turn."""
        if "{}" not in self.path:
            return [self.path]
        return [self.path.format(person) for person in stocked.people]


READS = {
    "GET /naics-code/?limit=50": "/api/v1/naics-code/?limit=50",
    "GET /country/": "/api/v1/country/",
    "GET /country/?limit=1000": "/api/v1/country/?limit=1000",
    "GET /user/{id}": "/api/v1/user/{}",
}
PAYOFF = "/api/v1/payoff/"
CALLS = (
    *(Call(name, path, count) for name, path in READS.items() for count in TOKENS),
    *(Call("POST /payoff", PAYOFF, count, writes=True) for count in TOKENS),
    Call("POST /payoff", PAYOFF, 0, writes=True),
)
ALONE = tuple(call for call in CALLS if call.tokens == 100 or not call.tokens)
"""Those that are measured over a single connection, too."""


class Loans:
    """Loans that have no payoff yet: each is paid off once."""

    def __init__(self, stocked: Stocked) -> None:
        self._left = iter(stocked.loans)
        self._ready: list[str] = []

    def some(self, most: int = MOST_WRITES) -> list[str]:
        """Give the next loans; the same ones again, but for those that were used."""
        self._ready += islice(self._left, most - len(self._ready))
        return self._ready

    def used(self, count: int) -> None:
        """Take note of how many of them are paid off."""
        self._ready = self._ready[count:]


def lines(call: Call, stocked: Stocked, loans: Loans) -> list[str]:
    """Give a line for each request: a token, a path, and the body of what is written."""
    key = stocked.keys[WINDOW if call.writes and call.tokens else ONCE]
    fresh = tokens(key, USER)
    if not call.writes:
        several, addresses = list(islice(fresh, call.tokens)), call.addresses(stocked)
        turns = zip(cycle(several), cycle(addresses))
        pairs = islice(turns, max(len(several), len(addresses)))
        return [f"{token} {address}" for token, address in pairs]
    numbers = loans.some()
    some = list(islice(fresh, call.tokens or len(numbers)))
    bodies = payoffs_on((now() + timedelta(days=14)).date(), numbers)
    return [f"{token} {call.path} {body}" for token, body in zip(cycle(some), bodies)]


def payoffs_on(day: date, numbers: Iterable[str]) -> Iterator[str]:
    """Give the body of a payoff of each loan, for a day."""
    text = json.dumps({
        "loan_number": "%s",
        "payoff_date": day.isoformat(),
        "reason": "refinance",
        "voluntary": True,
        "requester": {"name": "Pat Example", "email": "pat@example.com"},
    })
    return (text.replace("%s", number) for number in numbers)
