"""The last use of each client key, in a table of its own that nothing of the business is in."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from adapters.sql.database import Database
from adapters.sql.tables import key_use

_ALL = select(key_use.c.key_id, key_use.c.last_used_at)
_LATER = update(key_use).where(
    key_use.c.key_id == bindparam("at_key"), key_use.c.last_used_at < bindparam("used_at")
).values(last_used_at=bindparam("used_at"))


LONGEST_CALL = 5.0
"""Seconds that the database may take for one call: the end of the process waits for it."""


class SqlKeyUseStore:
    """Rows of the table client_key_use; no audit record tells of them, see decision 16."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("client.key-use", LONGEST_CALL)

    def keep(self, uses: Mapping[str, datetime]) -> None:
        """Keep when keys were used; a time before the kept one changes nothing."""
        with self._database.writing() as connection:
            known = {row.key_id for row in connection.execute(_ALL)}
            later = [
                {"at_key": key_id, "used_at": at} for key_id, at in uses.items() if key_id in known
            ]
            first = [
                {"key_id": key_id, "last_used_at": at}
                for key_id, at in uses.items() if key_id not in known
            ]
            if later:
                connection.execute(_LATER, later)
            if first:
                connection.execute(insert(key_use), first)

    def last(self) -> Mapping[str, datetime]:
        """Give the last use of every key that was ever used."""
        with self._database.reading() as connection:
            return {row.key_id: row.last_used_at for row in connection.execute(_ALL)}
