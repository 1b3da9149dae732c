"""Verifies OpenID tokens: one key by its id, one algorithm by the key, then every claim."""

import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Final

from jose import jws

from adapters.oidc.keyring import STALE_SECONDS, KeyRing
from adapters.oidc.keys import ProviderKey
from adapters.oidc.provider import Provider, fetch_keys
from adapters.oidc.token import read_subject, require, strictly, take_apart
from application.fetching import Fetcher
from application.identity import NotProven, Status
from application.remembering import Remembered, Ticks

MOST_SIGNATURES: Final = 10_000
SIGNATURE_SECONDS: Final = 300.0
"""How long a good signature is remembered; everything else is checked every time."""


class OidcVerifier:
    """An OidcTokenVerifier for the tokens of one provider."""

    def __init__(
        self,
        provider: Provider,
        fetcher: Fetcher,
        clock: Callable[[], float],
        stale_seconds: float = STALE_SECONDS,
        ticks: Ticks = time.monotonic,
    ) -> None:
        """Read the times in tokens by a clock in seconds from 1970 UTC, keys' ages in ticks."""
        self._provider = provider
        self._fetcher = fetcher
        self._clock = clock
        self._ticks = ticks
        self._keys = KeyRing(partial(fetch_keys, provider, fetcher), stale_seconds, ticks)
        self._signed: Remembered[bytes, ProviderKey] = Remembered(MOST_SIGNATURES, ticks)

    async def subject_of(self, oidc_token: str) -> str:
        """Give the subject of a token for us; raises NotProven or ProofUnavailable."""
        parts = strictly(take_apart, oidc_token)
        key = await self._keys.find(parts.key_id)
        if key is None:
            raise NotProven("oidc-unknown-key")
        require(parts.algorithm == key.algorithm, "oidc-wrong-algorithm")
        self._check_signature(oidc_token, key)
        issuer, audience = self._provider.issuer, self._provider.audience
        return strictly(read_subject, parts.claims, issuer, audience, self._clock())

    async def status(self) -> Status:
        """Warn where the provider gives no keys; asks it, as seldom as callers would."""
        return await self._keys.status()

    async def close(self) -> None:
        """Give up the fetch under way and close every connection."""
        await self._keys.close()
        await self._fetcher.close()

    def _check_signature(self, oidc_token: str, key: ProviderKey) -> None:
        digest = sha256(oidc_token.encode()).digest()
        if self._signed.get(digest) == key:
            return
        try:
            jws.verify(oidc_token, key.key, [key.algorithm])
        except Exception:
            raise NotProven("oidc-bad-signature") from None
        self._signed.keep(digest, key, self._ticks() + SIGNATURE_SECONDS)
