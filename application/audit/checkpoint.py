"""Checkpoints of the ledger as signed notes (C2SP tlog-checkpoint over signed-note)."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from application.audit.ledger import HASH_BYTES, Tree

ED25519 = b"\x01"
"""The mark of Ed25519 among the kinds of keys that sign notes."""

KEY_HASH_BYTES = 4
SIGNED_BY = "\N{EM DASH} "
MOST_SIGNATURES = 100
LONGEST_SIZE = 19
"""Digits of the largest size that a checkpoint can have."""


class BadCheckpoint(Exception):
    """A note is no checkpoint, or the log's key has not signed it."""


class CheckpointSigner(Protocol):
    """Signs with the log's Ed25519 key."""

    @property
    def name(self) -> str:
        """The key's name, which is the log's origin too."""

    @property
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """Give the signature, 64 bytes; the same for the same message."""


class CheckpointVerifier(Protocol):
    """Verifies with the log's Ed25519 public key."""

    @property
    def name(self) -> str:
        """The key's name, which is the log's origin too."""

    @property
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the key has made the signature."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log says of itself: so many records, under this root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def of(cls, origin: str, tree: Tree) -> "Checkpoint":
        """Give the checkpoint of a tree."""
        return cls(origin, tree.size, tree.root())

    def text(self) -> str:
        """Give the text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parsed(cls, text: str) -> "Checkpoint":
        """Read a text; lines behind the third are extensions, which say nothing to us.

        Raises BadCheckpoint where it is no checkpoint.
        """
        origin, size, root, *extensions = [*text.split("\n")[:-1], "", "", ""]
        if not (origin and 0 < len(size) <= LONGEST_SIZE and size.isascii() and size.isdigit()):
            raise BadCheckpoint("the note begins with no origin and size")
        found = cls(origin, int(size), _exact_base64(root))
        if len(found.root) != HASH_BYTES or str(found.size) != size or "" in extensions[:-3]:
            raise BadCheckpoint("the note's size or root is not written as it should be")
        return found


def signed(checkpoint: Checkpoint, signer: CheckpointSigner) -> str:
    """Give the signed note of a checkpoint."""
    text = checkpoint.text()
    seal = key_hash(signer.name, signer.public_key) + signer.sign(text.encode())
    return f"{text}\n{SIGNED_BY}{signer.name} {b64encode(seal).decode()}\n"


def opened(note: str, verifier: CheckpointVerifier) -> Checkpoint:
    """Give the checkpoint that a note holds; signatures by other keys are let be.

    Raises BadCheckpoint unless it is well formed, of the verifier's log and signed by its key.
    """
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    if not blank or not signatures.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise BadCheckpoint("the text is no signed note")
    checkpoint = Checkpoint.parsed(text)
    if checkpoint.origin != verifier.name:
        raise BadCheckpoint("the checkpoint is of another log")
    if not verifier.verifies(text.encode(), _signature(signatures, verifier)):
        raise BadCheckpoint("the log's key has not made its signature")
    return checkpoint


def key_hash(name: str, public_key: bytes) -> bytes:
    """Give the four bytes by which a signature says which key made it."""
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:KEY_HASH_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """Write a public key as auditors get it: name, hash and key with "+" between."""
    key = b64encode(ED25519 + public_key).decode()
    return f"{checked_name(name)}+{key_hash(name, public_key).hex()}+{key}"


def parsed_verifier_key(text: str) -> tuple[str, bytes]:
    """Read what `verifier_key` writes; raises ValueError where anything in it is wrong."""
    name, _, rest = text.partition("+")
    _, _, key = rest.partition("+")
    try:
        public_key = _exact_base64(key)[len(ED25519):]
    except BadCheckpoint:
        public_key = b""
    if len(public_key) != 32 or verifier_key(name, public_key) != text:
        raise ValueError("the verifier key is not whole, or not of an Ed25519 key")
    return name, public_key


def checked_name(name: str) -> str:
    """Give the name of a key; raises ValueError where notes cannot carry it."""
    if not name or "+" in name or not name.isprintable() or any(map(str.isspace, name)):
        raise ValueError("a key's name is a text without spaces and '+'")
    return name


def _signature(lines: str, verifier: CheckpointVerifier) -> bytes:
    """Find the signature that claims to be by the verifier's key."""
    wanted = key_hash(verifier.name, verifier.public_key)
    for line in lines.split("\n", MOST_SIGNATURES + 1)[:MOST_SIGNATURES]:
        name, _, text = line.removeprefix(SIGNED_BY).partition(" ")
        if not line.startswith(SIGNED_BY) or name != verifier.name:
            continue
        seal = _exact_base64(text)
        if seal[:KEY_HASH_BYTES] == wanted:
            return seal[KEY_HASH_BYTES:]
    raise BadCheckpoint("the log's key has not signed the note")


def _exact_base64(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not data or b64encode(data).decode() != text:
        raise BadCheckpoint("a part of the note is not whole base64")
    return data
