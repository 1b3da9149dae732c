"""How each part of the service is found to be: it fails, warns or passes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from adapters.jwt.claims import SKEW
from adapters.sql import migrate
from adapters.sql.database import Database
from adapters.sql.journal import Backlog
from adapters.sql.sighting import Sight, look_at
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

CLOCK_DIFFERS = 5.0
"""Seconds that the clock may differ from the database's without a word."""

MOST_DIFFERENCE = float(SKEW)
"""Seconds beyond which it must not serve: what clients call now is refused as not yet valid, or
has expired; two hosts would disagree which tokens may still come, and in which order records are.
"""

SIGHT_SECONDS = 1.5
"""How long the comparison waits for the database, which tells of itself that it is slow."""

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


class Sighting:
    """Asks the database of itself, once for all probes that want to know it at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("health.ready", LONGEST_PROBE)
        self._asking: asyncio.Future[Sight | Exception] | None = None

    async def __call__(self) -> Sight:
        """Give what it says; raises why it says nothing."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
        # It goes on for the others if one has waited long enough.
        told = await asyncio.shield(self._asking)
        if isinstance(told, Exception):
            raise told
        return told

    async def _ask(self) -> Sight | Exception:
        try:
            return await in_thread(look_at, self._database)
        except Exception as error:  # pylint: disable=broad-except  # each who waits raises it
            return error


class Writing(Protocol):
    """What writes to the database."""

    refusal: BaseException | None
    """Why it took no write the last time, if it did not."""


@dataclass(frozen=True, slots=True)
class DatabaseProbe:
    """Tells whether the database answers, is at the newest revision, and takes writes."""

    sighting: Callable[[], Awaitable[Sight]]
    writing: Writing

    async def __call__(self) -> Mapping[str, Any]:
        """Give the schema's state; raises where it is another, or the database is away.

        Where it only takes no writes, as with a full disk, reads are worth to be served.
        """
        sight = await self.sighting()
        if trouble := schema_trouble(sight.revision):
            raise RuntimeError(trouble)
        if (refusal := self.writing.refusal) is not None:
            why = str(getattr(refusal, "orig", None) or refusal).partition("\n")[0]
            return {**WARN, "schema": "current", "reason": f"it takes no writes: {why}"}
        return {"schema": "current"}


def schema_trouble(revision: str | None) -> str | None:
    """Say why a schema at this revision, or at none, cannot be served; nothing where it can."""
    if revision == migrate.NEWEST:
        return None
    if revision is not None and not migrate.is_ours(revision):
        return f"the schema is at {revision}, a revision of another program"
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
        if not is_degraded(told):
            return told
        reason = f"the shared store is away ({told.get('reason')}); each process counts"
        return {**WARN, **told, "reason": reason}


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
    """Tells whether the clock can be believed, as tokens and records are told by it.

    It is compared with the database's, which all hosts share, and with the time that has passed:
    a jump is noticed although nobody knows which time was right. What corrects a clock bit by bit
    is no jump.
    """

    sighting: Callable[[], Awaitable[Sight]]
    wall: Callable[[], float] = time.time
    ticks: Callable[[], float] = time.monotonic
    _ahead: float = field(init=False)
    _jumped_at: float = field(default=float("-inf"), init=False)
    _jump: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._ahead = self.wall() - self.ticks()

    async def __call__(self) -> Mapping[str, Any]:
        """Compare the clock; raises where it differs by more than `MOST_DIFFERENCE`."""
        jumped, differs = self._jumped(), await self._differs()
        if differs is None or abs(differs) <= CLOCK_DIFFERS:
            return jumped
        which = "ahead of" if differs > 0 else "behind"
        reason = f"this machine's clock is {abs(differs):.0f} s {which} the database's"
        if abs(differs) > MOST_DIFFERENCE:
            raise RuntimeError(reason)
        return {**WARN, "reason": reason}

    async def _differs(self) -> float | None:
        """Give the seconds to the database's clock, unless the database is away."""
        try:
            async with asyncio.timeout(SIGHT_SECONDS):
                return (await self.sighting()).ahead
        except Exception:  # pylint: disable=broad-except  # another probe tells of it
            return None

    def _jumped(self) -> Mapping[str, Any]:
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
