"""How each part of the service is found to be: it fails, warns or passes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from adapters.sql import migrate
from adapters.sql.database import Database
from adapters.sql.journal import Backlog
from application.limits import RateLimiter
from application.ports import AuditSink, Clock

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_PROBE = 2.0
"""Seconds that the database may take for a call of readiness."""

SINK_SECONDS = 1.5
"""Seconds that a sink elsewhere may take."""

LONGEST_WAIT = timedelta(seconds=30)
"""How long records wait at most where a relay runs and its sink takes them, with room to spare:
another relay takes over within 10 s."""

CLOCK_JUMP = 5.0
"""Seconds that the clock may be put forward or back; tokens are believed for 300 s at most."""

JUMP_REMEMBERED = 600.0
"""Seconds for which readiness warns of that."""

CONNECT_SECONDS = 1.0

REACHED_SECONDS = 10.0
"""How often it is tried at most to connect to what proves users."""

WARN: Mapping[str, Any] = {"status": "warn"}

# Threads of their own: what else runs in threads may be busy when readiness is asked for.
_PROBERS = ThreadPoolExecutor(4, "loapi-probe")


def in_thread(ask: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Awaitable[R]:
    """Ask in a thread that nobody but probes uses."""
    loop = asyncio.get_running_loop()
    return loop.run_in_executor(_PROBERS, partial(ask, *args, **kwargs))


@dataclass(frozen=True, slots=True)
class DatabaseProbe:
    """Tells whether the database answers and is at the newest revision."""

    database: Database

    async def __call__(self) -> Mapping[str, Any]:
        """Give the schema's state; raises where it is another, or the database is away."""
        probed = self.database.doing("health.ready", LONGEST_PROBE)
        if trouble := schema_trouble(await in_thread(migrate.revision_of, probed)):
            raise RuntimeError(trouble)
        return {"schema": "current"}


def schema_trouble(revision: str | None) -> str | None:
    """Say why a schema at this revision, or at none, cannot be served; nothing where it can."""
    if revision == migrate.NEWEST:
        return None
    if migrate.pending(revision):
        return "the schema is behind; run loapi db upgrade"
    return f"the schema is at {revision}, ahead of this version, which is for {migrate.NEWEST}"


@dataclass(frozen=True, slots=True)
class RateLimitsProbe:
    """Tells where requests are counted; never fails, since they are counted in any case."""

    limiter: RateLimiter

    async def __call__(self) -> Mapping[str, Any]:
        """Give the limiter's status; a shared store that does not count is a warning."""
        told = self.limiter.status()
        return {**WARN, **told} if is_degraded(told) else told


def is_degraded(limiter: Mapping[str, Any]) -> bool:
    """Tell from a limiter's status whether a shared store should count, and does not."""
    return limiter.get("storage") == "shared" and limiter.get("counting") != "shared"


@dataclass(frozen=True, slots=True)
class AuditTrailProbe:
    """Warns when audit records wait for delivery in numbers, or for longer than a relay takes."""

    backlog: Backlog
    clock: Clock

    async def __call__(self) -> Mapping[str, Any]:
        """Give the state of the backlog."""
        growing = await in_thread(self.backlog.is_growing, self.clock())
        waited = self.backlog.waited()
        told = {"oldest_seconds": round(waited.total_seconds(), 1)}
        if growing:
            return {**WARN, **told, "reason": "the backlog nears its limit"}
        if waited > LONGEST_WAIT:
            return {**WARN, **told, "reason": "no relay delivers"}
        return told


@dataclass(frozen=True, slots=True)
class SinkProbe:
    """Warns when the sink does not answer: records then wait in the journal."""

    sink: AuditSink

    async def __call__(self) -> Mapping[str, Any]:
        """Ask for a record that is not there."""
        try:
            await in_thread(self.sink.get, UUID(int=0))
        except Exception as error:  # pylint: disable=broad-except  # whatever it is, it is told
            return {**WARN, "reason": type(error.__cause__ or error).__name__}
        return {}


@dataclass(slots=True)
class ClockProbe:
    """Warns when the clock has been put forward or back, as tokens and records are told by it.

    It cannot tell which time was right. What corrects a clock bit by bit is no jump.
    """

    wall: Callable[[], float] = time.time
    ticks: Callable[[], float] = time.monotonic
    _ahead: float = field(init=False)
    _jumped_at: float = field(default=float("-inf"), init=False)
    _jump: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._ahead = self.wall() - self.ticks()

    async def __call__(self) -> Mapping[str, Any]:
        """Compare the clock with the time that has passed."""
        now, ahead = self.ticks(), self.wall() - self.ticks()
        if abs(ahead - self._ahead) > CLOCK_JUMP:
            self._jump, self._jumped_at, self._ahead = ahead - self._ahead, now, ahead
        if now - self._jumped_at > JUMP_REMEMBERED:
            return {}
        at = datetime.now().astimezone() - timedelta(seconds=now - self._jumped_at)
        reason = f"the clock jumped by {self._jump:+.0f} s before {at.isoformat('T', 'seconds')}"
        return {**WARN, "reason": reason}


@dataclass(slots=True)
class ProofProbe:
    """Warns when what proves the users of one mode is away; clients of the others are served."""

    status: Callable[[], Awaitable[Mapping[str, Any]]]
    url: str
    _tried_at: float = field(default=float("-inf"), init=False)
    _trouble: str | None = field(default=None, init=False)

    async def __call__(self) -> Mapping[str, Any]:
        """Give what is known of it, and look whether its address can be connected to."""
        told = await self.status()
        if told.get("status") == "warn":
            return told
        if time.monotonic() - self._tried_at >= REACHED_SECONDS:
            self._tried_at = time.monotonic()
            self._trouble = await _trouble_at(self.url)
        return {**WARN, "reason": self._trouble} if self._trouble else told


async def _trouble_at(url: str) -> str | None:
    """Say why no connection can be made to an address; it is closed at once."""
    place = urlsplit(url)
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(place.hostname, port)
    except (OSError, TimeoutError) as error:
        return f"no connection: {type(error).__name__}"
    writer.close()
    return None
