"""What a route needs of its caller, and how much of it is recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class RateClass(StrEnum):
    """Which rate limit a route draws on."""

    READ = "read"
    LIST = "list"
    WRITE = "write"
    AUDIT = "audit"


class Recorded(StrEnum):
    """What of a route goes into the audit trail."""

    NOTHING = "nothing"
    READS = "reads"
    WRITES = "writes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """A route's way out: clients hear of it with every answer, long before it is gone."""

    deprecated_at: datetime
    """From when nobody should begin to use it, aware."""
    sunset_at: datetime | None = None
    """When it may stop to answer, aware; none while that is open."""
    successor: str | None = None
    """The address of what to use instead."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Give Deprecation (RFC 9745), Sunset (RFC 8594) and the link to the successor."""
        told = [(b"deprecation", b"@%d" % self.deprecated_at.timestamp())]
        if self.sunset_at is not None:
            at = format_datetime(self.sunset_at.astimezone(timezone.utc), usegmt=True)
            told.append((b"sunset", at.encode()))
        if self.successor is not None:
            told.append((b"link", f'<{self.successor}>; rel="successor-version"'.encode()))
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the gate asks of a caller before a route's body is read."""

    action: str
    """What the route does, as "payoff.request"; it names the operation everywhere."""
    scope: str
    rate: RateClass
    recorded: Recorded
    user: bool
    """Whether the token must name a user."""
    location: bool = False
    """Whether it must name a location too; where it does unasked, that alone is seen as well."""
    dataset: str | None = None
    """The reference data that the answer comes from; it is then the same for everyone."""
    retirement: Retirement | None = None
    """Whether it is on its way out."""


_NEEDS: dict[Callable[..., Any], Needs] = {}


def needs(  # pylint: disable=too-many-arguments  # declared by name
    action: str,
    scope: str,
    rate: RateClass,
    *,
    recorded: Recorded = Recorded.NOTHING,
    user: bool = False,
    location: bool = False,
    dataset: str | None = None,
    retirement: Retirement | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Declare what an endpoint needs; an endpoint that declares nothing cannot be served."""

    def declare(endpoint: Endpoint) -> Endpoint:
        rule = Needs(
            action=action,
            scope=scope,
            rate=rate,
            recorded=recorded,
            user=user or location,
            location=location,
            dataset=dataset,
            retirement=retirement,
        )
        _NEEDS[endpoint] = rule
        return endpoint

    return declare


def needs_of(endpoint: Callable[..., Any]) -> Needs:
    """Give what an endpoint declared; raises LookupError where it declared nothing."""
    try:
        return _NEEDS[endpoint]
    except KeyError:
        raise LookupError(f"{endpoint.__name__} does not declare its needs") from None
