"""Seals client keys at rest with AES-256-GCM under a key from the environment."""

import base64
import binascii
import os
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BYTES = 32
_NAME_CHARS = 8


class AesGcmSealer:
    """A KeySealer with named keys: `current` seals, all of them open, so that keys can rotate."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """Raise ValueError unless every key has 32 bytes and `current` is one of them."""
        for name, key in keys.items():
            _check_sealing_key(name, key)
        if current not in keys:
            raise ValueError("the current sealing key is not among the sealing keys")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = current

    def seal(self, key_id: str, secret: bytes) -> str:
        """Give `<sealing key>.<nonce and ciphertext>`, bound to the id of the client's key."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret, key_id.encode())
        return f"{self._current}.{_to_text(nonce + sealed)}"

    def open(self, key_id: str, sealed: str) -> bytes:
        """Give the secret; raises ValueError where the text was not sealed here for this key."""
        name, _, text = sealed.partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise ValueError("the key is sealed under a sealing key that is not configured")
        data = _to_bytes(text)
        try:
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], key_id.encode())
        except (InvalidTag, ValueError):
            raise ValueError("the sealed key was altered, or sealed for another key id") from None

    def renewed(self, key_id: str, sealed: str) -> str:
        """Give the seal under the current sealing key; raises ValueError as `open` does."""
        secret = self.open(key_id, sealed)
        return sealed if sealed.startswith(f"{self._current}.") else self.seal(key_id, secret)


def sealing_key_name(key: bytes) -> str:
    """Name a sealing key by a digest of it, so that seals tell which one they are under."""
    return sha256(b"loapi sealing key" + key).hexdigest()[:_NAME_CHARS]


def _check_sealing_key(name: str, key: bytes) -> None:
    if not name or "." in name:
        raise ValueError("a sealing key needs a name without dots")
    if len(key) != _KEY_BYTES:
        raise ValueError(f"the sealing key '{name}' has {len(key)} bytes instead of {_KEY_BYTES}")


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _to_bytes(text: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    if not data or _to_text(data) != text:
        raise ValueError("the sealed key is not whole base64url")
    return data
