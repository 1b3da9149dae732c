"""Calls an ASGI application without sockets or a client library, many times at once."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Request:
    """A request to be made."""

    method: str
    path: str
    token: str
    body: bytes = b""


async def called(app: ASGIApp, request: Request) -> int:
    """Make a request; give the status of its answer."""
    path, _, query = request.path.partition("?")
    headers = [(b"host", b"loapi.test"), (b"authorization", f"Bearer {request.token}".encode())]
    if request.body:
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(request.body)).encode()))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": request.method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": headers, "root_path": "",
        "client": ("127.0.0.1", 40_000), "server": ("127.0.0.1", 80), "state": {},
    }
    status = 0

    async def receive() -> Any:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


async def answered(
    app: ASGIApp, requests: Iterable[Request], at_once: int, seconds: float
) -> list[float]:
    """Make requests, so many at once, until they or the seconds are over; give their latencies.

    Raises AssertionError where one is not answered with a success.
    """
    left, until, took = iter(requests), time.perf_counter() + seconds, list[float]()

    async def one_after_another() -> None:
        for request in left:
            began = time.perf_counter()
            status = await called(app, request)
            took.append(time.perf_counter() - began)
            assert status in (200, 201), (request.path, status)
            if began > until:
                break

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return took
