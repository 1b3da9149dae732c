"""The embedded database: one writer, readers beside it, nothing lost once committed."""

import os
import sqlite3
import time
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure, guard
from adapters.sql.sqlite_turn import LOOKS_EVERY, begin_in_turn

BUSY_SECONDS = 5.0
"""How long a connection waits for another process's write."""

LARGEST_LOG = 12_000_000
"""Bytes of the write-ahead log beyond which a write waits for the readers that it lags behind."""

LOG_SECONDS = 0.25
"""How long it waits for them."""

ANALYZED_ROWS = 1000
"""How many rows of each index are looked at for statistics: milliseconds, however many it has."""

LEAST_ROWS = 1_048_576
"""What a table is said to have at least, as SQLite assumes where it knows nothing: statistics of
one that was small would have it read whole, for hours, when it is not small any more."""

RENEWED_SECONDS = 3600
"""How old a connection gets: it knows the statistics of when it was opened."""

LOG_GROWTH = 4_000_000
"""Bytes that the log grows by, where they took longer, before a write waits again."""

_SHORT_WAIT = f"PRAGMA busy_timeout={LOOKS_EVERY * 1000:.0f}"
"""How long SQLite itself waits on a connection that writes: it has no queue."""


def open_sqlite(url: str) -> Database:
    """Open the database file that the URL names; it is made where there is none."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise ValueError("name a file, as sqlite:///var/loapi.db")
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    log, queue = _WriteAheadLog(Path(f"{name}-wal")), Path(f"{name}-queue")
    writing = _engine(url, query_only=False)
    reading = _engine(url, query_only=True)

    @event.listens_for(writing, "begin")
    def _begin_writing(connection: Connection) -> None:
        log.shorten(connection)
        begin_in_turn(connection, queue, BUSY_SECONDS)

    @event.listens_for(reading, "begin")
    def _begin_reading(connection: Connection) -> None:
        log.wait()
        connection.exec_driver_sql("BEGIN")

    return Database(
        guard(writing), reading, writers=1, readers=2, failure=failure, tend=_analyze
    )


def _analyze(connection: Connection) -> None:
    """Without statistics, SQLite takes any index for as good as any other."""
    connection.exec_driver_sql(f"PRAGMA analysis_limit={ANALYZED_ROWS}")
    connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql(
        f"UPDATE sqlite_stat1 SET stat = {LEAST_ROWS} || substr(stat, 1 + length(stat + 0))"
        f" WHERE stat + 0 < {LEAST_ROWS}"
    )


def failure(error: BaseException) -> Failure:
    """Say what an error of SQLite means."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return Failure.FAULT
    return _MEANING.get(code & 0xFF, Failure.FAULT)


_MEANING = {
    sqlite3.SQLITE_CONSTRAINT: Failure.CLASH,
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
    sqlite3.SQLITE_FULL: Failure.UNAVAILABLE,
    sqlite3.SQLITE_IOERR: Failure.UNAVAILABLE,
    sqlite3.SQLITE_CANTOPEN: Failure.UNAVAILABLE,
    sqlite3.SQLITE_READONLY: Failure.UNAVAILABLE,
    sqlite3.SQLITE_CORRUPT: Failure.UNAVAILABLE,
    sqlite3.SQLITE_NOTADB: Failure.UNAVAILABLE,
}


def _engine(url: str, *, query_only: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_recycle=RENEWED_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions of its own: they would pin the WAL.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA query_only={int(query_only)}")
        if not query_only:
            connection.execute(_SHORT_WAIT)

    return engine


class _WriteAheadLog:
    """Keeps the log short: readers without a gap between them would let it grow for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = Event()
        self._open.set()
        self._again_at = 0.0
        self._again_from = LARGEST_LOG

    def shorten(self, connection: Connection) -> None:
        """Bring a long log into the database and empty it, unless a reader takes too long."""
        size = self._size()
        due = size > self._again_from or time.monotonic() > self._again_at
        if size <= LARGEST_LOG or not due:
            return
        self._open.clear()
        try:
            for pragma in (
                f"PRAGMA busy_timeout={LOG_SECONDS * 1000:.0f}",
                "PRAGMA wal_checkpoint(TRUNCATE)",
                _SHORT_WAIT,
            ):
                connection.exec_driver_sql(pragma).all()
        finally:
            self._open.set()
        self._again_at = time.monotonic() + 1
        self._again_from = max(self._size() + LOG_GROWTH, LARGEST_LOG)

    def wait(self) -> None:
        """Let no reader begin while the log is brought in: it would be one more to wait for."""
        self._open.wait(LOG_SECONDS)

    def _size(self) -> int:
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:
            return 0
