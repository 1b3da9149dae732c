"""Hostile clients of a real service: bodies without end, heads without end, and no hurry at all."""

import asyncio
import gzip
import os
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.in_time import PATIENCE, in_time
from tests.support.live import Live, live
from tests.support.stocked import copied

FULL = os.environ.get("LOAPI_TEST_DEADLINES") == "full"
"""Whether the deadlines are those that ship; CI has shorter ones, to be done in time."""

HEAD_SECONDS, BODY_SECONDS, REST_SECONDS = (10.0, 30.0, 35.0) if FULL else (2.0, 3.0, 4.0)
SHORTER = (
    f"from entrypoints.http import body, protocol; body.MOST_SECONDS = {BODY_SECONDS};"
    f"protocol.HEAD_SECONDS = {HEAD_SECONDS}; protocol.BODY_SECONDS = {REST_SECONDS}"
)
KEEP_ALIVE_SECONDS = 5.0
"""How long uvicorn keeps a connection that nothing comes on."""
GRACE = 1.0
"""What a cut may come late."""

CROWD = 200
"""How many slow clients of each of five kinds there are: a thousand at once."""
GOOD_CONNECTIONS = 3
"""How many connections the good requests may take meanwhile."""
GOOD_SECONDS = 0.1
"""What half of the good requests take at most meanwhile."""
BODIES = 100
BODY_BYTES = 10 * 1024 * 1024
BOMB_BYTES = 100 * 1024 * 1024
MOST_GROWTH = 64 * 1024 * 1024
DRAIN_SECONDS = 10

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(name="server", scope="module")
def running_server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve with room for every body of a client at once, so that none is refused for that."""
    home = copied(template, tmp_path_factory.mktemp("abused"))
    patches = "" if FULL else SHORTER
    with live(home, patches=patches, LOAPI_CLIENT_CONCURRENCY="1000") as server:
        yield server


def head(token: str | None, *lines: str) -> bytes:
    """Give the head of a write."""
    proof = [] if token is None else [f"Authorization: Bearer {token}"]
    usual = ["POST /api/v1/payoff HTTP/1.1", "Host: loapi", "Content-Type: application/json"]
    return "\r\n".join([*usual, *proof, *lines, "", ""]).encode()


async def connect(server: Live) -> Connection:
    """Open a connection."""
    return await asyncio.open_connection("127.0.0.1", server.port)


async def status_of(reader: asyncio.StreamReader) -> str:
    """Give the status of the answer, or "cut" where none comes."""
    try:
        line = await reader.readline()
    except ConnectionError:
        return "cut"
    return line.split()[1].decode() if line else "cut"


# Bodies


async def pour(writer: asyncio.StreamWriter, chunked: bool) -> None:
    """Send ten megabytes, whatever the answer; without end, where they come in chunks."""
    piece = b"x" * 65_536
    framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    try:
        for _ in range(BODY_BYTES // len(piece)):
            writer.write(framed)
            await writer.drain()
    except ConnectionError:
        pass


async def flood(server: Live, chunked: bool, good: bool) -> Counter[str]:
    """Send all bodies at once; count the answers."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {BODY_BYTES}"
    tokens = [server.token() if good else None for _ in range(BODIES)]

    async def one(token: str | None) -> str:
        reader, writer = await connect(server)
        writer.write(head(token, framing))
        pouring = asyncio.ensure_future(pour(writer, chunked))
        try:
            status = await status_of(reader)
            await pouring
            return status
        finally:
            pouring.cancel()
            writer.close()

    return Counter(await asyncio.gather(*map(one, tokens)))


