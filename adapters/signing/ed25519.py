"""Signs and verifies checkpoints by Ed25519."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from application.audit.checkpoint import checked_name, parsed_verifier_key, verifier_key


class Ed25519Signer:
    """A CheckpointSigner by a private key of 32 bytes."""

    def __init__(self, name: str, private_key: bytes) -> None:
        """Raise ValueError where notes cannot carry the name or the key has another length."""
        self._name = checked_name(name)
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self._public_key = self._key.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        """The key's name."""
        return self._name

    @property
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""
        return self._public_key

    @property
    def verifier_key(self) -> str:
        """The public key as auditors get it."""
        return verifier_key(self._name, self._public_key)

    def sign(self, message: bytes) -> bytes:
        """Give the signature, 64 bytes."""
        return self._key.sign(message)


class Ed25519Verifier:
    """A CheckpointVerifier by what `Ed25519Signer.verifier_key` gives."""

    def __init__(self, key: str) -> None:
        """Raise ValueError where the key is not whole."""
        self._name, self._public_key = parsed_verifier_key(key)
        self._key = Ed25519PublicKey.from_public_bytes(self._public_key)

    @property
    def name(self) -> str:
        """The key's name."""
        return self._name

    @property
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""
        return self._public_key

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the key has made the signature."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True
