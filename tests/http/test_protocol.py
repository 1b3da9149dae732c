"""Clients that take nothing, or ask for nothing any more, are cut, and no others."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn
import uvloop
from uvicorn.server import ServerState

from entrypoints.http import protocol
from entrypoints.http.protocol import PunctualProtocol

TAKING_SECONDS, KEEP_ALIVE_SECONDS, PATIENCE = 1.0, 1, 60.0
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
ASK = b"GET / HTTP/1.1\r\nHost: loapi\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: loapi\r\nConnection: close\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have deadlines that a test can wait for."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 3.0)
    monkeypatch.setattr(protocol, "BODY_SECONDS", TAKING_SECONDS)


class Watched(PunctualProtocol):
    """Says when its connection has ended."""

    def __init__(self, config: uvicorn.Config, ended: asyncio.Event) -> None:
        super().__init__(config, ServerState(), {})
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so."""
        super().connection_lost(exc)
        self._ended.set()


def answering(size: int) -> Callable[..., Any]:
    """Give an application that answers with so many bytes."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(size)})

    return app


@asynccontextmanager
async def serving(size: int) -> AsyncIterator[tuple[asyncio.Event, socket.socket]]:
    """Serve answers of this size, and connect; the kernel holds no more than some KB of one.

    Gives an event for the end of the connection.
    """
    config = uvicorn.Config(answering(size), timeout_keep_alive=KEEP_ALIVE_SECONDS, log_config=None)
    config.load()
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    with socket.socket() as listening, socket.socket() as client:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        address = listening.getsockname()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        server = await loop.create_server(lambda: Watched(config, ended), sock=listening)
        await loop.sock_connect(client, address)
        try:
            yield ended, client
        finally:
            server.close()


async def until_cut(ended: asyncio.Event) -> None:
    """Wait for the end of the connection."""
    await asyncio.wait_for(ended.wait(), PATIENCE)


async def take(client: socket.socket, size: int) -> None:
    """Take so many bytes."""
    loop = asyncio.get_running_loop()
    while size > 0:
        data = await loop.sock_recv(client, min(size, 4096))
        assert data, "cut too early"
        size -= len(data)


async def untaken(size: int, taken: int, sent: bytes) -> None:
    """Ask, take a part, and wait to be cut."""
    async with serving(size) as (ended, client):
        await asyncio.get_running_loop().sock_sendall(client, sent)
        await take(client, taken)
        await until_cut(ended)


async def asking_again() -> None:
    """Ask again and again, take nothing, and wait to be cut."""

    async def ask(client: socket.socket) -> None:
        while True:
            await asyncio.get_running_loop().sock_sendall(client, ASK)
            await asyncio.sleep(TAKING_SECONDS / 4)

    async with serving(1_000_000) as (ended, client):
        asking = asyncio.ensure_future(ask(client))
        await until_cut(ended)
        asking.cancel()


async def taking_all() -> None:
    """Ask and take all for longer than anything else may last, then wait for the end."""
    began = time.monotonic()
    async with serving(200_000) as (ended, client):
        while time.monotonic() - began < 2 * TAKING_SECONDS:
            await asyncio.get_running_loop().sock_sendall(client, ASK)
            await take(client, len(HEAD) + 200_000)
        assert not ended.is_set()
        await until_cut(ended)


async def asking_no_more(times: int) -> None:
    """Ask so many times, take all, and wait for the end, which comes as late as it should."""
    async with serving(0) as (ended, client):
        for _ in range(times):
            await asyncio.get_running_loop().sock_sendall(client, ASK)
            await take(client, len(EMPTY))
        answered = time.monotonic()
        await until_cut(ended)
        assert time.monotonic() - answered > KEEP_ALIVE_SECONDS * 0.9, "cut too early"


CLIENTS: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    "takes nothing of much": partial(untaken, 1_000_000, 0, ASK),
    "takes half": partial(untaken, 1_000_000, 500_000, ASK),
    "takes nearly all": partial(untaken, 1_000_000, 985_000, ASK),
    "takes nothing of little": partial(untaken, 50_000, 0, ASK),
    "takes some of little": partial(untaken, 50_000, 20_000, ASK),
    "asks twice at once": partial(untaken, 50_000, 0, ASK * 2),
    "asks twenty times at once": partial(untaken, 50_000, 0, ASK * 20),
    "asks for the last time": partial(untaken, 50_000, 0, LAST),
    "goes on with what is no HTTP": partial(untaken, 50_000, 0, ASK + b"\0\r\n\r\n"),
    "asks again and again": asking_again,
    "takes all, and is served": taking_all,
    "asks once and no more": partial(asking_no_more, 1),
    "asks a few times and no more": partial(asking_no_more, 3),
}


@pytest.mark.parametrize("new_loop", LOOPS.values(), ids=LOOPS.keys())
def test_a_connection_whose_client_does_not_take_its_answers_is_not_held(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def all_at_once() -> list[Any]:
        calls = (call() for call in CLIENTS.values())
        return list(await asyncio.gather(*calls, return_exceptions=True))

    with asyncio.Runner(loop_factory=new_loop) as runner:
        ends = dict(zip(CLIENTS, runner.run(all_at_once())))
    assert not {name: end for name, end in ends.items() if end is not None}
