"""Reads a body that is allowed in, within its limits of size, time and memory."""

import asyncio

from starlette.types import Receive

from entrypoints.http.asking import Asking
from entrypoints.http.errors import Fault, Problem

MOST_BYTES = 1024 * 1024
LARGE_BYTES = 64 * 1024
"""From how many bytes on a body counts as large; hardly any that is good does."""
MOST_LARGE = 16
"""How many large bodies are held at once in this process; the others wait before they grow."""
MOST_DIGITS = 20
MOST_SECONDS = 30.0

_TYPES = {
    "POST": (b"application/json",),
    "PUT": (b"application/json",),
    "PATCH": (b"application/merge-patch+json", b"application/json"),
}


class Bodies:
    """Reads bodies, and bounds what those of all requests under way take."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(MOST_LARGE)

    async def read(self, asked: Asking, receive: Receive) -> bytes | None:
        """Give the whole body; none where the client goes away before its end.

        Raises Problem where it is too large, too slow, or in another format than JSON. Who has
        read a body must let it go.
        """
        _check_length(asked)
        body = asked.whole.body() if asked.whole else None
        if body is None:
            body = await self._receive(asked, receive)
        if body is not None:
            _check_type(asked, body)
        return body

    def let_go(self, asked: Asking) -> None:
        """Make room again; the request has been answered."""
        if asked.holds_room:
            asked.holds_room = False
            self._room.release()

    async def _receive(self, asked: Asking, receive: Receive) -> bytes | None:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await self._collect(asked, receive)
        except TimeoutError:
            raise Problem("timeout", f"Send the body within {MOST_SECONDS:.0f} s.") from None

    async def _collect(self, asked: Asking, receive: Receive) -> bytes | None:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large()
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)
            if size > LARGE_BYTES and not asked.holds_room:
                await self._room.acquire()
                asked.holds_room = True


def _check_length(asked: Asking) -> None:
    announced = asked.header(b"content-length") or b"0"
    if not announced.isdigit():
        fault = Fault("Content-Length", "give the number of bytes")
        raise Problem("malformed-request", f"{fault.field}: {fault.detail}", (fault,))
    # Thousands of digits are no number that Python reads.
    if len(announced) > MOST_DIGITS or int(announced) > MOST_BYTES:
        raise _too_large()


def _check_type(asked: Asking, body: bytes) -> None:
    allowed = _TYPES.get(asked.scope["method"])
    if allowed is None or (not body and asked.scope["method"] == "DELETE"):
        return
    given, _, parameters = (asked.header(b"content-type") or b"").partition(b";")
    charset = parameters.strip().lower().replace(b'"', b"")
    if given.strip().lower() not in allowed or charset not in (b"", b"charset=utf-8"):
        detail = f"Send Content-Type: {allowed[0].decode()}, in UTF-8."
        raise Problem("unsupported-media-type", detail, (Fault("Content-Type", detail),))
    if (asked.header(b"content-encoding") or b"identity") != b"identity":
        detail = "Send the body without Content-Encoding."
        raise Problem("unsupported-media-type", detail, (Fault("Content-Encoding", detail),))


def _too_large() -> Problem:
    return Problem("too-large", f"Send at most {MOST_BYTES} bytes.")
