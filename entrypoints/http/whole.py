"""Takes a whole body and sends a whole answer at once, past the messages of ASGI."""

from collections.abc import Iterable
from typing import Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from entrypoints.http.errors import Header

WHOLE = "loapi.whole"
"""Under what name a scope's state holds a Whole, if its server has one."""

MOST_BYTES = 32 * 1024
"""What a body has at most that is taken whole: less than what makes uvicorn stop to read."""


class Whole(Protocol):
    """A request that may be here as a whole, and its answer."""

    def body(self) -> bytes | None:
        """Give the body, once; none where it has to be received."""

    def send(self, status: int, headers: Iterable[Header], body: bytes) -> bool:
        """Send an answer that says its own length; tell whether it was sent."""


class WholeOfUvicorn:
    """A Whole for what is plain; all else is left to uvicorn's messages."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def body(self) -> bytes | None:
        """Give the body, once; none where it has to be received.

        Nearly every body comes with its head. To wait for one for 30 s at most costs 7 µs, however
        soon it is here.
        """
        cycle = self._cycle
        if cycle.more_body or cycle.disconnected or cycle.waiting_for_100_continue:
            return None
        if len(cycle.body) > MOST_BYTES:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        cycle.message_event.clear()
        return body

    def send(self, status: int, headers: Iterable[Header], body: bytes) -> bool:
        """Send an answer that says its own length; tell whether it was sent.

        Two messages of ASGI cost 12 µs here, most of it for two regular expressions a header, which
        look for what no header of ours holds. Whatever is not plain is left to them: an answer that
        nobody takes, the last one of a connection, and one to HEAD.
        """
        cycle = self._cycle
        busy = cycle.flow.write_paused or cycle.disconnected or cycle.response_started
        if busy or not cycle.keep_alive or cycle.scope["method"] == "HEAD":
            return False
        told = [*cycle.default_headers, *headers]
        head = b"".join([b"%b: %b\r\n" % header for header in told])
        if head.count(b"\n") != len(told) or head.count(b"\r") != len(told):
            return False  # a line break in a header would begin another one; uvicorn refuses it
        cycle.response_started = cycle.response_complete = True
        cycle.transport.write(b"".join((STATUS_LINE[status], head, b"\r\n", body)))
        cycle.message_event.set()
        cycle.on_response()
        return True
