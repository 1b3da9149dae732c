"""The store of the rate limits dies, freezes, comes back or lies; callers hardly notice."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from redis import Redis

from adapters.limits.breaker import STRIKES
from adapters.limits.courier import PROBE_SECONDS
from adapters.limits.shared import DEADLINE_SECONDS, SharedRateLimiter
from application.limits import Verdict
from tests.support.in_time import PATIENCE, in_time
from tests.valkey_server import Valkey, valkey

LIMITS = {"client": "400/minute", "failed": "40/minute"}
WORKERS = 4

WORST = 0.05
"""What a request may wait for a store that fails."""

SLACK = 0.05
"""What this machine may add to a single request while it is busy with other things."""

AT_ONCE = 0.003
"""What a request takes that asks no store, on a busy machine."""


class Client:
    """Hits a limiter, one request after another, and keeps how long each took."""

    def __init__(self, limiter: SharedRateLimiter, loop: asyncio.Runner) -> None:
        self.limiter = limiter
        self._loop = loop
        self.verdicts: list[Verdict] = []

    def hit(self, times: int = 1, who: str = "a", together: bool = False) -> list[float]:
        """Hit some times; give the seconds that each took, and keep the verdicts."""
        return self._loop.run(self._hit(times, who, together))

    async def _hit(self, times: int, who: str, together: bool) -> list[float]:
        self.verdicts = []
        if together:
            return list(await asyncio.gather(*(self._one(who) for _ in range(times))))
        return [await self._one(who) for _ in range(times)]

    async def _one(self, who: str) -> float:
        began = time.perf_counter()
        self.verdicts.append(await self.limiter.hit({"client": who}))
        return time.perf_counter() - began

    @property
    def counting(self) -> str:
        """Who counts."""
        return str(self.limiter.status()["counting"])

    def until(self, counting: str) -> None:
        """Hit until the state is this one."""
        end = time.monotonic() + PATIENCE
        while self.counting != counting:
            assert time.monotonic() < end, self.limiter.status()
            self.hit()
            time.sleep(0.01)

    def until_told(self, policy: str, who: str) -> None:
        """Hit until this is the policy that is told; one request may have been too late for it."""
        end = time.monotonic() + PATIENCE
        self.hit(who=who)
        while self.verdicts[-1].policy != policy:
            assert time.monotonic() < end, self.verdicts[-1]
            self.hit(who=who)


@pytest.fixture
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@contextmanager
def client_of(url: str, seconds: float = DEADLINE_SECONDS) -> Iterator[Client]:
    with asyncio.Runner() as loop:
        limiter = SharedRateLimiter(url, LIMITS, WORKERS, seconds)
        try:
            yield Client(limiter, loop)
        finally:
            limiter.close()


@pytest.fixture
def client(server: Valkey) -> Iterator[Client]:
    with client_of(server.url) as one:
        one.until("shared")
        one.hit(5)
        yield one


@pytest.fixture
def patient(server: Valkey) -> Iterator[Client]:
    """Give a client that waits for a store that lives, however busy the machine is."""
    with client_of(server.url, PATIENCE) as one:
        one.until("shared")
        yield one


@contextmanager
def listener(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that takes every connection and does something with it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                    answer(taken[-1])
                except OSError:
                    return

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()


def silent(_connection: socket.socket) -> None:
    """Answer nothing."""


def garbled(connection: socket.socket) -> None:
    """Answer what is no answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" * 100)


def abrupt(connection: socket.socket) -> None:
    """Hang up."""
    connection.close()


def refusing(connection: socket.socket) -> None:
    """Answer every command with an error."""
    connection.sendall(b"-OOM command not allowed\r\n" * 1000)


def degraded(client: Client) -> None:
    """Hold a client to what is promised of requests while the store is away."""
    first = client.hit(STRIKES + 2)
    client.until("process")
    later = client.hit(300, who="b")
    allowed = sum(verdict.allowed for verdict in client.verdicts)
    assert allowed == 400 // WORKERS
    assert client.verdicts[-1].policy == '"client";q=100;w=60'
    status = client.limiter.status()
    assert status["storage"] == "shared" and status["reason"] and status["since"]
    in_time(max(first), WORST + SLACK)
    in_time(median(later), AT_ONCE)
    in_time(max(later), WORST)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message.partition("(")[0] for record in caplog.records]


