"""The embedded database: one writer, readers beside it, nothing lost once committed."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure, guard

BUSY_SECONDS = 5.0
"""How long a connection waits for another process's write."""

LARGEST_LOG = 12_000_000
"""Bytes of the write-ahead log beyond which a write waits for the readers that it lags behind."""

LOG_SECONDS = 1.0
"""How long it waits for them."""

LOG_GROWTH = 4_000_000
"""Bytes that the log grows by, where they took longer, before a write waits again."""


def open_sqlite(url: str) -> Database:
    """Open the database file that the URL names; it is made where there is none."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise ValueError("LOAPI_DATABASE_URL: name a file, as sqlite:///var/loapi.db")
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    writing = _engine(url, "BEGIN IMMEDIATE", query_only=False)
    reading = _engine(url, "BEGIN", query_only=True)
    return Database(guard(writing), reading, writers=1, readers=2, failure=failure)


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


def _engine(url: str, begin: str, *, query_only: bool) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "cached_statements": 512}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions of its own: they would pin the WAL.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA query_only={int(query_only)}")

    log = _WriteAheadLog(Path(f"{engine.url.database}-wal"))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not query_only:
            log.shorten(connection)
        connection.exec_driver_sql(begin)

    return engine


class _WriteAheadLog:
    """Keeps the log short: readers without a gap between them would let it grow for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._again_at = 0.0
        self._again_from = LARGEST_LOG

    def shorten(self, connection: Connection) -> None:
        """Bring a long log into the database and empty it, unless a reader takes too long."""
        size = self._size()
        due = size > self._again_from or time.monotonic() > self._again_at
        if size <= LARGEST_LOG or not due:
            return
        for pragma in (
            f"busy_timeout={LOG_SECONDS * 1000:.0f}",
            "wal_checkpoint(TRUNCATE)",
            f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        ):
            connection.exec_driver_sql(f"PRAGMA {pragma}").all()
        self._again_at = time.monotonic() + LOG_SECONDS
        self._again_from = max(self._size() + LOG_GROWTH, LARGEST_LOG)

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0
