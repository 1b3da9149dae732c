"""The row that relays compete for, in the database."""

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure
from adapters.sql.tables import lease
from application.audit.ports import Holding

RELAY = "audit-relay"

_READ = select(lease.c.holder, lease.c.expires_at).where(lease.c.name == RELAY)


class SqlLeaseRow:
    """One row of the table lease."""

    def __init__(self, database: Database) -> None:
        self._database = database.doing("audit.lease")

    def read(self) -> Holding | None:
        """Give what is committed."""
        with self._database.reading() as connection:
            row = connection.execute(_READ).first()
        return None if row is None else Holding(*row)

    def swap(self, seen: Holding | None, put: Holding | None) -> bool:
        """Put another value in the place of exactly the one seen; False where it is another."""
        try:
            with self._database.writing() as connection:
                return _swap(connection, seen, put)
        except DBAPIError as error:
            if self._database.failure(error) is Failure.CLASH:
                return False
            raise


def holds(connection: Connection, holder: str) -> bool:
    """Tell whether `holder` holds the lease, and see to it that this is so when this commits."""
    same = update(lease).where(lease.c.name == RELAY, lease.c.holder == holder)
    return connection.execute(same.values(holder=holder)).rowcount == 1


def _swap(connection: Connection, seen: Holding | None, put: Holding | None) -> bool:
    values = {} if put is None else {"holder": put.holder, "expires_at": put.expires_at}
    if seen is None:
        connection.execute(insert(lease).values(name=RELAY, **values))
        return True
    as_seen = (
        lease.c.name == RELAY,
        lease.c.holder == seen.holder,
        lease.c.expires_at == seen.expires_at,
    )
    if put is None:
        return connection.execute(delete(lease).where(*as_seen)).rowcount == 1
    return connection.execute(update(lease).where(*as_seen).values(**values)).rowcount == 1