def test_a_store_that_is_killed_is_missed_by_nobody_and_found_again(
    server: Valkey, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    server.kill()
    degraded(client)
    server.start()
    client.until("shared")
    client.until_told('"client";q=400;w=60', who="c")
    assert messages(caplog) == [
        "rate limits: the store is away ", "rate limits: the store is back and counts for all"
    ]


def test_a_store_that_freezes_is_let_alone_until_it_moves(
    server: Valkey, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with server.frozen():
        degraded(client)
        time.sleep(2 * PROBE_SECONDS)
        assert client.counting == "process"
    client.until("shared")
    client.until_told('"client";q=400;w=60', who="c")
    assert len(caplog.records) == 2


def test_many_requests_at_once_wait_no_longer_for_a_frozen_store(
    server: Valkey, client: Client
) -> None:
    with server.frozen():
        waits = client.hit(500, together=True)
    assert len(client.verdicts) == 500
    in_time(max(waits), WORST + 2 * SLACK)


def test_the_event_loop_goes_on_while_the_store_is_frozen(server: Valkey, client: Client) -> None:
    async def longest_gap() -> float:
        worst, before = 0.0, time.perf_counter()
        hits = asyncio.gather(*(client.limiter.hit({"client": "a"}) for _ in range(20)))
        while not hits.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            worst, before = max(worst, now - before), now
        await hits
        return worst

    with server.frozen(), asyncio.Runner() as loop:
        in_time(loop.run(longest_gap()), 0.03)


def test_one_slow_moment_changes_nothing(server: Valkey, client: Client) -> None:
    with server.frozen():
        client.hit(8, together=True)
        assert client.counting == "shared"


def test_a_store_that_restarts_between_requests_loses_no_request(
    server: Valkey, client: Client
) -> None:
    server.kill()
    server.start()
    waits = client.hit(20)
    assert all(verdict.allowed for verdict in client.verdicts)
    client.until("shared")
    in_time(max(waits), WORST + SLACK)


def test_scripts_that_the_store_has_forgotten_are_taught_again(
    server: Valkey, patient: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with Redis(port=server.port) as other:
        other.script_flush()
        patient.hit(5, who="d")
        assert patient.verdicts[-1].state.startswith('"client";r=395;t=')
    assert not caplog.records


def test_connections_that_the_store_has_closed_are_opened_again(
    server: Valkey, patient: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with Redis(port=server.port) as other:
        other.client_kill_filter(_type="normal", skipme=True)
        patient.hit(5, who="e")
        assert patient.verdicts[-1].state.startswith('"client";r=395;t=')
    assert not caplog.records


@pytest.mark.parametrize("answer", [silent, garbled, abrupt, refusing])
def test_what_is_no_store_counts_as_none(answer: Callable[[socket.socket], None]) -> None:
    with listener(answer) as url, client_of(url) as client:
        degraded(client)


def test_a_store_that_was_never_there_is_found_when_it_comes() -> None:
    with valkey() as server:
        server.kill()
        with client_of(server.url) as client:
            degraded(client)
            server.start()
            client.until("shared")


def test_what_was_used_up_stays_used_up_without_the_store(server: Valkey, patient: Client) -> None:
    patient.hit(450, who="f", together=True)
    server.kill()
    patient.until("process")
    patient.hit(10, who="f")
    assert not any(verdict.allowed for verdict in patient.verdicts)
    assert patient.verdicts[-1].state.startswith('"client";r=0;t=')


def test_failed_authentication_stays_limited_without_the_store(
    server: Valkey, client: Client
) -> None:
    server.kill()
    client.until("process")
    limiter = client.limiter
    with asyncio.Runner() as loop:
        told = [loop.run(limiter.hit({"failed": "10.0.0.1"})).allowed for _ in range(20)]
    assert sum(told) == 40 // WORKERS
    assert limiter.full("failed", "10.0.0.1") and not limiter.full("failed", "10.0.0.2")


def test_a_limiter_whose_store_is_frozen_closes_in_time(server: Valkey) -> None:
    with server.frozen():
        with client_of(server.url) as client:
            client.hit()
            began = time.monotonic()
        in_time(time.monotonic() - began, 1)
