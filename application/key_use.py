"""When each client key was last used: noted beside requests, never in their way."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol

from application.ports import Clock
from application.tokens import ProvenToken, TokenVerifier

WAKE_SECONDS = 2.0
"""How often it is looked whether there is something to keep."""

APART = timedelta(minutes=1)
"""How far apart the kept times of a key are at least."""

_log = logging.getLogger("loapi")


class KeyUseStore(Protocol):
    """Keeps the last use of each key, beside what the business owns."""

    def keep(self, uses: Mapping[str, datetime]) -> None:
        """Keep when keys were used; a time before the kept one changes nothing."""

    def last(self) -> Mapping[str, datetime]:
        """Give the last use of every key that was ever used."""


class KeyUses:
    """Gathers the uses of keys, and keeps each key's at most once a minute."""

    def __init__(self, store: KeyUseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._seen: dict[str, datetime] = {}
        self._kept: dict[str, datetime] = {}

    def saw(self, key_id: str) -> None:
        """Note that a key has proven its client just now."""
        self._seen[key_id] = self._clock()

    def run_until(self, stop: Event) -> None:
        """Keep what has been noted, in a thread of its own, until the event is set."""
        while not stop.wait(WAKE_SECONDS):
            self.keep()
        self.keep()

    def keep(self) -> None:
        """Keep the uses of keys whose kept time is a minute old, or none."""
        due = {key_id: at for key_id, at in self._seen.copy().items() if self._is_due(key_id, at)}
        if not due:
            return
        try:
            self._store.keep(due)
        except Exception as error:  # pylint: disable=broad-except  # the next round tries again
            _log.warning("the last use of keys is not kept", exc_info=error)
        else:
            self._kept |= due

    def _is_due(self, key_id: str, at: datetime) -> bool:
        kept = self._kept.get(key_id)
        return kept is None or at - kept >= APART


class NotingVerifier:
    """A TokenVerifier that notes which keys prove their clients."""

    def __init__(self, verifier: TokenVerifier, uses: KeyUses) -> None:
        self._verifier = verifier
        self._uses = uses

    async def verify(self, authorization: Sequence[bytes]) -> ProvenToken:
        """Give what the token proves; raises Unauthenticated."""
        token = await self._verifier.verify(authorization)
        self._uses.saw(token.key_id)
        return token
