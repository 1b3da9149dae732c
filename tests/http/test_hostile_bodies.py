"""Bodies that mean harm, at every route that takes one: refused soon, unopened, little held."""

import asyncio
import gzip
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from entrypoints.http.app import ROUTERS
from entrypoints.http.body import LARGE_BYTES, MOST_LARGE
from entrypoints.http.table import RouteTable
from tests.http.serving import API, Api, a_resource, problem
from tests.support.in_time import in_time

BODY_METHODS = ("POST", "PUT", "PATCH")
ROUTES = sorted(
    (method, place.template.replace("{" + str(place.parameter) + "}", str(UUID(int=7 << 76))))
    for place in RouteTable(ROUTERS).places()
    for method in place.entries
    if method in BODY_METHODS
)
"""Every method and path that takes a body."""

SOON = 5.0
"""Seconds that a refusal may take, on a busy machine."""

LEVELS = 100_000
DEEP = {
    "arrays without end": b"[" * LEVELS,
    "arrays": b"[" * LEVELS + b"]" * LEVELS,
    "objects without end": b'{"a":' * LEVELS,
    "objects": b'{"a":' * LEVELS + b"1" + b"}" * LEVELS,
    "both in turns": b'[{"a":' * (LEVELS // 2) + b"1" + b"}]" * (LEVELS // 2),
    "below a member": b'{"name": "x", "attributes": ' + b"[" * LEVELS + b"]" * LEVELS + b"}",
}
BOMB = gzip.compress(bytes(50_000_000))


def test_there_are_routes_that_take_bodies() -> None:
    assert len(ROUTES) >= 5 and {method for method, _ in ROUTES} == set(BODY_METHODS)


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=map(" ".join, ROUTES))
def test_a_body_100_000_levels_deep_is_refused_soon(
    memory_reading_api: Api, method: str, path: str, name: str
) -> None:
    began = time.monotonic()
    answer = memory_reading_api.as_().send(
        method, path.removeprefix(API), content=DEEP[name], headers={"if-match": '"1"'}
    )
    problem(answer, 400, "malformed-request")
    in_time(time.monotonic() - began, SOON)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=map(" ".join, ROUTES))
def test_a_bomb_is_refused_unopened(
    memory_reading_api: Api, method: str, path: str, encoding: str
) -> None:
    headers = {"if-match": '"1"', "content-encoding": encoding}
    answer = memory_reading_api.as_().send(
        method, path.removeprefix(API), content=BOMB, headers=headers
    )
    problem(answer, 415, "unsupported-media-type")


# Many at a time


class Sender:
    """A client that sends its body bit by bit, as a test tells it."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._coming: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.served = asyncio.ensure_future(self._ask())
        self.unread = 0

    def send(self, body: bytes, more: bool = True) -> None:
        """Send a part of the body."""
        self.unread += 1
        self._coming.put_nowait({"type": "http.request", "body": body, "more_body": more})

    async def _ask(self) -> None:
        token = self._api.as_().token()
        headers = [
            (b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json"),
        ]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": f"{API}/resource", "raw_path": b"", "query_string": b"",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("loapi.test", 80),
            "root_path": "",
        }
        await self._api.app(scope, self._receive, self._told)  # type: ignore[arg-type]  # as below

    async def _receive(self) -> Mapping[str, Any]:
        message = await self._coming.get()
        self.unread -= 1
        return message

    async def _told(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status.set_result(message["status"])


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(100):
        await asyncio.sleep(0)


def test_large_bodies_wait_for_room_and_small_ones_do_not(memory_api: Api) -> None:
    piece = b" " * (LARGE_BYTES + 1)
    small = b'{"name": "small", "attributes": {}}'

    async def scenario() -> None:
        senders = [Sender(memory_api) for _ in range(MOST_LARGE + 3)]
        for sender in senders:
            sender.send(piece)
            sender.send(piece)
        await settled()
        assert [sender.unread for sender in senders] == [0] * MOST_LARGE + [1] * 3
        quick = Sender(memory_api)
        quick.send(small, more=False)
        assert await quick.status == 201
        for sender in senders:
            sender.send(small, more=False)
        assert [await sender.status for sender in senders] == [201] * len(senders)
        await asyncio.gather(quick.served, *(sender.served for sender in senders))

    memory_api.run(scenario())


def test_the_room_of_a_large_body_is_free_again_however_its_request_ends(memory_api: Api) -> None:
    piece = b" " * (LARGE_BYTES + 1)

    async def scenario() -> None:
        for ending in (b"}", b" " * 1024 * 1024, b'{"name": ""}', b'{"name": "good"}'):
            senders = [Sender(memory_api) for _ in range(2 * MOST_LARGE)]
            for sender in senders:
                sender.send(piece)
                sender.send(ending, more=False)
            answers = {await sender.status for sender in senders}
            assert answers <= {400, 413, 422, 201}
            await asyncio.gather(*(sender.served for sender in senders))

    memory_api.run(scenario())
    assert memory_api.as_().post("/resource", a_resource()).status_code == 201
