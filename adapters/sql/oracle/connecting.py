"""Oracle as it is described: the description is checked, sessions come when they are needed."""

import oracledb

from adapters.sql.database import Database
from adapters.sql.oracle.database import database_on
from adapters.sql.oracle.failures import codes_of
from adapters.sql.oracle.options import OracleOptions
from adapters.sql.oracle.sessions import DriverSessions


class BadPlace(ValueError):
    """The driver makes nothing of where the database is said to be."""


class NoClient(ValueError):
    """Oracle's client libraries cannot be loaded."""


def connect(options: OracleOptions) -> Database:
    """Give the database, without asking it; raises BadPlace or NoClient."""
    if not options.thick:
        _check_place(options)
    try:
        sessions = DriverSessions(options)
    except oracledb.Error as error:
        raise NoClient(
            f"Oracle's client libraries cannot be loaded ({codes_of(error)[0]}); install the"
            " Instant Client, 19c or later, and name its folder in LD_LIBRARY_PATH"
        ) from None
    return database_on(sessions, options.size)


def _check_place(options: OracleOptions) -> None:
    """Look up what the driver would look up for each connection."""
    try:
        oracledb.ConnectParams(config_dir=options.wallet).parse_connect_string(options.dsn)
    except oracledb.Error as error:
        raise BadPlace(
            f"the driver makes nothing of it ({codes_of(error)[0]}); give HOST:PORT/SERVICE, a"
            " connect descriptor, or an alias of the tnsnames.ora in the folder that TNS_ADMIN or"
            " LOAPI_ORACLE_WALLET names; a SID can only stand in a descriptor"
        ) from None
