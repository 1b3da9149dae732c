"""What the database says of itself when readiness asks: its schema's revision, and the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import copysign
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.sql.database import Database
from adapters.sql.migrate import REVISION, names_no_table
from adapters.sql.types import UtcTimestamp


class _UtcNow(FunctionElement[datetime]):
    """The time by the clock of the database's host, UTC."""

    inherit_cache = True
    type = UtcTimestamp()


@compiles(_UtcNow)
def _on_oracle(_element: _UtcNow, _compiler: SQLCompiler, **_how: Any) -> str:
    return "SYS_EXTRACT_UTC(SYSTIMESTAMP)"


@compiles(_UtcNow, "sqlite")
def _on_sqlite(_element: _UtcNow, _compiler: SQLCompiler, **_how: Any) -> str:
    # A library of this process: the clock is our own, and never differs.
    return "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"


_SIGHT = REVISION.add_columns(_UtcNow().label("utc_now"))


@dataclass(frozen=True, slots=True)
class Sight:
    """The database at one moment."""

    revision: str | None
    """The revision of its schema, or None where it has had none."""
    ahead: float
    """By how many seconds at least this machine's clock is ahead of its; negative: behind."""


def look_at(database: Database, wall: Callable[[], float] = time.time) -> Sight:
    """Ask a database of itself, in one round trip; `wall` is this machine's clock.

    Raises whatever the database says but that it has no revision.
    """
    with database.reading() as connection:
        asked_at = wall()
        try:
            row = connection.execute(_SIGHT).first()
        except DBAPIError as error:
            if not names_no_table(error):
                raise
            row = None
        answered_at = wall()
    if row is None:
        return Sight(None, 0.0)
    return Sight(row.version_num, _ahead(asked_at, answered_at, row.utc_now.timestamp()))


def _ahead(asked_at: float, answered_at: float, there: float) -> float:
    """Give the difference that is beyond doubt: the time was read at any point of the trip."""
    differs = (asked_at + answered_at) / 2 - there
    doubt = abs(answered_at - asked_at) / 2
    return copysign(max(0.0, abs(differs) - doubt), differs)
