"""Proves a token's signature with python-jose, by a key that is strong and of the right kind."""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk
from jose.backends.base import Key
from jose.backends.native import HMACKey
from jose.utils import base64url_decode

from application.tokens import KnownKey, Unauthenticated

_KEY_TEXT: Final = re.compile(rb"[!-~]{32,1024}")
_PUBLIC_LOOKS: Final = (
    *(b"-----", b"ssh-", b"ecdsa-", b"sk-", b"{"),
    *(b"MI", b"MFkw", b"MHYw", b"MHcC", b"MCow", b"MC4C"),
)
"""How PEM, SSH and JWK begin, and DER in base64."""
_LEAST_RSA_BITS: Final = 2048


class WeakKey(ValueError):
    """A registered key is too short, private, or of another kind than its algorithm needs."""


def check_signature(known: KnownKey, algorithm: str, signed: bytes, signature: bytes) -> None:
    """Raise Unauthenticated unless the key, by its own algorithm, signed these bytes."""
    if algorithm != known.key.algorithm:
        pretend(algorithm, signed, signature)
        raise Unauthenticated("wrong-algorithm")
    if known.secret is None:
        pretend(algorithm, signed, signature)
        raise Unauthenticated("unreadable-key")
    try:
        key = verifying_key(known.key.algorithm, known.secret)
    except WeakKey:
        pretend(algorithm, signed, signature)
        raise Unauthenticated("weak-key") from None
    if not key.verify(signed, signature):
        if algorithm == "RS256" and int.from_bytes(signature) >= _modulus(known.secret):
            # It was refused without being looked at, which an unknown key's is not.
            pretend(algorithm, signed, signature)
        raise Unauthenticated("bad-signature")


def pretend(algorithm: str, signed: bytes, signature: bytes) -> None:
    """Take the time that a signature takes by this algorithm, so that unknown keys do not show."""
    _NOBODY.get(algorithm, _NOBODY["HS256"]).verify(signed, signature)


@lru_cache(maxsize=1_000)
def verifying_key(algorithm: str, secret: bytes) -> Key:
    """Make python-jose's key, for this algorithm alone; raises WeakKey.

    It must be a constructed key: python-jose reads a key that comes as text as JSON first.
    """
    check = _STRONG.get(algorithm)
    if check is None:
        raise WeakKey(f"{algorithm} is not an algorithm of ours")
    try:
        return check(secret)
    except WeakKey:
        raise
    except Exception:
        raise WeakKey(f"the key is not one for {algorithm}") from None


def _text_key(secret: bytes) -> Key:
    if not _KEY_TEXT.fullmatch(secret) or secret.startswith(_PUBLIC_LOOKS):
        raise WeakKey("a key text has 32 visible characters or more and is no public key")
    return _shared_key(secret)


def _shared_key(secret: bytes) -> Key:
    """Make a key on the standard library's HMAC, which takes 3 µs; the default one takes 5."""
    return HMACKey(secret, "HS256")


def _rsa_key(pem: bytes) -> Key:
    key = jwk.construct(pem, "RS256")
    numbers = key.to_dict()
    modulus = base64url_decode(numbers["n"].encode())
    if "d" in numbers or int.from_bytes(modulus, "big").bit_length() < _LEAST_RSA_BITS:
        raise WeakKey(f"an RSA key is public and has {_LEAST_RSA_BITS} bits or more")
    return key


@lru_cache(maxsize=1_000)
def _modulus(pem: bytes) -> int:
    numbers = verifying_key("RS256", pem).to_dict()
    return int.from_bytes(base64url_decode(numbers["n"].encode()))


def _curve_key(pem: bytes) -> Key:
    key = jwk.construct(pem, "ES256")
    numbers = key.to_dict()
    if "d" in numbers or numbers["crv"] != "P-256":
        raise WeakKey("a curve key is public and on P-256")
    return key


_STRONG: Final = {"HS256": _text_key, "RS256": _rsa_key, "ES256": _curve_key}


def _nobodys_keys() -> Mapping[str, Key]:
    """Make keys that nobody holds, one for each algorithm, to pretend with."""
    # No two primes are known to make it, and checking takes as long as if they were. It is as large
    # as can be, since a signature that is larger would be refused without being looked at.
    modulus = (1 << _LEAST_RSA_BITS) - (secrets.randbits(128) | 1)
    public: dict[str, Any] = {
        "RS256": rsa.RSAPublicNumbers(65537, modulus).public_key(),
        "ES256": ec.generate_private_key(ec.SECP256R1()).public_key(),
    }
    made = {algorithm: jwk.construct(key, algorithm) for algorithm, key in public.items()}
    return {"HS256": _shared_key(secrets.token_hex(32).encode()), **made}


_NOBODY: Final = _nobodys_keys()
