"""Engines over the driver's sessions, with a label and a deadline on each transaction."""

from typing import Any, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from adapters.sql.database import Database, Label, guard
from adapters.sql.oracle.failures import failure

MODULE = "loapi"
"""What V$SESSION.MODULE shows of every session of ours."""

LONGEST_TEXT = 64
"""Bytes of V$SESSION.CLIENT_IDENTIFIER and CLIENT_INFO."""

LONGEST_ACTION = 32
"""Bytes of V$SESSION.ACTION that every release keeps."""

SPARE = 2
"""Sessions beside those of the workers: for readiness, and for what a write asks meanwhile."""


class Sessions(Protocol):
    """Where sessions come from; closing one of them gives it back."""

    def acquire(self) -> Any:
        """Give a connection of the driver's that nobody else uses.

        Raises an error of the driver's, or OSError, where none is to be had in time.
        """

    def close(self) -> None:
        """End all sessions; returns in seconds, however the database fares."""


def database_on(sessions: Sessions, size: int) -> Database:
    """Give the database that as many sessions as `size` lead to."""
    workers = max(1, (size - SPARE) // 2)
    writing = _engine(sessions)
    # A read needs no commit and no rollback: one round trip a statement, and none besides.
    reading = _engine(sessions, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    for engine in (writing, reading):
        event.listen(engine, "checkout", _label_anew)
    return Database(
        guard(writing),
        guard(reading),
        writers=workers,
        readers=workers,
        failure=failure,
        put_label=_put_label,
        end=sessions.close,
    )


def _engine(sessions: Sessions, **options: Any) -> Engine:
    return create_engine(
        "oracle+oracledb://",
        creator=sessions.acquire,
        poolclass=NullPool,
        # The driver's pool rolls back what is open when a session comes home.
        pool_reset_on_return=None,
        hide_parameters=True,
        **options,
    )


def _label_anew(_connection: Any, record: Any, _proxy: Any) -> None:
    """Let no label of an earlier transaction stand: they stay on a session that comes home."""
    _put(record.driver_connection, Label())


def _put_label(connection: Connection, label: Label) -> None:
    _put(connection.connection.driver_connection, label)


def _put(session: Any, label: Label) -> None:
    session.client_identifier = _cut(label.client, LONGEST_TEXT)
    session.module = MODULE
    session.action = _cut(label.action, LONGEST_ACTION)
    session.clientinfo = _cut(label.request, LONGEST_TEXT)
    session.call_timeout = int(label.seconds * 1000)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
