"""Processes that write to one SQLite file let each other in, one after the other."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, event
from sqlalchemy.exc import OperationalError

from adapters.sql import sqlite
from adapters.sql.database import Database
from adapters.sql.sqlite import open_sqlite
from adapters.sql.sqlite_turn import BEGIN, begin_in_turn
from adapters.sql.tables import lease
from tests.contract.conftest import opened_copy

TURNS = 20
HOLDS = 0.02
"""Seconds that the greedy one writes at a time."""


@contextmanager
def two_processes(empty: Path, folder: Path) -> Iterator[tuple[Database, Database]]:
    """Give what two processes have of one file: nothing in common but the file."""
    one, other = opened_copy(empty, folder), open_sqlite(f"sqlite:///{folder / 'loapi.db'}")
    yield one, other
    one.close()
    other.close()


def write(database: Database, seconds: float = 0.0) -> None:
    """Hold SQLite's lock for some time."""
    with database.writing() as connection:
        connection.execute(delete(lease))
        time.sleep(seconds)


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Work without a pause in a thread for as long as the block lasts; it is under way."""
    stop, begun = threading.Event(), threading.Event()

    def run() -> None:
        while not stop.is_set():
            work()
            begun.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert begun.wait(30)
        yield
    finally:
        stop.set()
        thread.join()


def test_who_writes_without_a_pause_lets_another_process_in_each_time(
    empty_sqlite: Path, tmp_path: Path
) -> None:
    writes = 0

    with two_processes(empty_sqlite, tmp_path) as (greedy, other):
        def write_greedily() -> None:
            nonlocal writes
            write(greedy, HOLDS)
            writes += 1

        with meanwhile(write_greedily):
            before = writes
            for _ in range(TURNS):
                write(other)
            assert writes - before <= 2 * TURNS, "by itself SQLite hardly lets the other in"


def test_a_process_that_is_stopped_in_the_queue_keeps_nobody_for_good(
    empty_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with two_processes(empty_sqlite, tmp_path) as (one, _):
        write(one)
        place = os.open(tmp_path / "loapi.db-queue", os.O_RDONLY)
        fcntl.flock(place, fcntl.LOCK_EX)
        write(one)
        os.close(place)


def test_what_is_wrong_beside_another_writer_is_told_at_once(
    empty_sqlite: Path, tmp_path: Path
) -> None:
    with two_processes(empty_sqlite, tmp_path) as (one, _), one.writing() as connection:
        tried: list[str] = []
        event.listen(one.writing_engine, "before_cursor_execute", lambda *of: tried.append(of[2]))
        with pytest.raises(OperationalError, match="within a transaction"):
            begin_in_turn(connection, tmp_path / "queue", 1e9)
        assert tried == [BEGIN]
