"""An OpenID provider on loopback: its keys, its discovery document and the tokens that it signs."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk
from jose.backends.base import Key

from adapters.oidc.provider import DISCOVERY
from tests.support.clock import NOW
from tests.support.upstream import Upstream, answering, upstream

AUDIENCE = "api://loapi"
KEYS = "/keys"


@dataclass(frozen=True)
class Pair:
    """A key pair of the provider."""

    key_id: str
    algorithm: str
    private: Any

    @property
    def published(self) -> dict[str, Any]:
        """Give the public key as a key set has it."""
        public = self._key(self.private.public_key()).to_dict()
        return public | {"kid": self.key_id, "use": "sig"}

    @property
    def secret(self) -> dict[str, Any]:
        """Give the private key as no key set should have it."""
        return self._key(self.private).to_dict() | {"kid": self.key_id}

    @property
    def pem(self) -> bytes:
        """Give the public key as PEM."""
        pem: bytes = self._key(self.private.public_key()).to_pem()
        return pem

    def sign(self, claims: Any, **header: Any) -> str:
        """Sign a token; None leaves a member of the header out."""
        named = {"alg": self.algorithm, "kid": self.key_id, "typ": "JWT"} | header
        told = {name: value for name, value in named.items() if value is not None}
        body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        signed = b".".join(map(encoded, (json.dumps(told).encode(), body)))
        return b".".join((signed, encoded(self._key(self.private).sign(signed)))).decode()

    def _key(self, key: Any) -> Key:
        return jwk.construct(key, self.algorithm)


def encoded(data: bytes) -> bytes:
    """Give base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@cache
def rsa_pair(key_id: str, bits: int = 2048, exponent: int = 65537) -> Pair:
    """Make an RSA key pair, once for every id."""
    return Pair(key_id, "RS256", rsa.generate_private_key(exponent, bits))


@cache
def curve_pair(key_id: str) -> Pair:
    """Make a key pair on P-256, once for every id."""
    return Pair(key_id, "ES256", ec.generate_private_key(ec.SECP256R1()))


@cache
def other_curve(key_id: str) -> dict[str, Any]:
    """Make a public key on a curve that ES256 is not for."""
    private = ec.generate_private_key(ec.SECP384R1())
    return Pair(key_id, "ES384", private).published


def claims_for(issuer: str, **changes: Any) -> dict[str, Any]:
    """Give what a token claims; None leaves a claim out."""
    usual: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "00u1a2b3c4",
        "iat": int(NOW) - 60,
        "exp": int(NOW) + 3600,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


@dataclass
class OpenIdProvider:
    """A provider that publishes its keys."""

    server: Upstream
    keys: list[Any] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens."""
        return self.server.url

    @property
    def fetches(self) -> int:
        """Count how often the keys were fetched."""
        return self.server.count(KEYS)

    def publish(self, *keys: Any) -> None:
        """Publish these keys and no other; pairs with their public half."""
        entries = [key.published if isinstance(key, Pair) else key for key in keys]
        self.server.paths[KEYS] = answering({"keys": entries})

    def announce(self, **changes: Any) -> None:
        """Publish the discovery document."""
        document = {"issuer": self.issuer, "jwks_uri": self.server.url + KEYS} | changes
        self.server.paths[DISCOVERY] = answering(document)

    def token(self, pair: Pair, **claims: Any) -> str:
        """Sign a token."""
        return pair.sign(claims_for(self.issuer, **claims))


@contextmanager
def openid_provider(*keys: Any, port: int = 0) -> Iterator[OpenIdProvider]:
    """Run a provider with these keys."""
    with upstream(answering(b"", 404), port) as server:
        provider = OpenIdProvider(server)
        provider.announce()
        provider.publish(*keys)
        yield provider
