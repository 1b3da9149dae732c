"""Asking other services over HTTP: what a port for it promises."""

from collections.abc import Mapping
from typing import Any, Protocol


class NoAnswer(Exception):
    """A service gave nothing that can be used.

    `reason` is a stable word for the log; `status` is there where the service answered with
    another status than 200.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class Fetcher(Protocol):
    """Asks an address that configuration names."""

    async def fetch(self, method: str, url: str, headers: Mapping[str, str]) -> Any:
        """Give the JSON that the address answers with, within a time and a size.

        Raises NoAnswer, and nothing else, whatever the address does.
        """

    async def close(self) -> None:
        """Close every connection."""
