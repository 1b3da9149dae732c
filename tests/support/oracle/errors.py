"""Errors of Oracle and of its driver, made by the driver itself."""

from typing import Any

import oracledb
from oracledb import errors as driver  # pylint: disable=no-name-in-module  # the driver hides it

OWNER = "LOAPI_OWNER"
"""The schema that the stand-in's messages name."""


def ora(code: int, text: str) -> oracledb.Error:
    """Make the error that the driver makes of one that a server sends."""
    # The driver has no public way to make an error; a server's message makes it in this one.
    error = driver._Error(  # pylint: disable=protected-access  # see above
        message=f"ORA-{code:05}: {text}", code=code
    )
    return error.exc_type(error)


def dpy(number: int, **facts: Any) -> oracledb.Error:
    """Make one of the driver's own errors."""
    error = driver._create_err(number, **facts)  # pylint: disable=protected-access  # see ora
    return error.exc_type(error)


def connection_lost() -> oracledb.Error:
    """DPY-4011: the connection broke under a call."""
    return dpy(driver.ERR_CONNECTION_CLOSED)


def call_timeout(milliseconds: int = 1000) -> oracledb.Error:
    """DPY-4024: a call took longer than its deadline; the session lives."""
    return dpy(driver.ERR_CALL_TIMEOUT_EXCEEDED, timeout=milliseconds)


def pool_exhausted() -> oracledb.Error:
    """DPY-4005: no session came back in time."""
    return dpy(driver.ERR_POOL_NO_CONNECTION_AVAILABLE)


def pool_closed() -> oracledb.Error:
    """DPY-1002: the pool was closed."""
    return dpy(driver.ERR_POOL_NOT_OPEN)


def not_connected() -> oracledb.Error:
    """DPY-1001: this connection was closed, or broke before."""
    return dpy(driver.ERR_NOT_CONNECTED)


def cursor_closed() -> oracledb.Error:
    """DPY-1006: this cursor was closed."""
    return dpy(driver.ERR_CURSOR_NOT_OPEN)


def no_query() -> oracledb.Error:
    """DPY-1003: nothing is there to be fetched."""
    return dpy(driver.ERR_NOT_A_QUERY)


def missing_bind(name: str) -> oracledb.Error:
    """DPY-4010: a bind has no value."""
    return dpy(driver.ERR_MISSING_BIND_VALUE, name=name)


def unknown_bind(name: str) -> oracledb.Error:
    """DPY-4008: a value has no bind."""
    return dpy(driver.ERR_INVALID_BIND_NAME, name=name)


def wrong_type(value: object, of: str) -> oracledb.Error:
    """DPY-3013: a Python value that this bind does not take."""
    return dpy(
        driver.ERR_UNSUPPORTED_PYTHON_TYPE_FOR_DB_TYPE,
        py_type_name=type(value).__name__,
        db_type_name=of,
    )


def inconvertible(of: str, to: str) -> oracledb.Error:
    """DPY-4007: a column that cannot be fetched as this."""
    return dpy(driver.ERR_INCONSISTENT_DATATYPES, input_type=of, output_type=to)


def deadlock() -> oracledb.Error:
    """ORA-00060."""
    return ora(60, "deadlock detected while waiting for resource")


def unique_violated(constraint: str) -> oracledb.Error:
    """ORA-00001, as releases before 23ai say it."""
    return ora(1, f"unique constraint ({OWNER}.{constraint.upper()}) violated")


def check_violated(constraint: str) -> oracledb.Error:
    """ORA-02290."""
    return ora(2290, f"check constraint ({OWNER}.{constraint.upper()}) violated")
