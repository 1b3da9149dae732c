"""SIGTERM under load: what was done was answered, and nothing that was answered is lost."""

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.fault import drill
from tests.fault.drill import Book, Load
from tests.support.in_time import PATIENCE, in_time
from tests.support.live import Live, live
from tests.support.log_lines import faults_in

RESTARTS = 2
"""Of one worker; several take long to start, and are stopped once."""

END_SECONDS = 10.0
"""How long the end of a service may take whose database works."""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_restart_under_load_loses_no_write_and_no_answer(
    template: Path, tmp_path: Path, workers: str
) -> None:
    book, slowest = Book(), 0.0
    with drill.served(template, tmp_path / "home", LOAPI_WORKERS=workers) as service:
        for _ in range(RESTARTS if workers == "1" else 1):
            with Load(service, book) as load:
                load.await_acked()
                began = time.monotonic()
                os.kill(service.pid, signal.SIGTERM)
                assert service.wait_dead() == 0
                slowest = max(slowest, time.monotonic() - began)
            service.start()
        if workers == "1":
            assert not book.unknown, "a connection was reset before its answer"
        # Workers end one after the other: whoever comes between two is reset, before it is heard.
        drill.resolve(service, book)
        assert not book.resolved["kept"], "a write was made, and its answer was not given"
        drill.check(service.database, book)
    print(book.told())
    assert book.acked and not faults_in(tmp_path / "home" / "said.txt")
    assert "Traceback" not in (tmp_path / "home" / "said.txt").read_text("utf-8")
    in_time(slowest, END_SECONDS)


def test_a_request_that_comes_as_the_service_ends_is_answered(home: Path) -> None:
    with live(home) as served, closing(
        http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    ) as connection:
        assert _asked(connection, served) == (200, None)
        served.process.send_signal(signal.SIGTERM)
        drill.wait_for(lambda: "Shutting down" in _log(served), PATIENCE, "it does not end")
        assert _asked(connection, served) == (200, "close")
        assert served.process.wait(PATIENCE) == 0


def _asked(connection: http.client.HTTPConnection, served: Live) -> tuple[int, str | None]:
    headers = {"authorization": f"Bearer {served.token()}"}
    connection.request("GET", "/api/v1/country/US", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.getheader("connection")


def _log(served: Live) -> str:
    return (served.home / "serve.log").read_text("utf-8")


def test_workers_that_end_take_no_connection_that_nobody_would_answer(home: Path) -> None:
    with live(home, "--workers", "2") as served:
        with _under_way(served):
            served.process.send_signal(signal.SIGTERM)
            drill.wait_for(lambda: not _taken(served), PATIENCE, "connections are taken")
            assert served.process.poll() is None, "it ended before anything was seen"
        assert served.process.wait(PATIENCE) == 0


@contextmanager
def _under_way(served: Live) -> Iterator[None]:
    """Keep a request under way, whose body does not come."""
    lines = (
        "POST /api/v1/resource HTTP/1.1", "host: x", f"authorization: Bearer {served.token()}",
        "content-type: application/json", "content-length: 10", "", "",
    )
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        yield


def _taken(served: Live) -> bool:
    try:
        socket.create_connection(("127.0.0.1", served.port), PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True
