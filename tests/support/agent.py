"""A Datadog agent on loopback: it takes traces as ddtrace sends them, and metrics over UDP."""

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.in_time import PATIENCE

Span = dict[str, Any]

_V05 = (
    "service", "name", "resource", "trace_id", "span_id", "parent_id", "start", "duration",
    "error", "meta", "metrics", "type",
)
"""The members of a span in version 0.5, each text as its place in a table."""
_TEXTS = {"service", "name", "resource", "type"}


def unpack(data: bytes) -> Any:
    """Read MessagePack (github.com/msgpack/msgpack/blob/master/spec.md)."""
    value, end = _value(data, 0)
    assert end == len(data), "there is more behind it"
    return value


_SINGLE: dict[int, Any] = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b",
    0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}
_BYTES = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}
_STRINGS = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
_ARRAYS = {0xDC: ">H", 0xDD: ">I"}
_MAPS = {0xDE: ">H", 0xDF: ">I"}


def _value(data: bytes, at: int) -> tuple[Any, int]:
    kind = data[at]
    at += 1
    if kind < 0x80:
        return kind, at
    if kind >= 0xE0:
        return kind - 0x100, at
    if kind in _SINGLE:
        return _SINGLE[kind], at
    if kind in _NUMBERS:
        return _number(data, at, _NUMBERS[kind])
    for sizes, short, mask, read in _KINDS:
        if kind & ~mask == short and short:
            return read(data, at, kind & mask)
        if kind in sizes:
            size, at = _number(data, at, sizes[kind])
            return read(data, at, size)
    raise ValueError(f"no such kind: {kind:#x}")


def _number(data: bytes, at: int, form: str) -> tuple[Any, int]:
    (value,) = struct.unpack_from(form, data, at)
    return value, at + struct.calcsize(form)


def _raw(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    return data[at : at + size], at + size


def _text(data: bytes, at: int, size: int) -> tuple[str, int]:
    return data[at : at + size].decode(), at + size


def _array(data: bytes, at: int, size: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(size):
        value, at = _value(data, at)
        found.append(value)
    return found, at


def _map(data: bytes, at: int, size: int) -> tuple[dict[Any, Any], int]:
    flat, at = _array(data, at, 2 * size)
    return dict(zip(flat[::2], flat[1::2], strict=True)), at


_Read = Callable[[bytes, int, int], tuple[Any, int]]
_KINDS: tuple[tuple[dict[int, str], int, int, _Read], ...] = (
    (_MAPS, 0x80, 0x0F, _map),
    (_ARRAYS, 0x90, 0x0F, _array),
    (_STRINGS, 0xA0, 0x1F, _text),
    (_BYTES, 0, 0, _raw),
)


def spans_in(path: str, body: bytes) -> list[Span]:
    """Read the spans of a request, in version 0.4 or 0.5 of the agent's interface."""
    payload = unpack(body)
    if path.startswith("/v0.4/"):
        return [span for trace in payload for span in trace]
    table, traces = payload
    return [_named(table, span) for trace in traces for span in trace]


def _named(table: list[str], values: list[Any]) -> Span:
    span = dict(zip(_V05, values, strict=True))
    span |= {name: table[span[name]] for name in _TEXTS}
    span["meta"] = {table[name]: table[value] for name, value in span["meta"].items()}
    span["metrics"] = {table[name]: value for name, value in span["metrics"].items()}
    return span


def trace_id_of(span: Span) -> str:
    """Give a span's trace in 32 hexadecimal digits; the upper half stands on its root."""
    return f"{span['meta'].get('_dd.p.tid', '0' * 16)}{span['trace_id']:016x}"


@dataclass
class Agent:
    """What the agent has got."""

    url: str
    statsd: str
    answer: Callable[[], None]
    """Called before a trace is answered."""
    spans: list[Span] = field(default_factory=list)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    datagrams: list[bytes] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def take(self, path: str, body: bytes) -> None:
        """Take a request's body."""
        with self._news:
            self.bodies.append((path, body))
            if path.endswith("/traces"):
                self.spans += spans_in(path, body)
            self._news.notify_all()

    def take_metrics(self, datagram: bytes) -> None:
        """Take a datagram."""
        with self._news:
            self.datagrams.append(datagram)
            self._news.notify_all()

    def wait(self, enough: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait until what has come is enough, and give what is."""
        with self._news:
            assert self._news.wait_for(enough, seconds), "it did not come"
            return enough()

    def named(self, name: str) -> list[Span]:
        """Give the spans of a name."""
        return [span for span in self.spans if span["name"] == name]

    def metrics(self) -> list[str]:
        """Give the metrics, one a line."""
        return [line for datagram in self.datagrams for line in datagram.decode().split("\n")]


@contextmanager
def agent(answer: Callable[[], None] = lambda: None) -> Iterator[Agent]:
    """Run an agent until the test is over."""
    taken: list[Agent] = []

    class Handler(BaseHTTPRequestHandler):
        """Hands every body to the agent."""

        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            taken[0].answer()
            taken[0].take(self.path, body)
            self._say(b'{"rate_by_service":{}}')

        do_POST = do_PUT

        def do_GET(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            self._say(b'{"endpoints":["/v0.4/traces","/v0.5/traces"],"version":"7.50.0"}')

        def _say(self, told: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _udp() as incoming:
        statsd = f"127.0.0.1:{incoming.getsockname()[1]}"
        taken.append(Agent(f"http://127.0.0.1:{server.server_port}", statsd, answer))
        threads = [
            threading.Thread(target=server.serve_forever, args=(0.02,)),
            threading.Thread(target=_listen, args=(incoming, taken[0])),
        ]
        for thread in threads:
            thread.start()
        try:
            yield taken[0]
        finally:
            server.shutdown()
            incoming.sendto(b"", incoming.getsockname())
            for thread in threads:
                thread.join()


@contextmanager
def _udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as incoming:
        incoming.bind(("127.0.0.1", 0))
        yield incoming


def _listen(incoming: socket.socket, taker: Agent) -> None:
    while datagram := incoming.recv(65536):
        taker.take_metrics(datagram)


@contextmanager
def black_hole() -> Iterator[str]:
    """Give an address where connections are taken by the kernel and nothing ever answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        yield f"127.0.0.1:{silent.getsockname()[1]}"
