"""Holds a provider's keys: fresh by themselves, kept through outages, never fetched in floods."""

import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

from adapters.oidc.keys import Keys, ProviderKey
from application.fetching import NoAnswer
from application.identity import ProofUnavailable, Status
from application.remembering import Flights, Remembered, Ticks

FRESH_SECONDS: Final = 600.0
"""How old keys may be before they are fetched anew, behind the requests' back."""
STALE_SECONDS: Final = 3600.0
"""How old keys may be at all, when the provider is away."""
COOLDOWN_SECONDS: Final = 30.0
"""How long after an unknown key id, or a failure, nothing is fetched for the like."""
RETRY_SECONDS: Final = 5.0
"""How long after a failure nothing is fetched where there are no keys to use at all."""
ABSENT_SECONDS: Final = 120.0
"""How long a key id that the provider does not have starts no fetch."""
MOST_ABSENT: Final = 1_000

_KEYS: Final = "keys"

_log = logging.getLogger("loapi.oidc")


class KeyRing:
    """Gives a provider's keys by id; a key that is known is given without waiting for anyone."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Keys]],
        stale_seconds: float = STALE_SECONDS,
        ticks: Ticks = time.monotonic,
    ) -> None:
        """Take what fetches the keys or raises NoAnswer."""
        self._fetch = fetch
        self._stale_seconds = stale_seconds
        self._ticks = ticks
        self._keys: Keys = {}
        self._fetched_at = self._failed_at = self._looked_at = -math.inf
        self._failing = False
        self._absent: Remembered[str, bool] = Remembered(MOST_ABSENT, ticks)
        self._flights: Flights[str, None] = Flights()

    async def find(self, key_id: str) -> ProviderKey | None:
        """Give the key with this id, or None where the provider has none.

        Raises ProofUnavailable where that cannot be told.
        """
        began = self._ticks()
        if self._age(self._fetched_at) >= self._stale_seconds:
            await self._recover()
        elif self._age(self._fetched_at) >= FRESH_SECONDS:
            self._refresh_behind()
        key = self._keys.get(key_id)
        if key is None and not self._absent.get(key_id):
            key = await self._look_for(key_id, began)
        return key

    async def status(self) -> Status:
        """Tell whether there are keys, and fetch them where that is due."""
        age = self._age(self._fetched_at)
        if age >= self._stale_seconds and self._age(self._failed_at) >= RETRY_SECONDS:
            await self._flights.share(_KEYS, self._fetch_once)
        elif age >= FRESH_SECONDS:
            self._refresh_behind()
        if not self._failing:
            return {"keys": len(self._keys)}
        age = self._age(self._fetched_at)
        left = "none are left" if age >= self._stale_seconds else f"the last are {age:.0f} s old"
        return {"status": "warn", "reason": f"the provider gives no keys; {left}"}

    async def close(self) -> None:
        """Give up the fetch under way."""
        await self._flights.cancel()

    async def _recover(self) -> None:
        if self._age(self._failed_at) >= RETRY_SECONDS:
            await self._flights.share(_KEYS, self._fetch_once)
        if self._age(self._fetched_at) >= self._stale_seconds:
            raise ProofUnavailable("oidc-no-keys")

    def _refresh_behind(self) -> None:
        if self._age(self._failed_at) >= COOLDOWN_SECONDS:
            self._flights.begin(_KEYS, self._fetch_once)

    async def _look_for(self, key_id: str, began: float) -> ProviderKey | None:
        """Ask the provider for a key that is not known, unless it has just been asked."""
        if self._fetched_at < began:
            await self._ask_again()
        found = self._keys.get(key_id)
        if found is None and self._failing:
            raise ProofUnavailable("oidc-unknown-key")
        if found is None and self._fetched_at >= began:
            self._absent.keep(key_id, True, self._ticks() + ABSENT_SECONDS)
        return found

    async def _ask_again(self) -> None:
        if not self._flights:
            if self._age(self._looked_at) < COOLDOWN_SECONDS:
                return
            self._looked_at = self._ticks()
        await self._flights.share(_KEYS, self._fetch_once)

    async def _fetch_once(self) -> None:
        """Fetch the keys; a failure leaves the last good ones."""
        asked_at = self._ticks()
        try:
            self._keys = await self._fetch()
        except NoAnswer as error:
            self._failing, self._failed_at = True, self._ticks()
            _log.warning("the OpenID provider gave no keys: %s", error.reason)
        else:
            self._failing, self._fetched_at = False, asked_at

    def _age(self, moment: float) -> float:
        return self._ticks() - moment
