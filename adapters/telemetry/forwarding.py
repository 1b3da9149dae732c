"""Stands between ddtrace and the agent: takes what it sends at once, and passes it on or drops it.

By itself, ddtrace sends the same again for 20 seconds to an agent that does not answer, and the
process cannot end before that.
"""

import shutil
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import urlsplit

SEND_SECONDS = 1.0
"""How long the agent may be silent."""

REST_SECONDS = 5.0
"""How long nothing is sent to an agent that has failed."""

MOST_BYTES = 8 << 20
"""What waits for the agent at most; the rest is dropped."""

LARGEST_ANSWER = 1 << 16

_INFO = b'{"endpoints":["/v0.4/traces","/v0.5/traces"]}'


@dataclass(frozen=True, slots=True)
class Payload:
    """A request of ddtrace's."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Forwarding:
    """Listens on a socket in a folder of its own, and forwards in a thread of its own."""

    def __init__(self, agent: str) -> None:
        """Forward to an agent, as http://127.0.0.1:8126."""
        place = urlsplit(agent)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 8126
        self._waiting: deque[Payload] = deque()
        self._bytes = 0
        self._news = threading.Condition()
        self._closing = False
        self._rests_until = 0.0
        self._answer = b"{}"
        """What the agent has said last: the rates at which it wants samples."""
        self._folder = Path(tempfile.mkdtemp(prefix="loapi-"))
        self._server = _Server(str(self._folder / "agent"), _handler_of(self))
        self.url = f"unix://{self._server.server_address!s}"
        """Where ddtrace is to send to."""
        self._forwarder = threading.Thread(target=self._forward, name="loapi-traces", daemon=True)
        self._forwarder.start()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, payload: Payload) -> bytes:
        """Take a request, or drop it where too much waits; give the answer to it."""
        with self._news:
            if self._bytes + len(payload.body) <= MOST_BYTES:
                self._waiting.append(payload)
                self._bytes += len(payload.body)
                self._news.notify()
        return self._answer

    def close(self, seconds: float) -> None:
        """Forward what waits, for so long at most."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._forwarder.join(seconds)
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _forward(self) -> None:
        while payload := self._next():
            if time.monotonic() < self._rests_until:
                continue
            try:
                self._answer = self._send(payload)
            except (OSError, HTTPException):
                self._rests_until = time.monotonic() + REST_SECONDS

    def _next(self) -> Payload | None:
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._closing)
            if not self._waiting:
                return None
            payload = self._waiting.popleft()
            self._bytes -= len(payload.body)
            return payload

    def _send(self, payload: Payload) -> bytes:
        connection = HTTPConnection(self._host, self._port, timeout=SEND_SECONDS)
        try:
            connection.request("PUT", payload.path, payload.body, dict(payload.headers))
            return connection.getresponse().read(LARGEST_ANSWER)
        finally:
            connection.close()


class _Server(ThreadingMixIn, UnixStreamServer):
    """Takes connections of this process only: the folder is its own."""

    daemon_threads = True
    block_on_close = False

    def get_request(self) -> tuple[socket.socket, Any]:
        """Name the peer, which a socket of this kind does not."""
        request, _ = super().get_request()
        return request, ("ddtrace", 0)


def _handler_of(forwarding: Forwarding) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Hands bodies on."""

        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            """Take a payload."""
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            kept = {
                name: value for name, value in self.headers.items()
                if name.lower() not in ("host", "connection", "content-length")
            }
            self._say(forwarding.take(Payload(self.path, kept, body)))

        do_POST = do_PUT

        def do_GET(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            """Say what an agent can do."""
            self._say(_INFO)

        def _say(self, told: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
