"""Leaves a service alone that does not answer, and tries it again now and then."""

from application.remembering import Ticks

FAILURES = 5
"""How many failures in a row open the breaker."""
REST_SECONDS = 10.0
"""How long an open breaker lets nothing through, and then one question to try."""


class Breaker:
    """Opens after some failures in a row; one success closes it."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._failures = 0
        self._tries_at = 0.0

    @property
    def open(self) -> bool:
        """Whether the service is taken to be down."""
        return self._failures >= FAILURES

    def lets_through(self) -> bool:
        """Tell whether to ask now; of those who ask at an open breaker, one a rest may."""
        if not self.open:
            return True
        if self._ticks() < self._tries_at:
            return False
        self._rest()
        return True

    def worked(self) -> None:
        """Note that the service answered."""
        self._failures = 0

    def failed(self) -> None:
        """Note that it did not."""
        self._failures += 1
        if self.open:
            self._rest()

    def _rest(self) -> None:
        self._tries_at = self._ticks() + REST_SECONDS
