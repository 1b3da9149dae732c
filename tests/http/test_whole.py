"""Whole, a body is the one that uvicorn gives in messages, and an answer the one it sends."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from entrypoints.http.protocol import PunctualProtocol
from entrypoints.http.whole import MOST_BYTES, WHOLE
from tests.support.in_time import PATIENCE

BODY = b'{"items":[]}'
HEADERS = [
    (b"content-length", b"%d" % len(BODY)),
    (b"content-type", b"application/json"),
    (b"x-request-id", b"r-12345678"),
]
GET = b"GET / HTTP/1.1\r\nHost: loapi\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: loapi\r\nConnection: close\r\n\r\n"
ASKED = {
    "once": (GET, 1),
    "twice": (GET * 2, 2),
    "with a body": (b"POST / HTTP/1.1\r\nHost: loapi\r\nContent-Length: 2\r\n\r\n{}", 1),
    "for the last time": (LAST, 0),
    "for the head": (b"HEAD / HTTP/1.1\r\nHost: loapi\r\n\r\n", 0),
    "in HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: loapi\r\n\r\n", 0),
}
"""What is asked, and how many of its answers are sent whole."""


class App:
    """Answers as the gate does; whole where it may and can."""

    def __init__(self, may: bool, status: int) -> None:
        self._may = may
        self._start = {"type": "http.response.start", "status": status}
        self._headers, self._body = (HEADERS, BODY) if status == 200 else (HEADERS[2:], b"")
        self.whole = 0

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        whole, body = scope["state"].pop(WHOLE), b"" if scope["method"] == "HEAD" else self._body
        if self._may and whole.send(self._start["status"], self._headers, body):
            self.whole += 1
            return
        await send({**self._start, "headers": self._headers})
        await send({"type": "http.response.body", "body": body})


async def told(app: Any, asked: bytes, *rest: bytes, began: asyncio.Event | None = None) -> bytes:
    """Ask, the rest of it once the app has begun, and give all that is answered."""
    config = uvicorn.Config(app, log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Fri, 03 Jul 2026 13:00:00 GMT")]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: PunctualProtocol(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(asked)
        for part in rest:
            assert began is not None
            await asyncio.wait_for(began.wait(), 30)
            writer.write(part)
        # What asks for the end of the connection tells the end of the answers.
        if asked.startswith(GET):
            writer.write(LAST)
        else:
            writer.write_eof()
        found = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
    return found


POST = b"POST / HTTP/1.1\r\nHost: loapi\r\nContent-Length: %d\r\n\r\n"
SENT = {
    "a small one": ([POST % 2 + b"{}"], b"{}"),
    "none": ([POST % 0], b""),
    "one in two parts": ([POST % 4 + b"{ ", b" }"], None),
    "a large one": ([POST % (MOST_BYTES + 1), b"x" * (MOST_BYTES + 1)], None),
    "one that waits to be let in": (
        [b"POST / HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"],
        None,
    ),
}
"""Bodies as their parts come, and what is given of them at once."""


@pytest.mark.parametrize("name", SENT)
def test_a_body_is_given_at_once_where_it_is_here_and_received_otherwise(name: str) -> None:
    sent, given = SENT[name]
    at_once: list[bytes | None] = []
    received: list[bytes] = []
    began = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        at_once.append(scope["state"][WHOLE].body())
        began.set()
        more = at_once[0] is None
        while more:
            message = await receive()
            received.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    assert b" 204 " in asyncio.run(told(app, *sent, began=began))
    assert at_once == [given]
    assert b"".join(received or [given or b""]) == b"".join(sent).partition(b"\r\n\r\n")[2]


def test_a_body_is_given_once_and_not_received_again() -> None:
    found: list[Any] = []

    async def app(scope: Any, receive: Any, _send: Any) -> None:
        found.append(scope["state"][WHOLE].body())
        found.append(await receive())

    assert asyncio.run(told(app, POST % 2 + b"{}")) == b""
    assert found == [b"{}", {"type": "http.disconnect"}]


@pytest.mark.parametrize("status", [200, 304])
@pytest.mark.parametrize("name", ASKED)
def test_it_is_what_uvicorn_sends(name: str, status: int) -> None:
    asked, whole = ASKED[name]
    usual, at_once = App(False, status), App(True, status)
    assert asyncio.run(told(at_once, asked)) == asyncio.run(told(usual, asked)) != b""
    assert (usual.whole, at_once.whole) == (0, whole)
