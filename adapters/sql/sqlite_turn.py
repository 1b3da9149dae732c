"""Turns at writing to an embedded database, between processes that would not let each other in.

SQLite's own lock has no queue: who waits for it looks ever more rarely, at last every 100 ms, and
finds it taken again by a process that writes without a pause, for seconds. So who wants to write
stands first in a queue, which has room for one, until the lock is his; whoever has just written
has to come behind him.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

LOOKS_EVERY = 0.001
"""Seconds between two looks at the queue, and as long as SQLite waits for its lock at a time."""

PATIENCE = 0.25
"""Seconds for which a process waits for its place in the queue: one that is stopped there keeps it,
and all the others go for the lock itself then."""

BEGIN = "BEGIN IMMEDIATE"


def begin_in_turn(connection: Connection, queue: Path, seconds: float) -> None:
    """Begin to write as soon as it is one's turn; raises what SQLite says when time is up.

    The connection's own `busy_timeout` has to be `LOOKS_EVERY`.
    """
    until = time.monotonic() + seconds
    with _first_in(queue, min(until, time.monotonic() + PATIENCE)):
        while time.monotonic() < until:
            if _has_begun(connection):
                return
        connection.exec_driver_sql(BEGIN)


def _has_begun(connection: Connection) -> bool:
    """Try to begin; False where another writes."""
    try:
        connection.connection.cursor().execute(BEGIN)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        connection.exec_driver_sql(BEGIN)
    return True


if sys.platform == "win32":

    @contextmanager
    def _first_in(_queue: Path, _until: float) -> Iterator[None]:
        """Go without a queue."""
        yield

else:
    import fcntl

    @contextmanager
    def _first_in(queue: Path, until: float) -> Iterator[None]:
        """Stand first in the queue for as long as the block lasts.

        A process that ends leaves it; past one that is stopped in it others go on in time.
        """
        place = os.open(queue, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not _is_free(place) and time.monotonic() < until:
                time.sleep(LOOKS_EVERY)
            yield
        finally:
            os.close(place)

    def _is_free(place: int) -> bool:
        """Take the place, unless somebody has it."""
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
