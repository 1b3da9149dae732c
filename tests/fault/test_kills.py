"""kill -9 and SIGSTOP at random moments lose nothing, double nothing, and unsay nothing.

A short form runs with all tests. The long form, with 300 kills under load, is
`LOAPI_TEST_DRILL_KILLS=300 uv run pytest tests/fault/test_kills.py -s`; it prints a seed, and
LOAPI_TEST_DRILL_SEED draws the same moments again.
"""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from tests.fault import drill
from tests.fault.drill import Book, Load, Service
from tests.support.in_time import PATIENCE, in_time

TAKEOVER = 10.0
"""Seconds in which another relay goes on when the leader is gone."""

LEADS = 3
"""Each so manieth kill waits until the relay leads: after a kill, that takes as long as a lease."""


def test_kill_of_all_at_random_moments_loses_and_doubles_nothing(service: Service) -> None:
    chance, book, started = drill.dice("kill of all"), Book(), list[float]()
    for number in range(drill.KILLS):
        if number % LEADS == 0:
            drill.await_drained(service.database)
        with Load(service, book) as load:
            load.await_acked(1)
            time.sleep(chance.uniform(0.05, 0.5))
            service.kill()
        started.append(service.start())
        drill.resolve(service, book)
        drill.check_writes(service.database, book)
    drill.check(service.database, book)
    drill.verify(service.home)
    print(f"{drill.KILLS} kills: {book.told()}; slowest start {max(started):.1f} s")
    assert book.resolved, "no kill met a request"


def test_a_relay_that_is_killed_is_replaced_in_time(service: Service) -> None:
    chance, book, worst = drill.dice("kill of the relay"), Book(), 0.0
    for _ in range(max(1, drill.KILLS // 6)):
        with Load(service, book) as load:
            load.await_acked()
            _await_sealing(service.database)
            time.sleep(chance.uniform(0.05, 0.5))
            killed = service.relay()
            os.kill(killed, signal.SIGKILL)
            began = time.monotonic()
            _await_sealing(service.database)
            worst = max(worst, time.monotonic() - began)
            assert service.relay() != killed
        assert not [word for word in _words(book) if word], "writes go on without a relay"
    drill.resolve(service, book)
    drill.check(service.database, book)
    print(f"{book.told()}; slowest takeover {worst:.1f} s")
    in_time(worst, TAKEOVER)


def test_a_server_that_is_killed_alone_loses_nothing(service: Service) -> None:
    chance, book = drill.dice("kill of the server"), Book()
    for _ in range(max(2, drill.KILLS // 3)):
        with Load(service, book) as load:
            load.await_acked()
            time.sleep(chance.uniform(0.05, 0.5))
            relay = service.relay()
            service.kill_server()
        service.start()
        drill.resolve(service, book)
        drill.check_writes(service.database, book)
        drill.wait_for(partial(_is_gone, relay), PATIENCE, "a relay outlives its server")
    drill.check(service.database, book)
    print(book.told())


def test_a_leader_that_is_stopped_for_longer_than_its_lease_seals_nothing_more(
    service: Service,
) -> None:
    drill.dice("stop of the leader")
    book = Book()
    with _another_relay(service.home) as other, Load(service, book) as load:
        load.await_acked()
        _await_sealing(service.database)
        stopped = _stop_between_writes(service, other)
        began = time.monotonic()
        _await_sealing(service.database)
        took = time.monotonic() - began
        time.sleep(1)
        os.kill(stopped, signal.SIGCONT)
        time.sleep(2)
    drill.resolve(service, book)
    drill.check(service.database, book)
    print(f"{book.told()}; takeover {took:.1f} s")
    in_time(took, TAKEOVER)


def _await_sealing(database: Path) -> None:
    """Wait until a relay leads: it seals what has come in since."""
    before = drill.sealed_until_now(database)
    drill.wait_for(
        lambda: drill.sealed_until_now(database) > before, PATIENCE, "no relay goes on"
    )


def _words(book: Book) -> set[str]:
    return {answer.word for answer in book.refused.values()}


def _is_gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text("ascii", "replace").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@contextmanager
def _another_relay(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    relay = drill.command(home, "audit", "relay")
    try:
        yield relay
    finally:
        drill.end_group(relay)


def _stop_between_writes(service: Service, other: "subprocess.Popen[bytes]") -> int:
    """Stop the relay that leads, but not while it holds SQLite's one write lock."""
    with closing(sqlite3.connect(service.database, timeout=PATIENCE)) as connection:
        (holder,) = connection.execute("SELECT holder FROM lease").fetchone()
    leader = int(holder.split("/")[1])
    assert leader in (service.relay(), other.pid)
    while True:
        os.kill(leader, signal.SIGSTOP)
        try:
            with closing(sqlite3.connect(service.database, timeout=0.5)) as connection:
                connection.execute("BEGIN IMMEDIATE")
            return leader
        except sqlite3.OperationalError:
            os.kill(leader, signal.SIGCONT)
            time.sleep(0.05)
