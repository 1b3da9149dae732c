"""The server's side: a SQLite file with Oracle's tables, one writing transaction at a time."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from adapters.sql.migrate import NEWEST
from adapters.sql.tables import METADATA
from tests.support.oracle import errors
from tests.support.oracle.binds import name_of
from tests.support.oracle.forms import moment
from tests.support.oracle.schema import DICTIONARY, RELEASE, Schema, ddl_of
from tests.support.oracle.statements import Statement, understood
from tests.support.oracle.trips import Trips
from tests.support.oracle_rules import faults

GREETING = ("sys_context", "v$transaction", "SELECT 1.1")
"""By these words what SQLAlchemy says to a server that it meets is known; no rule is for it."""

REVISION = (
    "CREATE TABLE alembic_version (version_num VARCHAR2(32 CHAR) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


@dataclass(slots=True)
class Server:
    """What sessions share."""

    path: Path
    schema: Schema
    delay: float = 0.0
    """Seconds that each round trip takes besides its work."""
    ahead: timedelta = timedelta()
    """By how much its clock is ahead of ours."""
    trips: Trips = field(default_factory=Trips)
    writing: Lock = field(default_factory=Lock)
    """Held by the transaction that writes; Oracle would only lock its rows."""
    _statements: dict[tuple[str, frozenset[tuple[str, str]]], Statement] = field(
        default_factory=dict
    )

    @property
    def version(self) -> str:
        """The release, as the server calls itself."""
        return ".".join(map(str, (*RELEASE, 0, 0, 0)))

    def understood(self, sql: str, sizes: Mapping[str, Any]) -> Statement:
        """Read a statement, once; raises ORA-00933 for one that breaks a rule of Oracle's."""
        shape = sql, frozenset((name, name_of(of)) for name, of in sizes.items())
        found = self._statements.get(shape)
        if found is None:
            greets = any(word in sql for word in GREETING)
            for fault in () if greets else faults(sql, RELEASE[0], sizes=sizes):
                raise errors.ora(933, f"SQL command not properly ended ({fault})")
            found = self._statements[shape] = understood(sql, self.schema)
        return found

    def connected(self) -> sqlite3.Connection:
        """Open the file."""
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous=OFF")
        connection.create_function("trunc", 1, _midnight, deterministic=True)
        connection.create_function("sys_context", 2, lambda *_: errors.OWNER)
        connection.create_function("sys_extract_utc", 1, lambda _: self._now())
        return connection

    def _now(self) -> str:
        return moment(datetime.now(timezone.utc).replace(tzinfo=None) + self.ahead)

    def refused(self, error: sqlite3.Error) -> Exception:
        """Give Oracle's error for one of SQLite's."""
        said, _, what = str(error).partition(": ")
        if said == "UNIQUE constraint failed":
            return errors.unique_violated(self.schema.unique[what])
        if said == "CHECK constraint failed":
            return errors.check_violated(what)
        if said == "NOT NULL constraint failed":
            place = ".".join(f'"{name}"' for name in (errors.OWNER, *what.upper().split(".")))
            return errors.ora(1400, f"cannot insert NULL into ({place})")
        if said == "no such table":
            return errors.ora(942, "table or view does not exist")
        if said == "no such column":
            return errors.ora(904, f'"{what.upper()}": invalid identifier')
        return errors.ora(900, f"invalid SQL statement (the stand-in's SQLite says: {error})")


def made_at(path: Path) -> Path:
    """Make a file with every table of ours and no row."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.create_function("trunc", 1, _midnight, deterministic=True)
    for statement in (*DICTIONARY, *_declared()[1]):
        connection.execute(statement)
    connection.execute("INSERT INTO alembic_version VALUES (?)", [NEWEST])
    connection.commit()
    connection.close()
    return path


def server_on(path: Path, delay: float = 0.0) -> Server:
    """Open a file that `made_at` made."""
    return Server(path, _declared()[0], delay)


@cache
def _declared() -> tuple[Schema, list[str]]:
    schema = Schema()
    return schema, [schema.declare(statement) for statement in (*ddl_of(METADATA), REVISION)]


def _midnight(kept: str | None) -> str | None:
    return kept and f"{kept[:10]}T00:00:00.000000"
