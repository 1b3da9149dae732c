"""How often a caller may ask, how much at once, and what to say of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Verdict(NamedTuple):
    """What the limiter says of a request; a tuple, since every request has one.

    `policy` and `state` are the values of the headers RateLimit-Policy and RateLimit
    (draft-ietf-httpapi-ratelimit-headers-10).
    """

    allowed: bool
    policy: str
    state: str
    retry_after: int
    """Seconds until another try can succeed, at least 1."""


class RateLimiter(Protocol):
    """Counts requests against limits."""

    async def hit(self, keys: Mapping[str, str], own: tuple[str, ...] = ()) -> Verdict:
        """Count a request against each named limit under its key; never raises.

        `own` are limits that stand in for the usual ones of their names, as "write=600/minute".
        """

    def full(self, name: str, key: str) -> bool:
        """Tell whether a limit is known to be used up, counting nothing."""

    def status(self) -> Mapping[str, Any]:
        """Tell where requests are counted, and why not elsewhere, as plain JSON values."""


class Crowd:
    """Bounds how many requests of a client are under way at once in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: dict[str, int] = {}
        self.refusal = Verdict(
            allowed=False,
            policy=f'"concurrency";q={most};qu="concurrent-requests"',
            state='"concurrency";r=0;t=1',
            retry_after=1,
        )
        """What is said to whom there is no room for."""

    def enter(self, client_id: str) -> bool:
        """Let a request in if there is room; who enters must leave."""
        inside = self._inside.get(client_id, 0)
        if inside >= self._most:
            return False
        self._inside[client_id] = inside + 1
        return True

    def leave(self, client_id: str) -> None:
        """Make room again."""
        inside = self._inside[client_id] - 1
        if inside:
            self._inside[client_id] = inside
        else:
            del self._inside[client_id]
