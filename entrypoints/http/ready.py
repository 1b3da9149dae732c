"""A response whose status, headers and bytes are all there: no more work, and little made of it."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from entrypoints.http.errors import Header

JSON: Header = (b"content-type", b"application/json")


class Ready:
    """Is to the gate what a response of Starlette is, at a fifth of its price."""

    __slots__ = ("status_code", "raw_headers", "body")

    def __init__(self, status_code: int, raw_headers: list[Header], body: bytes = b"") -> None:
        self.status_code = status_code
        self.raw_headers = raw_headers
        self.body = body

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        start = "http.response.start"
        await send({"type": start, "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


Answer = Response | Ready


def json(status: int, body: bytes, *headers: Header) -> Ready:
    """Give a response with a body of JSON, and headers of its own before those that tell of it."""
    return Ready(status, [*headers, length(body), JSON], body)


def length(body: bytes) -> Header:
    """Give the header that tells how long a body is."""
    return b"content-length", b"%d" % len(body)
