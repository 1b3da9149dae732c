"""What calls take in the checkout that this process runs in, turn by turn: `gains` starts it.

`stock HOME` fills a folder. `measure HOME` works on a copy of it: for each line that it is sent it
takes a turn, some tens of milliseconds of one call without sockets, 32 requests at once, and
answers with a line: the call, and its microseconds of processor time. When every call has had its
turns, it ends.
"""

import argparse
import asyncio
import gc
import json
import os
import pickle
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import uvloop
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.lifespan.on import LifespanOn
from uvicorn.server import ServerState

from entrypoints.container import wiring
from entrypoints.http.app import create_app
from entrypoints.settings import read_settings
from tests.performance.calling import Request, answered
from tests.performance.calls import PAYOFF, READS, Call, Loans, lines
from tests.performance.stocked import Stocked, stocked

AT_ONCE = 32
TURNS = 6
WARM_UP = 300
LIST = Call("GET /naics-code/?limit=50", READS["GET /naics-code/?limit=50"], 100)
WRITES = {
    Call("POST /payoff", PAYOFF, 100, writes=True): 200,
    Call("POST /payoff", PAYOFF, 0, writes=True): 200,
}
"""How many requests a turn makes."""
READ = {
    Call("GET /user/{id}", READS["GET /user/{id}"], 100): 400,
    LIST: 2_500,
    replace(LIST, tokens=WARM_UP + TURNS * 1_000): 1_000,
}
LOANS = sum(WARM_UP + TURNS * count for count in WRITES.values())
RECORDS = LOANS // TURNS - 50
"""How many records the relay seals in a turn, or a few more."""

HEAD = "GET {} HTTP/1.1\r\nhost: loapi.test\r\nauthorization: Bearer {}\r\n\r\n"

Tell = Callable[[str, int, int], None]


def main() -> None:
    """Fill a folder, or measure on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("stock", "measure"))
    parser.add_argument("home", type=Path)
    parser.add_argument("--uvicorn", action="store_true", help="a list, with uvicorn's part")
    chosen = parser.parse_args()
    kept = chosen.home / "stocked.pickle"
    if chosen.what == "stock":
        kept.write_bytes(pickle.dumps(stocked(chosen.home, LOANS)))
        return
    data, tell = replace(pickle.loads(kept.read_bytes()), home=chosen.home), _telling()
    if chosen.uvicorn:
        # As a server does: timers cost less on this loop.
        uvloop.run(_take_turns_connected(data, tell))
        return
    asyncio.run(_take_turns(data, WRITES, tell))
    _seal(tell)
    asyncio.run(_take_turns(data, READ, tell))


def _telling() -> Tell:
    """Give what tells of a turn; what the service prints goes nowhere from now on."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def tell(call: str, nanoseconds: int, count: int) -> None:
        print(json.dumps([call, nanoseconds / count / 1e3]), file=output, flush=True)

    return tell


async def _take_turns(data: Stocked, calls: dict[Call, int], tell: Tell) -> None:
    loans = Loans(data)
    async with _running() as app:
        for call, count in calls.items():
            requests = _requests(call, data, loans)
            await answered(app, islice(requests, WARM_UP), AT_ONCE, 60)
            gc.collect()
            gc.freeze()
            for _ in range(TURNS):
                ready = [*islice(requests, count)]
                input()
                began = time.process_time_ns()
                await answered(app, ready, AT_ONCE, 60)
                tell(_name(call), time.process_time_ns() - began, count)


def _name(call: Call) -> str:
    return call.title.replace(", 100 tokens", "").replace(f"{call.tokens:,}", "new")


@asynccontextmanager
async def _running() -> AsyncIterator[ASGIApp]:
    """Start the service as a server does, without a relay."""
    app = create_app(wiring.services_of(wiring.build(read_settings())))
    life = LifespanOn(Config(app, log_config=None))
    await life.startup()
    try:
        yield app
    finally:
        await life.shutdown()


def _requests(call: Call, data: Stocked, loans: Loans) -> Iterator[Request]:
    """Give requests: each line once where something is written, else again and again."""
    for line in cycle(lines(call, data, loans)):
        token, path, *body = line.split(" ", 2)
        loans.used(1 if call.writes else 0)
        yield Request("POST" if body else "GET", path, token, "".join(body).encode())


def _seal(tell: Tell) -> None:
    """Let the relay seal what was written."""
    container = wiring.build(read_settings())
    relay = container.relay()
    for _ in range(TURNS):
        input()
        began, count = time.process_time_ns(), 0
        while count < RECORDS:
            count += relay.step()
        tell("the relay, a record", time.process_time_ns() - began, count)
    relay.lease.release()
    container.runner().close()
    container.database().close()


async def _take_turns_connected(data: Stocked, tell: Tell) -> None:
    """Ask for the list through uvicorn's protocol, over connections that lead nowhere."""
    # pylint: disable-next=import-outside-toplevel  # the oldest checkouts have none
    from entrypoints.http.protocol import PunctualProtocol

    sent = cycle(
        HEAD.format(path, token).encode()
        for token, path in (line.split() for line in lines(LIST, data, Loans(data)))
    )
    async with _running() as app:
        config = Config(app, log_config=None, http=PunctualProtocol)
        for turn in range(TURNS + 1):
            protocols = [PunctualProtocol(config, ServerState(), {}) for _ in range(AT_ONCE)]
            both = [(protocol, Nowhere()) for protocol in protocols]
            for protocol, transport in both:
                protocol.connection_made(transport)
            if turn:
                input()
            began = time.process_time_ns()
            for _ in range(READ[LIST] // AT_ONCE):
                for protocol in protocols:
                    protocol.data_received(next(sent))
                while not all(protocol.cycle.response_complete for protocol in protocols):
                    await asyncio.sleep(0)
            took = time.process_time_ns() - began
            for protocol, transport in both:
                assert transport.answered == READ[LIST] // AT_ONCE, transport.answered
                protocol.connection_lost(None)
            if turn:
                tell(f"{_name(LIST)}, with uvicorn", took, READ[LIST] // AT_ONCE * AT_ONCE)


class Nowhere(asyncio.Transport):
    """Takes all that is written, and counts successes."""

    answered = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Look whether an answer begins here."""
        self.answered += bytes(data[:12]) == b"HTTP/1.1 200"

    def get_write_buffer_size(self) -> int:
        """Say that all is on its way."""
        return 0

    def is_closing(self) -> bool:
        """Stay open."""
        return False

    def close(self) -> None:
        """Nobody is at the other end."""


if __name__ == "__main__":
    main()
