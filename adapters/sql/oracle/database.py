"""Engines over the driver's sessions, with a label and a deadline on each transaction."""

from typing import Any, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from adapters.sql.database import Database, Label, guard
from adapters.sql.oracle.failures import failure, keep_to_codes

MODULE = "loapi"
"""What V$SESSION.MODULE shows of every session of ours."""

LONGEST_TEXT = 64
"""Bytes of V$SESSION.CLIENT_IDENTIFIER and CLIENT_INFO."""

LONGEST_ACTION = 32
"""Bytes of V$SESSION.ACTION that every release keeps."""

PAGE = 201
"""Rows that come with one answer: the largest page that callers get, and the row behind it."""

SPARE = 2
"""Sessions beside those of the workers: for readiness, and for what a write asks meanwhile."""


class Sessions(Protocol):
    """Where sessions come from; closing one of them gives it back."""

    def acquire(self) -> Any:
        """Give a connection of the driver's that nobody else uses.

        Raises an error of the driver's where none is to be had in time. A call on it ends in
        seconds until another deadline is set.
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
        # Before what SQLAlchemy asks a server that it meets, and before it sets autocommit.
        event.listen(engine, "connect", _begin_anew, insert=True)
        event.listen(engine, "handle_error", keep_to_codes)
        event.listen(engine, "before_cursor_execute", _take_pages)
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


def _begin_anew(session: Any, _record: Any) -> None:
    """Let nothing of an earlier transaction stand: what is set stays on a session at home.

    The deadline is that of the sessions until a transaction has its own.
    """
    session.autocommit = False
    _name(session, Label())


def _take_pages(_connection: Connection, cursor: Any, *_statement: Any) -> None:
    """Let rows come along with the execution; by itself the driver takes two, and asks again."""
    cursor.prefetchrows = cursor.arraysize = PAGE


def _put_label(connection: Connection, label: Label) -> None:
    session: Any = connection.connection.driver_connection
    _name(session, label)
    # For each round trip; the driver takes 0 for no deadline at all.
    session.call_timeout = max(1, int(label.seconds * 1000))


def _name(session: Any, label: Label) -> None:
    session.client_identifier = _cut(label.client, LONGEST_TEXT)
    session.module = MODULE
    session.action = _cut(label.action, LONGEST_ACTION)
    session.clientinfo = _cut(label.request, LONGEST_TEXT)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
