"""An answer that is sent whole is, to the byte, the one that uvicorn sends in two messages."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from entrypoints.http.protocol import PunctualProtocol
from entrypoints.http.whole import WHOLE
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
        if self._may and whole(self._start["status"], self._headers, body):
            self.whole += 1
            return
        await send({**self._start, "headers": self._headers})
        await send({"type": "http.response.body", "body": body})


async def told(app: App, asked: bytes) -> bytes:
    """Ask, and give all that is answered."""
    config = uvicorn.Config(app, log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Fri, 03 Jul 2026 13:00:00 GMT")]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: PunctualProtocol(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(asked)
        # What asks for the end of the connection tells the end of the answers.
        if asked.startswith(GET):
            writer.write(LAST)
        else:
            writer.write_eof()
        found = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
    return found


@pytest.mark.parametrize("status", [200, 304])
@pytest.mark.parametrize("name", ASKED)
def test_it_is_what_uvicorn_sends(name: str, status: int) -> None:
    asked, whole = ASKED[name]
    usual, at_once = App(False, status), App(True, status)
    assert asyncio.run(told(at_once, asked)) == asyncio.run(told(usual, asked)) != b""
    assert (usual.whole, at_once.whole) == (0, whole)
