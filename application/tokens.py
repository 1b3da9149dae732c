"""What a token proves, and what proving it needs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from domain.client import Client, ClientKey


class Unauthenticated(Exception):
    """The request does not prove which client it comes from.

    `reason` is a stable word for the audit and the log: no-token, malformed, unknown-key,
    inactive-key, wrong-algorithm, unreadable-key, weak-key, bad-signature, wrong-issuer,
    wrong-audience, wrong-psk, expired, not-yet-valid or lives-too-long. The caller learns nothing
    of it: every refusal looks alike.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProvenToken(NamedTuple):
    """A token whose signature, times and audience are right, and what it claims.

    A tuple: a frozen dataclass takes as long to make as the signature to check.
    """

    client: Client
    key_id: str
    key_version: int
    token_id: str
    """The claim `jti`."""
    issued_at: int
    """The claim `iat`, in seconds from 1970 UTC."""
    expires_at: int
    """The claim `exp`, in seconds from 1970 UTC."""
    user_id: str | None
    """The user that the client names; not proven by the token alone."""
    location_id: int | None
    """The location that the client names; not yet one that the user may see."""
    oidc_token: str | None
    session_id: str | None
    method: str | None
    """The claim `htm`: the only method that the token is for."""
    url: str | None
    """The claim `htu`: the only address that the token is for."""
    body_sha256: str | None
    """The digest of the only body that the token is for."""

    def __repr__(self) -> str:
        """Name it, and tell no secret that it carries."""
        return f"ProvenToken(client_id={self.client.client_id!r}, token_id={self.token_id!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key as the directory knows it, opened, with the client that it belongs to."""

    client: Client
    key: ClientKey
    secret: bytes | None = field(repr=False)
    """For HS256 the UTF-8 bytes of the whole key text, else a public key as PEM.

    None where the sealer cannot open it; such a key proves nothing.
    """


class ClientDirectory(Protocol):
    """Knows the clients by their keys."""

    async def find(self, key_id: str, since: float = -math.inf) -> KnownKey | None:
        """Give the key with this id whatever its state, or None; at most 10 s out of date.

        A key is remembered, so that it is cheap to ask for every request, and learnt anew where
        it was learnt before `since`, a moment of `time.monotonic`; that there is none is learnt
        anew every time. What it raises is about the directory, never the caller.
        """


class TokenVerifier(Protocol):
    """Proves which client a request comes from."""

    async def verify(self, authorization: Sequence[bytes]) -> ProvenToken:
        """Give what the token proves, from the values of all Authorization headers.

        Raises Unauthenticated, and nothing else, whatever the headers hold.
        """


class KeySealer(Protocol):
    """Keeps key texts unreadable at rest."""

    def seal(self, key_id: str, secret: bytes) -> str:
        """Give a text that only `open` under the same key id turns back."""

    def open(self, key_id: str, sealed: str) -> bytes:
        """Give the secret; raises ValueError where the text was not sealed here for this key."""

    def renewed(self, key_id: str, sealed: str) -> str:
        """Give the seal under the current sealing key: the same text where it is that already.

        Raises ValueError as `open` does.
        """
