"""What SQLAlchemy hands to Oracle's driver for a statement, for a release, without a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Executable, NullPool, create_engine
from sqlalchemy.schema import ExecutableDDLElement

RELEASES = {19: "19.3.0.0.0", 23: "23.4.0.24.5"}
"""The releases that statements are made for, as their servers call themselves."""

_ANSWERS = {"sys_context": "LOAPI", "1.1": "1.1"}
"""What SQLAlchemy asks a server when it first meets it, by a word of the question."""


_GENERAL = {
    "DATETIME": "DB_TYPE_DATE", "NUMBER": "DB_TYPE_NUMBER", "STRING": "DB_TYPE_VARCHAR",
    "BINARY": "DB_TYPE_RAW",
}
"""What the driver makes of the DB API's general types: the first of theirs."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One call of the driver."""

    sql: str
    rows: Sequence[Mapping[str, Any]]
    """The binds of each row; one row but for array statements."""
    sizes: Mapping[str, str]
    """The driver's types that are named for binds; the others it takes from their values."""


class _Variable:
    """A place for what RETURNING gives: nothing."""

    values: Sequence[Any] = ()

    def getvalue(self) -> list[Any]:
        """Give no row."""
        return []


@dataclass(slots=True)
class _Cursor:
    """Notes what is executed, and answers no more than a first connection asks."""

    release: str
    log: list[Sent]
    arraysize: int = 100
    rowcount: int = 0
    description: list[tuple[Any, ...]] | None = None
    outputtypehandler: Any = None
    _sizes: dict[str, str] = field(default_factory=dict)
    _answer: str | None = None

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Note a statement."""
        self.executemany(sql, [parameters or {}])
        words = [word for word in _ANSWERS if word in sql]
        self._answer = _ANSWERS[words[0]] if words else None
        if "v$parameter" in sql:
            self._answer = self.release
        self.description = [("ANSWER", *[None] * 6)] if self._answer else None

    def executemany(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note an array statement."""
        self.log.append(Sent(sql, [dict(row) for row in rows], dict(self._sizes)))

    def setinputsizes(self, *_none: Any, **sizes: Any) -> None:
        """Note the types of binds."""
        self._sizes = {name: _type_name(of) for name, of in sizes.items()}

    def var(self, *_of: Any, **_more: Any) -> _Variable:
        """Give a place for what comes back."""
        return _Variable()

    def fetchone(self) -> tuple[str] | None:
        """Give the answer, once."""
        answer, self._answer = self._answer, None
        return None if answer is None else (answer,)

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> "_Cursor":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _type_name(of: Any) -> str:
    name = str(getattr(of, "name", of))
    return _GENERAL.get(name, name)


@dataclass(slots=True)
class _Session:
    """A session of the driver's that leads nowhere."""

    version: str
    log: list[Sent]
    autocommit: bool = False
    outputtypehandler: Any = None
    max_identifier_length: int = 128

    def cursor(self) -> _Cursor:
        """Give a cursor that notes what it is given."""
        return _Cursor(self.version, self.log)

    def commit(self) -> None:
        """Nothing is there to commit."""

    def rollback(self) -> None:
        """Nothing is there to roll back."""

    def close(self) -> None:
        """Nothing is open."""


class Oracle:
    """An engine for one release of Oracle that was told so by its server, as a live one is."""

    def __init__(self, release: int) -> None:
        self.release = release
        self._log: list[Sent] = []
        session = _Session(RELEASES[release], self._log)
        self.engine: Engine = create_engine(
            "oracle+oracledb://", creator=lambda: session, poolclass=NullPool
        )
        self.engine.connect().close()
        assert self.engine.dialect.server_version_info == _numbers(session.version)
        self.greeting = [each.sql for each in self._log]
        """What a first connection asks the server."""

    def sent(self, statement: Executable, parameters: Any = None) -> Sent:
        """Give what the driver gets for a statement: lists expanded, literals written out."""
        self._log.clear()
        with self.engine.connect() as connection:
            connection.execute(statement, parameters)
        assert len(self._log) == 1, "one statement is one call"
        return self._log[0]

    def ddl(self, statement: ExecutableDDLElement) -> str:
        """Give the text of a DDL statement."""
        return str(statement.compile(dialect=self.engine.dialect)).strip()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
