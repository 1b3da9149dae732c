"""Reads a body that is allowed in, within its limits of size and time."""

import asyncio

from starlette.types import Receive

from entrypoints.http.asking import Asking
from entrypoints.http.errors import Fault, Problem

MOST_BYTES = 1024 * 1024
MOST_DIGITS = 20
MOST_SECONDS = 30.0

_TYPES = {
    "POST": (b"application/json",),
    "PUT": (b"application/json",),
    "PATCH": (b"application/merge-patch+json", b"application/json"),
}


async def read_body(asked: Asking, receive: Receive) -> bytes | None:
    """Give the whole body; none where the client goes away before its end.

    Raises Problem where it is too large, too slow, or in another format than JSON.
    """
    _check_length(asked)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            body = await _collect(receive)
    except TimeoutError:
        raise Problem("timeout", f"Send the body within {MOST_SECONDS:.0f} s.") from None
    if body is not None:
        _check_type(asked, body)
    return body


async def _collect(receive: Receive) -> bytes | None:
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
