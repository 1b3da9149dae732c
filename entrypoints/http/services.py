"""What the HTTP layer is given to serve with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from application.audit.notes import Notes
from application.audit.trail import Trail
from application.directory import Directory
from application.identity import IdentityVerifier
from application.limits import Crowd, RateLimiter
from application.ports import Runner
from application.tokens import TokenVerifier
from entrypoints.http.address import Proxies


class RequestLog(Protocol):
    """Writes one line for each request."""

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Write a line; the mapping holds plain JSON values."""


Probe = Callable[[], Awaitable[Mapping[str, Any]]]
"""Tells how a part of the service is; raises where it does not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the HTTP layer serves with, built by the container."""

    runner: Runner
    verifier: TokenVerifier
    identities: IdentityVerifier
    directory: Directory
    limiter: RateLimiter
    crowd: Crowd
    proxies: Proxies
    notes: Notes
    trail: Trail
    log: RequestLog
    cursor_key: bytes
    probes: Mapping[str, Probe]
    production: bool
    background: Sequence[Callable[[Event], None]]
    """What runs in a thread of its own until the event is set."""
    close: Callable[[], None]
