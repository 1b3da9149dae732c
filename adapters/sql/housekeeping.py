"""Drops what has expired, in portions that keep no writer waiting, and tends the database."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from adapters.sql.database import Database
from adapters.sql.once import forget_expired
from adapters.sql.tables import kept_answer, spent_token

PORTION = timedelta(seconds=2)
"""Of how long a time the expired rows are dropped in one commit."""

MOST_PORTIONS = 100
"""Commits in one round; the rest waits for the next one."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""How much longer than its time everything is kept: the clock of a host that still takes a token
may be as far behind the relay's, each being up to 30 s off, and a write waits in a queue.
"""

TENDED_EVERY = timedelta(hours=1)


class Housekeeping:
    """Forgets tokens and answers whose time has come; tends the database hourly."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("housekeeping")
        self._tended_at: datetime | None = None

    def __call__(self, now: datetime) -> None:
        """Do what is due."""
        if self._tended_at is None or now - self._tended_at >= TENDED_EVERY:
            self._tended_at = now
            with self._database.writing() as connection:
                self._database.tend(connection)
        self._drop_expired(now - CLOCKS_DIFFER)

    def _drop_expired(self, now: datetime) -> None:
        for _ in range(MOST_PORTIONS):
            oldest = self._oldest()
            if oldest is None or oldest > now:
                return
            with self._database.writing() as connection:
                forget_expired(connection, min(oldest + PORTION, now))

    def _oldest(self) -> datetime | None:
        """Give the time of the row that expires, or has expired, first."""
        first = [
            select(func.min(table.c.expires_at)) for table in (spent_token, kept_answer)
        ]
        with self._database.reading() as connection:
            times = [connection.execute(each).scalar() for each in first]
        return min((at for at in times if at is not None), default=None)
