"""A database as the other modules see it, and the guard that lets no write past the journal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

EXPLAINED = "loapi_explained"
"""The mark of a connection whose writes go through the journal."""


class Failure(Enum):
    """What an error of the driver means for the unit that met it."""

    CLASH = auto()
    """A unique key or another constraint refuses it."""
    AGAIN = auto()
    """Nothing is wrong with it; the database asks for another try."""
    BUSY = auto()
    """The database would not take it in time."""
    UNAVAILABLE = auto()
    """The database cannot be reached, is full or broken; nothing was committed."""
    LATE = auto()
    """The database took too long: of a commit under way nobody knows whether it happened."""
    LOST = auto()
    """The connection broke: of a commit under way nobody knows whether it happened."""
    FAULT = auto()
    """Our own mistake."""


LONGEST_CALL = 30.0
"""Seconds that the database may take for one call, where nobody waits for it."""


class UnexplainedWrite(RuntimeError):
    """A statement would change a table outside a unit of work."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a transaction is for, as the database's own tools show it beside the session."""

    action: str = "background"
    """What is done, as "payoff.request"."""
    client: str = "loapi"
    """For whom: the client, and the user behind it."""
    request: str = ""
    """The id of the request, or of a batch's first one."""
    seconds: float = LONGEST_CALL
    """How long the database may take for one call."""


def _nothing() -> None:
    """There is nothing to end beside the engines."""


def _untended(_connection: Connection) -> None:
    """Oracle gathers statistics of its own accord."""


def _unlabelled(_connection: Connection, _label: Label) -> None:
    """An embedded database has nobody to show a label to, and its own deadline."""


@dataclass(frozen=True, slots=True)
class Database:
    """Connections for writing and for reading, and what differs between databases."""

    writing_engine: Engine
    reading_engine: Engine
    writers: int
    """How many connections may write at a time."""
    readers: int
    """How many connections read beside them."""
    failure: Callable[[BaseException], Failure]
    put_label: Callable[[Connection, Label], None] = _unlabelled
    """Has to be called before the first statement of a transaction."""
    label: Label = Label()
    """Of transactions that are given none."""
    tend: Callable[[Connection], None] = _untended
    """Brings up to date what the optimizer knows of the data, in a transaction for writing."""
    end: Callable[[], None] = _nothing
    """Ends what the engines took their connections from."""

    def doing(self, action: str, seconds: float = LONGEST_CALL) -> "Database":
        """Give the same database, its transactions labelled with what they are for."""
        return replace(self, label=Label(action, seconds=seconds))

    @contextmanager
    def writing(self, label: Label | None = None) -> Iterator[Connection]:
        """Give a connection in a transaction that commits at the end, or rolls back."""
        with self.writing_engine.connect() as connection:
            self.put_label(connection, label or self.label)
            with connection.begin(), explained(connection):
                yield connection

    @contextmanager
    def reading(self, label: Label | None = None) -> Iterator[Connection]:
        """Give a connection to read from: each statement sees one state of the database.

        On SQLite all statements see the same one; on Oracle each sees what is committed by then.
        """
        with self.reading_engine.connect() as connection:
            self.put_label(connection, label or self.label)
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.reading_engine.dispose()
        self.writing_engine.dispose()
        self.end()


@contextmanager
def explained(connection: Connection) -> Iterator[None]:
    """Let statements that change tables through, for as long as the block lasts."""
    connection.info[EXPLAINED] = True
    try:
        yield
    finally:
        if not connection.closed and not connection.invalidated:
            connection.info.pop(EXPLAINED, None)


def guard(engine: Engine) -> Engine:
    """Refuse every INSERT, UPDATE, DELETE and MERGE outside `explained`, however it is made."""
    event.listen(engine, "before_cursor_execute", _refuse_unexplained)
    return engine


def _refuse_unexplained(
    connection: Connection,
    _cursor: DBAPICursor,
    statement: str,
    _parameters: Any,
    _context: ExecutionContext | None,
    _executemany: bool,
) -> None:
    if EXPLAINED not in connection.info and _changes_rows(statement):
        raise UnexplainedWrite("a write outside a unit of work leaves no audit record")


_HARMLESS = ("SELECT", "PRAGMA", "CREATE", "DROP", "ALTER", "COMMENT", "EXPLAIN")
_BEGINNINGS = ("BEGIN", "BEGIN IMMEDIATE")


def _changes_rows(statement: str) -> bool:
    """Tell whether a statement may change rows: all do but those known not to."""
    text = statement.lstrip(" \t\r\n(").upper()
    return text not in _BEGINNINGS and not text.startswith(_HARMLESS)
