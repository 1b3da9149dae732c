"""Decides whether a shared store is asked at all, from how it has answered."""

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

STRIKES = 3
"""How many failures in a row it takes, so that one slow answer changes nothing."""

ONE_STRIKE_SECONDS = 0.04
"""Failures so close together have one cause: they count once."""

_log = logging.getLogger("loapi")


class Breaker:
    """Open while the store is away; says so once at each change."""

    def __init__(self) -> None:
        self.open = False
        self._strikes = 0
        self._struck_at = 0.0
        self._since = datetime.now(timezone.utc)
        self._reason: str | None = None

    def answered(self) -> None:
        """Note that the store did what it was asked."""
        self._strikes = 0

    def failed(self, reason: str) -> None:
        """Note that it did not; too often in a row opens the breaker."""
        now = time.monotonic()
        if now - self._struck_at >= ONE_STRIKE_SECONDS:
            self._strikes += 1
            self._struck_at = now
        if self._strikes >= STRIKES:
            self.trip(reason)

    def trip(self, reason: str) -> None:
        """Open: the store is not there."""
        if not self.open:
            self._turn(True, reason)
            _log.warning("rate limits: the store is away (%s); each process counts", reason)

    def mend(self) -> None:
        """Close: the store is there again."""
        self._strikes = 0
        if self.open:
            self._turn(False, None)
            _log.warning("rate limits: the store is back and counts for all")

    def status(self) -> Mapping[str, Any]:
        """Tell how it stands, since when and why."""
        return {
            "counting": "process" if self.open else "shared",
            "since": self._since.isoformat(timespec="seconds"),
            "reason": self._reason,
        }

    def _turn(self, to_open: bool, reason: str | None) -> None:
        self._reason, self._since = reason, datetime.now(timezone.utc)
        self.open = to_open
