"""An Oracle that answers each statement as a test tells it to, behind the real dialect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import NullPool, create_engine

from adapters.sql.database import Database, Failure, Label, guard

Row = Mapping[str, Any]
Answer = Callable[[str, Mapping[str, Any]], Sequence[Row] | None]
"""Gives the rows of a statement, or None where it has none; raises what the server says."""

GREETING = {
    "sys_context( 'userenv', 'current_schema' )": "LOAPI_OWNER",
    "v$parameter": "19.0.0",
    "1.1": "1.1",
}
"""What SQLAlchemy asks a server that it meets."""


@dataclass
class Cursor:
    """Answers what it is asked."""

    session: "Session"
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    description: list[tuple[Any, ...]] | None = None
    rowcount: int = 1
    arraysize: int = 100
    outputtypehandler: Any = None

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement."""
        if "local_transaction_id" in sql:
            return  # a transaction is begun, so that its isolation level can be read
        greeting = next((answer for word, answer in GREETING.items() if word in sql), None)
        found = [{"ANSWER": greeting}] if greeting else self.session.run(sql, parameters or {})
        self.rows = [tuple(row.values()) for row in found or ()]
        names = found[0] if found else ["NOTHING"]
        self.description = None if found is None else [
            (name.upper(), None, None, None, None, None, True) for name in names
        ]

    def setinputsizes(self, *_none: Any, **_sizes: Any) -> None:
        """Take the types of binds."""

    def var(self, *_of: Any, **_more: Any) -> Any:
        """Give a place for what RETURNING gives."""
        return self

    def getvalue(self) -> list[Any]:
        """Give what RETURNING gave."""
        return [None]

    def fetchone(self) -> tuple[Any, ...] | None:
        """Give the next row."""
        return self.rows.pop(0) if self.rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Give some rows."""
        some, self.rows = self.rows[:size], self.rows[size:]
        return some

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Give the rows that are left."""
        return self.fetchmany(len(self.rows))

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


@dataclass
class Session:
    """A session of the driver's, which notes what is done and when it is committed."""

    answer: Answer
    log: list[str] = field(default_factory=list)
    version: str = "19.20.0.0.0"
    autocommit: bool = False
    outputtypehandler: Any = None
    max_identifier_length: int = 128

    def run(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[Row] | None:
        """Note a statement and answer it."""
        self.log.append(" ".join(sql.split()))
        return self.answer(sql, parameters)

    def cursor(self) -> Cursor:
        """Give a cursor."""
        return Cursor(self)

    def commit(self) -> None:
        """Note a commit."""
        self.log.append("COMMIT")

    def rollback(self) -> None:
        """Note a rollback."""
        self.log.append("ROLLBACK")

    def close(self) -> None:
        """Give the session back."""


@dataclass
class Answering:
    """A database whose server is a function."""

    answer: Answer
    session: Session = field(init=False)
    labels: list[Label] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = Session(self.answer)

    def database(self) -> Database:
        """Open the database."""
        engine = create_engine(
            "oracle+oracledb://", creator=lambda: self.session, poolclass=NullPool
        )
        engine.connect().close()
        self.session.log.clear()
        return Database(
            guard(engine), engine, writers=1, readers=1, failure=lambda _: Failure.FAULT,
            put_label=lambda _, label: self.labels.append(label),
        )
