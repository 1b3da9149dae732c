"""New identities: random bits from the operating system, asked for many at a time."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

from domain.model import NIL, uuid7

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

    def text(self, size: int) -> str:
        """Give so many random bytes in hexadecimal."""
        return self._take(size).hex()

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


class Sequence:
    """Identities that sort by time, and within one millisecond in the order of their making."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = -1
        self._last = NIL

    def __call__(self, at: datetime) -> UUID:
        """Make the identity of something that happens at a time (RFC 9562, section 6.2)."""
        millisecond = int(at.timestamp() * 1000)
        with self._lock:
            if millisecond == self._millisecond:
                self._last = UUID(int=self._last.int + 1)
            else:
                self._last = uuid7(millisecond, random_bits)
                self._millisecond = millisecond
            return self._last


new_id = Sequence()


def new_text() -> str:
    """Make 32 hexadecimal digits: the time in milliseconds, and 80 random bits.

    An index of such texts grows at its end; of texts in no order, it is written all over.
    """
    return f"{time.time_ns() // 1_000_000:012x}{random_bits.text(10)}"
