"""How fast the relay goes: at once while much waits, gently when nothing does or a step fails."""

import random
import time
from collections.abc import Callable

FIRST_LOOK, LATER_LOOK = 0.05, 0.1
"""Seconds between two looks into an empty journal: soon after a record, and after a while."""

GATHERS = 0.4
"""Seconds in which records gather after a batch that was not full: a commit costs more than
they. Checkpoints, which vouch for them, are seconds apart."""

STANDS_BY = 1.0
"""Seconds between two looks at a lease that another holds, or that has to be kept."""

FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
"""Seconds within which a failed step is tried again: at first, and after many failures."""


class Pace:
    """Says how long to wait."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._look = FIRST_LOOK
        self._failures = 0
        self._not_before = tick()

    def rest(self) -> float:
        """Give the seconds until a step that failed is due again, in portions; 0: it is due."""
        return min(max(0.0, self._not_before - self._tick()), STANDS_BY)

    def stood_by(self) -> float:
        """Give the pause of a relay that does not lead."""
        self._failures = 0
        return STANDS_BY

    def moved(self, count: int, batch: int) -> float:
        """Give the pause after a step that moved so many of at most so many records."""
        self._failures = 0
        self._look = FIRST_LOOK if count else min(self._look * 1.1, LATER_LOOK)
        if count >= batch:
            return 0.0
        return GATHERS if count else self._look

    def failed(self) -> float:
        """Give the pause after a step that failed: doubled each time, with full jitter."""
        longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._not_before = self._tick() + random.uniform(0, longest)
        return self.rest()
