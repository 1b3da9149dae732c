"""New identities: random bits from the operating system, asked for many at a time."""

import os
import threading
from datetime import datetime
from uuid import UUID

from domain.model import uuid7

POOL_BYTES = 4096
"""How many random bytes are fetched at a time: a call to the system can cost 400 µs."""


class RandomBits:
    """Random bits of the operating system, each handed out once; safe for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = b""
        self._at = 0
        # A child process must not hand out what its parent hands out.
        os.register_at_fork(after_in_child=self._forget)

    def __call__(self, bits: int) -> int:
        """Give an integer of that many random bits."""
        size = (bits + 7) // 8
        return int.from_bytes(self._take(size)) >> (size * 8 - bits)

    def _take(self, size: int) -> bytes:
        with self._lock:
            if self._at + size > len(self._pool):
                self._pool, self._at = os.urandom(POOL_BYTES), 0
            self._at += size
            return self._pool[self._at - size:self._at]

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._pool, self._at = b"", 0


random_bits = RandomBits()


def new_id(at: datetime) -> UUID:
    """Make an identity that sorts by the given time, to the millisecond."""
    return uuid7(int(at.timestamp() * 1000), random_bits)
