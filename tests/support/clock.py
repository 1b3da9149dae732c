"""A clock that a test sets; it tells both the time and ticks."""

from dataclasses import dataclass

NOW = 1_790_000_000.0


@dataclass
class FakeClock:
    """Tells the seconds that it is set to."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