@pytest.mark.parametrize("good", [True, False], ids=["good token", "no token"])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "content-length"])
def test_a_hundred_large_bodies_cost_little_memory(
    server: Live, chunked: bool, good: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = server.resident()
    server.forget_peak()
    began = time.monotonic()
    answers = asyncio.run(flood(server, chunked, good))
    growth = server.resident("VmHWM") - before
    with capsys.disabled():
        print(f"\n{BODIES} bodies of 10 MB, {'chunked' if chunked else 'announced'}, "
              f"{'good' if good else 'no'} token: {dict(answers)}, peak {growth / 2**20:+.1f} MB "
              f"in {time.monotonic() - began:.1f} s")
    assert answers == {"413" if good else "401": BODIES}
    assert growth <= MOST_GROWTH


def test_a_hundred_bombs_cost_little_memory(
    server: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = gzip.compress(bytes(BOMB_BYTES))

    async def one(token: str) -> str:
        reader, writer = await connect(server)
        writer.write(head(token, "Content-Encoding: gzip", f"Content-Length: {len(bomb)}") + bomb)
        try:
            return await status_of(reader)
        finally:
            writer.close()

    async def all_at_once() -> Counter[str]:
        return Counter(await asyncio.gather(*(one(server.token()) for _ in range(BODIES))))

    before = server.resident()
    server.forget_peak()
    answers = asyncio.run(all_at_once())
    growth = server.resident("VmHWM") - before
    with capsys.disabled():
        print(f"\n{BODIES} bombs of {BOMB_BYTES >> 20} MB in {len(bomb) >> 10} KB: "
              f"{dict(answers)}, peak {growth / 2**20:+.1f} MB")
    assert answers == {"415": BODIES}
    assert growth <= MOST_GROWTH


# Heads


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-{number}: y" for number in range(100_000)],
        ["X-Long: " + "y" * 70_000],
        ["X-Longer: " + "y" * 16 * 1024 * 1024],
        [f"Cookie: a{number}=b" for number in range(10_000)],
    ],
    ids=["100,000 headers", "a head of 70 KB", "a header of 16 MB", "10,000 cookies"],
)
def test_a_head_that_is_too_large_is_refused(server: Live, lines: list[str]) -> None:
    before = server.resident()
    server.forget_peak()

    async def send() -> str:
        reader, writer = await connect(server)
        try:
            writer.write(head(server.token(), "Content-Length: 2", *lines) + b"{}")
            return await status_of(reader)
        finally:
            writer.close()

    assert asyncio.run(asyncio.wait_for(send(), PATIENCE)) in ("400", "431", "cut")
    assert server.resident("VmHWM") - before <= MOST_GROWTH
    assert server.ask("GET", "/location").status_code == 200


# Slow clients


async def idle(_server: Live) -> AsyncIterator[bytes]:
    """Send nothing."""
    while True:
        yield b""


async def slow_head(_server: Live) -> AsyncIterator[bytes]:
    """Send a head that never ends."""
    yield b"GET /api/v1/location HTTP/1.1\r\nHost: loapi\r\nX-Slow: "
    while True:
        yield b"y"


async def slow_body(server: Live) -> AsyncIterator[bytes]:
    """Send a good token, and a body that never ends."""
    yield head(server.token(), "Content-Length: 5000") + b'{"a": "'
    while True:
        yield b"y"


async def slow_stranger(_server: Live) -> AsyncIterator[bytes]:
    """Send no token, and a body that never ends."""
    yield head(None, "Transfer-Encoding: chunked")
    while True:
        yield b"1\r\ny\r\n"


SLOW: dict[str, tuple[Callable[[Live], AsyncIterator[bytes]], float]] = {
    "idle": (idle, HEAD_SECONDS),
    "slow head": (slow_head, HEAD_SECONDS),
    "slow body": (slow_body, REST_SECONDS),
    "slow body without a token": (slow_stranger, REST_SECONDS),
}
"""Ways to be slow, and after how long each is cut."""


async def dawdle(server: Live, how: Callable[[Live], AsyncIterator[bytes]]) -> tuple[float, str]:
    """Be slow until the connection ends; give how long that took, and what came."""
    reader, writer = await connect(server)
    began = time.monotonic()

    async def trickle() -> None:
        try:
            async for piece in how(server):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.3)
        except ConnectionError:
            pass

    trickling = asyncio.ensure_future(trickle())
    try:
        answer = await reader.read()
    except ConnectionError:
        answer = b""
    finally:
        trickling.cancel()
        writer.close()
    return time.monotonic() - began, answer[9:12].decode()


LARGE_ANSWER = "/api/v1/naics-code?limit=1000"
"""180 KB, of which a client that does not read takes 4."""


async def unread(server: Live) -> float:
    """Ask for a large answer, and take it byte by byte until cancelled; give when it was asked."""
    loop, token = asyncio.get_running_loop(), server.token()
    head = f"GET {LARGE_ANSWER} HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer {token}\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await loop.sock_connect(connection, ("127.0.0.1", server.port))
        await loop.sock_sendall(connection, head.encode())
        asked_at = time.monotonic()
        # The kernel goes on to give what the service has long let go of.
        try:
            while await loop.sock_recv(connection, 1):
                await asyncio.sleep(0.3)
        except (ConnectionError, asyncio.CancelledError):
            pass
    return asked_at


async def until_let_go(server: Live, sockets: int) -> None:
    """Wait until the service holds no more connections than it did."""
    deadline = time.monotonic() + PATIENCE
    while (held := server.sockets()) > sockets:
        await asyncio.sleep(0.05)
        assert time.monotonic() < deadline, f"{held} sockets are held for ever"


