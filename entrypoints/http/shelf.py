"""Answers that are the same for everyone, kept as the bytes that they are sent as."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from application.remembering import Flights
from entrypoints.http.answers import has_seen
from entrypoints.http.errors import Header
from entrypoints.http.ready import Answer, Ready

MOST_BYTES = 64 * 1024 * 1024
"""How much is kept, questions and answers; what was asked for longest ago goes first."""

KEEPING_BYTES = 1024
"""What keeping an answer takes beside its question and its body, about."""

KEPT_SECONDS = 3600.0
"""How long an answer is kept at most: the cursor in it must be good for long after."""

Key = tuple[str, bytes]
"""A path and a query string."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, of one edition of its dataset."""

    version: int
    until: float
    body: bytes
    etag: bytes
    headers: tuple[Header, ...]

    def answer(self, seen: bytes | None) -> "Shelved":
        """Give the response; 304 where the caller has seen these very bytes."""
        if seen is not None and has_seen(seen.decode("latin-1"), self.etag.decode()):
            return Shelved(304, [(b"etag", self.etag), REVALIDATE])
        return Shelved(200, [*self.headers], self.body)


class Shelved(Ready):
    """A response off the shelf, which callers may keep as well."""

    __slots__ = ()


REVALIDATE: Header = (b"cache-control", b"private, no-cache")
"""Callers may keep the answer, and ask whether it still holds: most often that is a 304."""


class Shelf:
    """Keeps answers until their dataset has another version."""

    def __init__(
        self, most_bytes: int = MOST_BYTES, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._tick = tick
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._made: Flights[tuple[Key, int], Kept | None] = Flights()

    def get(self, key: Key, version: int) -> Kept | None:
        """Give the answer of this version, if it is kept."""
        kept = self._kept.get(key)
        if kept is None or kept.version != version or kept.until <= self._tick():
            return None
        self._kept.move_to_end(key)
        return kept

    async def fill(
        self, key: Key, version: int, make: Callable[[], Awaitable[Answer]]
    ) -> Kept | None:
        """Make an answer and keep it; whoever asks for it meanwhile waits for the same.

        Gives none where the response has no body: what it says is for its caller alone.
        """

        async def made() -> Kept | None:
            response = await make()
            return self.put(key, version, response) if response.body else None

        return await self._made.share((key, version), made)

    def put(self, key: Key, version: int, response: Answer) -> Kept:
        """Keep a successful response, and give it."""
        body = bytes(response.body)
        etag = b'"' + sha256(body).hexdigest()[:32].encode() + b'"'
        headers = (*_own(response.raw_headers), (b"etag", etag), REVALIDATE)
        kept = Kept(version, self._tick() + KEPT_SECONDS, body, etag, headers)
        self._drop(key)
        self._kept[key] = kept
        self._bytes += _size(key, kept)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))
        return kept

    def _drop(self, key: Key) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= _size(key, gone)


def _size(key: Key, kept: Kept) -> int:
    path, query = key
    return KEEPING_BYTES + len(path) + len(query) + len(kept.body)


def _own(headers: Sequence[Header]) -> list[Header]:
    return [header for header in headers if header[0] != b"etag"]
