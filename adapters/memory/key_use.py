"""The last use of each client key, in a dictionary."""

from collections.abc import Mapping
from datetime import datetime


class MemoryKeyUseStore:
    """A KeyUseStore for as long as the process lives."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def keep(self, uses: Mapping[str, datetime]) -> None:
        """Keep when keys were used; a time before the kept one changes nothing."""
        for key_id, at in uses.items():
            self._last[key_id] = max(at, self._last.get(key_id, at))

    def last(self) -> Mapping[str, datetime]:
        """Give the last use of every key that was ever used."""
        return dict(self._last)
