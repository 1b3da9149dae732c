"""An HTTP server on loopback that answers as it is told: well, late, bit by bit, or not at all."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

JSON = "application/json"


@dataclass(frozen=True)
class Call:
    """A request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    connection: tuple[str, int]


@dataclass
class Exchange:
    """A request that waits for its answer."""

    call: Call
    write: Callable[[bytes], Any]
    stopping: Event
    keep_alive: bool = True

    def wait(self, seconds: float) -> None:
        """Let time pass, unless the test is over."""
        self.stopping.wait(seconds)


Answer = Callable[[Exchange], None]


@dataclass
class Upstream:
    """The server; `answer` may be changed at any time, also for one path alone."""

    url: str
    answer: Answer
    paths: dict[str, Answer] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def count(self, path: str | None = None) -> int:
        """Count the requests, or those to one path."""
        return sum(path in (None, call.path) for call in self.calls)

    def serve(self, exchange: Exchange) -> None:
        """Note a request and answer it."""
        with self.lock:
            self.calls.append(exchange.call)
        self.paths.get(exchange.call.path, self.answer)(exchange)


@contextmanager
def upstream(answer: Answer | None = None, port: int = 0) -> Iterator[Upstream]:
    """Run a server until the test is over, on a port that is free or on this one."""
    stopping = Event()
    served: list[Upstream] = []

    class Handler(BaseHTTPRequestHandler):
        """Hands every request to the upstream."""

        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            call = Call(self.command, self.path, dict(self.headers.items()), self.client_address)
            exchange = Exchange(call, self.wfile.write, stopping)
            served[0].serve(exchange)
            self.close_connection = not exchange.keep_alive or self.close_connection

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        """Takes many connections at once, and tells nothing of those that break."""

        request_queue_size = 256

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", port), Handler) as server:
        served.append(Upstream(f"http://127.0.0.1:{server.server_port}", answer or silent))
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield served[0]
        finally:
            stopping.set()
            server.shutdown()
            thread.join()


def answering(
    body: Any, status: int = 200, kind: str | None = JSON, **headers: str
) -> Answer:
    """Answer at once; what is not bytes is sent as JSON."""
    message = written(body, status, kind, **headers)
    return lambda exchange: exchange.write(message)


def written(body: Any, status: int = 200, kind: str | None = JSON, **headers: str) -> bytes:
    """Give an answer as it goes over the wire."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind is not None:
        named["content-type"] = kind
    named.setdefault("content-length", str(len(sent)))
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + sent


def sending(message: bytes) -> Answer:
    """Send just these bytes and hang up."""

    def answer(exchange: Exchange) -> None:
        exchange.write(message)
        exchange.keep_alive = False

    return answer


def trickling(message: bytes, start: int = 0, pause: float = 0.05) -> Answer:
    """Send so much at once and the rest byte by byte."""

    def answer(exchange: Exchange) -> None:
        exchange.write(message[:start])
        for index in range(start, len(message)):
            exchange.wait(pause)
            exchange.write(message[index : index + 1])

    return answer


def late(seconds: float, then: Answer) -> Answer:
    """Answer after a while."""

    def answer(exchange: Exchange) -> None:
        exchange.wait(seconds)
        then(exchange)

    return answer


def held_until(gate: Event, then: Answer) -> Answer:
    """Answer once something has happened."""

    def answer(exchange: Exchange) -> None:
        while not gate.is_set() and not exchange.stopping.is_set():
            gate.wait(0.05)
        then(exchange)

    return answer


def endless(exchange: Exchange) -> None:
    """Send up to 10 MB in chunks, with no end."""
    exchange.keep_alive = False
    exchange.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(160):
        exchange.write(chunk)


def silent(exchange: Exchange) -> None:
    """Never answer."""
    exchange.wait(60)
    exchange.keep_alive = False


def hang_up(exchange: Exchange) -> None:
    """Close the connection without a word."""
    exchange.keep_alive = False
