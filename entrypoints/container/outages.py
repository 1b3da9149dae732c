"""Tells an outage of the database, which passes, from a mistake of ours, which people must mend."""

from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure
from application.alarm import Alarm
from application.errors import ServiceError

_OUTAGES = (Failure.BUSY, Failure.UNAVAILABLE, Failure.LATE, Failure.LOST)


def means_outage(database: Database, error: Exception) -> bool:
    """Tell whether an error means that the database cannot be used now, and that only."""
    return isinstance(error, DBAPIError) and database.failure(error) in _OUTAGES


def tell_of_trouble(alarm: Alarm, database: Database, error: Exception) -> None:
    """Tell people of what ails the relay, unless its database or its sink is away."""
    if not means_outage(database, error) and not isinstance(error, ServiceError):
        alarm.raised(error, "relay")
