"""Sends a whole answer at once, past uvicorn's second look at headers that we have written."""

from collections.abc import Callable, Iterable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from entrypoints.http.errors import Header

WHOLE = "loapi.whole"
"""Under what name a scope's state holds the way to send an answer whole, if its server has one."""

SendWhole = Callable[[int, Iterable[Header], bytes], bool]


def send_whole(
    cycle: RequestResponseCycle, status: int, headers: Iterable[Header], body: bytes
) -> bool:
    """Send an answer that says its own length; tell whether it was sent.

    Two messages of ASGI cost 12 µs here, most of it for two regular expressions a header, which
    look for what no header of ours holds. Whatever is not plain is left to them: an answer that
    nobody takes, the last one of a connection, and one to HEAD.
    """
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
