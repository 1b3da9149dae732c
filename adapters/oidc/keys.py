"""Reads a provider's key set: each good key by its id, the bad ones left out one by one."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jose import jwk
from jose.backends.base import Key

from application.fetching import NoAnswer

MOST_KEYS: Final = 50
LEAST_RSA_BITS: Final = 2048
MOST_RSA_BITS: Final = 8192

_KEY_ID: Final = re.compile(r"[!-~]{1,128}")
_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]+")
_SECRET: Final = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
"""Members that no public key has: one who publishes them has lost the key."""
_LEAST_EXPONENT: Final = 65537
_COORDINATE_BYTES: Final = 32


class BadKey(ValueError):
    """An entry of a key set is no key for signatures that we accept."""


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A public key and the one algorithm that it is for; equal where its numbers are."""

    key_id: str
    algorithm: str
    numbers: tuple[int, int] = field(repr=False)
    key: Key = field(repr=False, compare=False)


Keys = Mapping[str, ProviderKey]


def read_keys(document: Any) -> Keys:
    """Give the good keys of a JWK set by id; an id that two different keys share names neither.

    Raises NoAnswer where this is no key set, or none of its keys is good.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > MOST_KEYS:
        raise NoAnswer("wrong-schema")
    found: dict[str, set[ProviderKey]] = {}
    for key in filter(None, map(_good, entries)):
        found.setdefault(key.key_id, set()).add(key)
    keys = {key_id: same.pop() for key_id, same in found.items() if len(same) == 1}
    if not keys:
        raise NoAnswer("no-good-key")
    return keys


def _good(entry: Any) -> ProviderKey | None:
    try:
        return _strictly_read(entry)
    except BadKey:
        return None


def _strictly_read(entry: Any) -> ProviderKey:
    """Read a key; whatever is wrong with it raises BadKey."""
    try:
        _check_purpose(entry)
        return _KINDS[entry["kty"]](entry)
    except Exception:
        raise BadKey from None


def _check_purpose(entry: Any) -> None:
    _require(isinstance(entry, dict) and not _SECRET & entry.keys())
    _require(_KEY_ID.fullmatch(entry["kid"]) is not None)
    _require(entry.get("use", "sig") == "sig")
    _require(entry.get("key_ops", ["verify"]) == ["verify"])


def _rsa(entry: Mapping[str, Any]) -> ProviderKey:
    _require(entry.get("alg", "RS256") == "RS256")
    modulus, exponent = (int.from_bytes(_bytes(entry[name])) for name in "ne")
    _require(LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS)
    _require(_LEAST_EXPONENT <= exponent < 2**32)
    _require(modulus % 2 == 1 and exponent % 2 == 1)
    numbers = {"kty": "RSA", "n": entry["n"], "e": entry["e"]}
    key = jwk.construct(numbers, "RS256")
    return ProviderKey(entry["kid"], "RS256", (modulus, exponent), key)


def _curve(entry: Mapping[str, Any]) -> ProviderKey:
    _require(entry.get("alg", "ES256") == "ES256" and entry["crv"] == "P-256")
    x, y = _bytes(entry["x"]), _bytes(entry["y"])
    _require(len(x) == len(y) == _COORDINATE_BYTES)
    numbers = {"kty": "EC", "crv": "P-256", "x": entry["x"], "y": entry["y"]}
    point = (int.from_bytes(x), int.from_bytes(y))
    return ProviderKey(entry["kid"], "ES256", point, jwk.construct(numbers, "ES256"))


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], ProviderKey]] = {"RSA": _rsa, "EC": _curve}


def _require(fact: bool) -> None:
    if not fact:
        raise BadKey


def _bytes(text: str) -> bytes:
    """Decode base64url that has one spelling only."""
    _require(_NUMBER.fullmatch(text) is not None)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    _require(base64.urlsafe_b64encode(data).rstrip(b"=") == text.encode())
    return data
