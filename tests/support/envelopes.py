"""A Sentry on loopback: it takes envelopes as the SDK sends them."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.in_time import PATIENCE


@dataclass
class Sentry:
    """What Sentry has got."""

    dsn: str
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def take(self, headers: dict[str, str], body: bytes) -> None:
        """Take an envelope."""
        with self._news:
            self.headers.append(headers)
            self.bodies.append(body)
            self._news.notify_all()

    def wait(self, enough: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Wait until what has come is enough."""
        with self._news:
            assert self._news.wait_for(enough, seconds), "it did not come"

    @property
    def items(self) -> list[tuple[str, dict[str, Any]]]:
        """Give the kind and the content of every item."""
        return [item for body in self.bodies for item in _items(body)]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Give the events."""
        return [content for kind, content in self.items if kind == "event"]


def _items(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    lines = [line for line in body.split(b"\n")[1:] if line]
    for header, content in zip(lines[::2], lines[1::2], strict=True):
        yield json.loads(header)["type"], json.loads(content)


@contextmanager
def sentry() -> Iterator[Sentry]:
    """Run a Sentry until the test is over."""
    taken: list[Sentry] = []

    class Handler(BaseHTTPRequestHandler):
        """Hands every body to it."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            taken[0].take(dict(self.headers.items()), body)
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken.append(Sentry(f"http://public@127.0.0.1:{server.server_port}/1"))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield taken[0]
        finally:
            server.shutdown()
            thread.join()
