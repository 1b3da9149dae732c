"""How often a caller may ask, and what to say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limiter says of a request.

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

    async def hit(self, keys: Mapping[str, str]) -> Verdict:
        """Count a request against each named limit under its key; never raises."""

    def full(self, name: str, key: str) -> bool:
        """Tell whether a limit is used up, counting nothing."""