async def good_requests(server: Live, stop: asyncio.Event) -> list[tuple[int, float]]:
    """Ask well and often until told to stop; give each status and its seconds."""
    found = []
    async with httpx.AsyncClient(
        base_url=server.base, trust_env=False, verify=False, timeout=PATIENCE
    ) as client:
        while not stop.is_set():
            began = time.monotonic()
            headers = {"authorization": f"Bearer {server.token('lx')}"}
            answer = await client.get("/api/v1/location", headers=headers)
            found.append((answer.status_code, time.monotonic() - began))
            await asyncio.sleep(0.02)
    return found


@dataclass(frozen=True)
class Siege:
    """What slow clients met, and others meanwhile."""

    ends: dict[str, list[tuple[float, str]]]
    let_go: float
    """Seconds from the last slow reader's question until no slow client was connected."""
    good: list[tuple[int, float]]
    """Status and seconds of each good request."""


async def _besieged(server: Live, crowd: int) -> Siege:
    stop, held = asyncio.Event(), server.sockets()
    asking = asyncio.ensure_future(good_requests(server, stop))
    readers = [asyncio.ensure_future(unread(server)) for _ in range(crowd)]
    ends = {
        name: asyncio.gather(*(dawdle(server, how) for _ in range(crowd)))
        for name, (how, _) in SLOW.items()
    }
    found = {name: list(await end) for name, end in ends.items()}
    await until_let_go(server, held + GOOD_CONNECTIONS)
    let_go_at = time.monotonic()
    for reader in readers:
        reader.cancel()
    let_go = let_go_at - max(await asyncio.gather(*readers))
    stop.set()
    return Siege(found, let_go, await asking)


def test_slow_clients_are_cut_while_others_are_served(
    server: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    # The answer is rendered once, so that what is measured is how it is taken.
    assert server.ask("GET", LARGE_ANSWER.removeprefix("/api/v1")).status_code == 200
    before = server.resident()
    server.forget_peak()
    siege = asyncio.run(_besieged(server, CROWD))
    growth = server.resident("VmHWM") - before
    ends, good = siege.ends, siege.good
    waits = sorted(seconds for _, seconds in good)
    with capsys.disabled():
        print(f"\n{CROWD} slow clients of each kind, deadlines {HEAD_SECONDS}/{REST_SECONDS} s:")
        print(f"  slow readers too: all let go after {siege.let_go:.1f} s, "
              f"peak {growth / 2**20:+.1f} MB")
        for name, found in ends.items():
            took = [seconds for seconds, _ in found]
            print(f"  {name}: cut after {min(took):.1f} to {max(took):.1f} s, "
                  f"{dict(Counter(status for _, status in found))}")
        print(f"  good requests: {len(good)}, p50 {waits[len(waits) // 2] * 1e3:.0f} ms, "
              f"p99 {waits[len(waits) * 99 // 100] * 1e3:.0f} ms")
    assert {name: len(found) for name, found in ends.items()} == dict.fromkeys(SLOW, CROWD)
    assert {status for _, status in ends["slow body"]} == {"408"}
    assert {status for _, status in ends["slow body without a token"]} == {"401"}
    assert {status for status, _ in good} == {200}
    assert growth <= MOST_GROWTH
    for name, found in ends.items():
        in_time(max(seconds for seconds, _ in found), SLOW[name][1] + GRACE)
    in_time(siege.let_go, max(REST_SECONDS, KEEP_ALIVE_SECONDS) + GRACE)
    in_time(waits[len(waits) // 2], GOOD_SECONDS)


def test_sigterm_ends_the_service_with_stuck_clients_open(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def stuck(server: Live) -> tuple[int, float]:
        open_now = [await connect(server) for _ in range(3)]
        open_now[1][1].write(b"GET /api/v1/location HTTP/1.1\r\nHost: ")
        open_now[2][1].write(head(server.token(), "Content-Length: 5000") + b"{")
        await asyncio.sleep(0.2)
        try:
            return await asyncio.to_thread(server.stop)
        finally:
            for _, writer in open_now:
                writer.close()

    # The deadlines that ship, so that it is not they that set the stuck clients free.
    with live(home) as stopping:
        code, seconds = asyncio.run(stuck(stopping))
    with capsys.disabled():
        print(f"\nSIGTERM with stuck clients: exit {code} after {seconds:.1f} s")
    assert code == 0
    assert "Traceback" not in (home / "serve.log").read_text("utf-8")
    in_time(seconds, DRAIN_SECONDS)
