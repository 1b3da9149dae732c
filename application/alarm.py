"""Whom to tell of errors that nobody expected."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

Tags = Mapping[str, str | None]
"""What identifies the occasion: ids and names, nothing that a caller has sent."""

NO_TAGS: Tags = MappingProxyType({})


class Alarm(Protocol):
    """Tells people of mistakes of ours."""

    def raised(self, error: BaseException, where: str, tags: Tags = NO_TAGS) -> None:
        """Tell of an error in some part of the service; never raises, never waits."""

    def close(self) -> None:
        """Send what waits, for two seconds at most."""


class NoAlarm:
    """Tells nobody; the log has it all the same."""

    def raised(self, error: BaseException, where: str, tags: Tags = NO_TAGS) -> None:
        """Tell nobody."""

    def close(self) -> None:
        """Hold nothing."""
