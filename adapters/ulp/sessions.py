"""Asks ULP whose session it is, as seldom as the promised freshness allows."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

from adapters.ulp.breaker import Breaker
from application.fetching import Fetcher, NoAnswer
from application.identity import ProofUnavailable, Status
from application.remembering import Flights, Remembered, Ticks

ACTIVE_SECONDS: Final = 30.0
"""How long a session is known to be active; a session ended at ULP works that much longer."""
INACTIVE_SECONDS: Final = 5.0
MOST_SESSIONS: Final = 10_000
MOST_CHECKS: Final = 64
"""How many sessions are checked at a time; ULP is asked no faster, however many come."""

_REFUSALS: Final = frozenset(range(400, 500)) - {408, 429}
"""With these ULP turns down one request; 408 and 429 say that it cannot keep up."""
_USER_ID: Final = re.compile(r"[A-Za-z0-9._:@-]{1,40}")

_log = logging.getLogger("loapi.ulp")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEndpoint:
    """Where ULP is asked, and how."""

    url: str
    method: str = "GET"
    header: str = "X-ULP-Session"
    """The header that carries the session id."""


@dataclass(frozen=True, slots=True)
class Session:
    """What ULP says of a session id; without a user, that no such session is active."""

    user_id: str | None = None
    seconds: float = INACTIVE_SECONDS
    """How long this may be relied on, from when ULP was asked."""


class UlpSessions:
    """A SessionChecker that asks an HTTP endpoint, and knows session ids by their digest only."""

    def __init__(
        self,
        endpoint: SessionEndpoint,
        fetcher: Fetcher,
        clock: Callable[[], float],
        ticks: Ticks = time.monotonic,
    ) -> None:
        """Compare expiries with a clock in seconds from 1970 UTC, all else with ticks."""
        self._endpoint = endpoint
        self._fetcher = fetcher
        self._clock = clock
        self._ticks = ticks
        self._breaker = Breaker(ticks)
        self._active: Remembered[bytes, Session] = Remembered(MOST_SESSIONS, ticks)
        self._inactive: Remembered[bytes, Session] = Remembered(MOST_SESSIONS, ticks)
        self._checks: Flights[bytes, Session] = Flights()
        self._trouble: str | None = None

    async def user_of(self, session_id: str) -> str | None:
        """Give the user of an active session; raises ProofUnavailable where ULP does not tell."""
        digest = sha256(session_id.encode()).digest()
        known = self._active.get(digest) or self._inactive.get(digest)
        if known is None:
            if len(self._checks) >= MOST_CHECKS and digest not in self._checks:
                raise ProofUnavailable("ulp-too-many-checks")
            known = await self._checks.share(digest, partial(self._check, digest, session_id))
        return known.user_id

    async def status(self) -> Status:
        """Warn where the last check failed: ULP is asked when users come, and not for this."""
        reason = self._trouble
        return {"status": "warn", "reason": reason} if reason else {}

    async def close(self) -> None:
        """Give up the checks under way and close every connection."""
        await self._checks.cancel()
        await self._fetcher.close()

    async def _check(self, digest: bytes, session_id: str) -> Session:
        if not self._breaker.lets_through():
            raise ProofUnavailable("ulp-breaker-open")
        asked_at = self._ticks()
        try:
            session = await self._ask(session_id)
        except NoAnswer as error:
            self._note(error)
            raise ProofUnavailable(f"ulp-{error.reason}") from None
        self._note(None)
        kept = self._inactive if session.user_id is None else self._active
        kept.keep(digest, session, asked_at + session.seconds)
        return session

    async def _ask(self, session_id: str) -> Session:
        headers = {self._endpoint.header: session_id}
        answer = await self._fetcher.fetch(self._endpoint.method, self._endpoint.url, headers)
        return _read(answer, self._clock())

    def _note(self, error: NoAnswer | None) -> None:
        """Tell the breaker. A request that ULP refuses says nothing of other sessions'."""
        was_open = self._breaker.open
        if error is None or error.status in _REFUSALS:
            self._breaker.worked()
            self._trouble = None
        else:
            self._breaker.failed()
            self._trouble = error.reason
        if self._breaker.open and not was_open:
            _log.warning("ULP is taken to be down: %s", error and error.reason)
        elif was_open and not self._breaker.open:
            _log.warning("ULP answers again")


def _read(answer: Any, now: float) -> Session:
    """Read {"active": bool, "user_id": text, "expires_at": whole seconds from 1970 UTC}."""
    if not isinstance(answer, dict) or not isinstance(answer.get("active"), bool):
        raise NoAnswer("wrong-schema")
    if not answer["active"]:
        return Session()
    user_id = answer.get("user_id")
    if not isinstance(user_id, str) or not _USER_ID.fullmatch(user_id):
        raise NoAnswer("wrong-schema")
    seconds = _seconds_left(answer, now)
    return Session(user_id, min(seconds, ACTIVE_SECONDS)) if seconds > 0 else Session()


def _seconds_left(answer: dict[str, Any], now: float) -> float:
    if "expires_at" not in answer:
        return ACTIVE_SECONDS
    expires_at = answer["expires_at"]
    if isinstance(expires_at, bool) or not isinstance(expires_at, int):
        raise NoAnswer("wrong-schema")
    # Numbers without end are numbers too, so it is cut before it is reckoned with.
    return max(now, min(expires_at, now + ACTIVE_SECONDS)) - now
