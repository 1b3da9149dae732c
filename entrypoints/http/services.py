"""What the HTTP layer is given to serve with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from application.alarm import Alarm
from application.audit.notes import Notes
from application.audit.trail import Trail
from application.calendars import Calendars
from application.directory import Directory
from application.identity import IdentityVerifier
from application.limits import Crowd, RateLimiter
from application.measures import Traffic
from application.ports import Runner
from application.quoting import Quoting
from application.tokens import TokenVerifier
from application.tracing import Tracing
from domain.payoff_day import DayRules
from entrypoints.http.address import Proxies


class RequestLog(Protocol):
    """Writes one line for each request."""

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Write a line; the mapping holds plain JSON values."""


Probe = Callable[[], Awaitable[Mapping[str, Any]]]
"""Tells how a part of the service is; raises where it does not work."""


Measures = Callable[[], Awaitable[Mapping[str, float]]]
"""Gives the numbers of the moment by the names of their metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the HTTP layer serves with, built by the container."""

    runner: Runner
    verifier: TokenVerifier
    identities: IdentityVerifier
    quoting: Quoting
    day_rules: DayRules
    calendars: Calendars
    directory: Directory
    limiter: RateLimiter
    crowd: Crowd
    proxies: Proxies
    notes: Notes
    trail: Trail
    log: RequestLog
    log_successes: float
    """The share of the requests that went well of which the log tells."""
    traffic: Traffic | None
    """Where requests are counted, if anybody is told of them."""
    tracing: Tracing
    alarm: Alarm
    cursor_key: bytes
    probes: Mapping[str, Probe]
    measures: Measures
    production: bool
    background: Sequence[Callable[[Event], None]]
    """What runs in a thread of its own until the event is set."""
    close: Callable[[], None]
