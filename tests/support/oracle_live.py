"""A real Oracle database, where the environment names one: emptied for each test.

`LOAPI_TEST_ORACLE_DSN` is host:port/service; the schema is there already, made by the scripts of
`loapi db script`. The service's own account connects, so that a missing grant is noticed;
LOAPI_MIGRATE, which may become the owner, empties the tables.
"""

import os
from dataclasses import replace

import oracledb

from adapters.sql.database import Database
from adapters.sql.oracle.database import database_on
from adapters.sql.oracle.options import OracleOptions
from adapters.sql.oracle.sessions import DriverSessions
from adapters.sql.tables import METADATA

DSN = "LOAPI_TEST_ORACLE_DSN"
OWNER = "LOAPI_OWNER"
SESSIONS = 8


class LiveOracle:
    """The server that the environment names, with sessions that all tests share."""

    def __init__(self) -> None:
        self._sessions = DriverSessions(
            OracleOptions(
                user="LOAPI_APP",
                password=os.environ["LOAPI_TEST_ORACLE_APP_PASSWORD"],
                dsn=os.environ[DSN],
                schema=OWNER,
                size=SESSIONS,
            )
        )

    def emptied(self) -> Database:
        """Give the database without a row in any table; closing it leaves the sessions open."""
        with self.owner() as connection, connection.cursor() as cursor:
            for table in METADATA.tables:
                cursor.execute(f"TRUNCATE TABLE {table}")
        return replace(database_on(self._sessions, SESSIONS), end=_nothing)

    def owner(self) -> oracledb.Connection:
        """Give a session of the tables' owner."""
        return oracledb.connect(
            user=f"LOAPI_MIGRATE[{OWNER}]",
            password=os.environ["LOAPI_TEST_ORACLE_OWNER_PASSWORD"],
            dsn=os.environ[DSN],
        )

    def close(self) -> None:
        """End all sessions."""
        self._sessions.close()


def _nothing() -> None:
    """The sessions are for the next test."""
