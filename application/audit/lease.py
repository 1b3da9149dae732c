"""The lease by which one relay leads, however many run."""

import time
from collections.abc import Callable
from datetime import timedelta

from application.audit.ports import Holding, LeaseRow
from application.ports import Clock

LASTS = timedelta(seconds=5)
"""How long a lease that nobody renews keeps others waiting."""

RENEWED_EVERY = timedelta(seconds=2)


class Lease:
    """A claim to lead.

    Clocks of hosts differ and jump, so nobody judges another's expiry by the wall clock: a
    claimant takes over when it has watched the row stand still for as long as the lease lasts.
    What a leader does after it was paused is not prevented here but in the ledger, which seals
    for the holder only.
    """

    def __init__(
        self,
        row: LeaseRow,
        holder: str,
        clock: Clock,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self.holder = holder
        self._row = row
        self._clock = clock
        self._tick = tick
        self._mine: Holding | None = None
        self._seen: Holding | None = None
        self._since = 0.0
        """When the row was renewed, if it is ours; else since when it has stood still."""

    def hold(self) -> bool:
        """Take the lease, or keep it; False where another relay holds it.

        Asks the database about a leader's own lease only when it is due to be renewed.
        """
        if self._mine is None:
            return self._claim()
        if self._tick() - self._since >= RENEWED_EVERY.total_seconds():
            self._put(self._mine)
        return self._mine is not None

    def release(self) -> None:
        """Let another take over at once."""
        mine, self._mine, self._seen = self._mine, None, None
        if mine is not None:
            self._row.swap(mine, None)

    def _claim(self) -> bool:
        seen, now = self._row.read(), self._tick()
        if seen is None or seen.holder == self.holder:
            return self._put(seen)
        if seen != self._seen:
            self._seen, self._since = seen, now
        if now - self._since < LASTS.total_seconds():
            return False
        return self._put(seen)

    def _put(self, seen: Holding | None) -> bool:
        started = self._tick()
        mine = Holding(self.holder, self._clock() + LASTS)
        if seen is not None and mine.expires_at == seen.expires_at:
            mine = Holding(self.holder, mine.expires_at + timedelta(microseconds=1))
        self._mine = mine if self._row.swap(seen, mine) else None
        self._since = started
        return self._mine is not None
