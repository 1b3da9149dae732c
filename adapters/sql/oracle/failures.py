"""What the errors of Oracle and of its driver mean for the unit that met them."""

import logging
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import oracledb
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Failure

LOGON_REFUSED = frozenset({"ORA-01017", "ORA-28000", "ORA-28001", "DPY-4001"})
"""Wrong password, locked account, expired password, none given. Oracle counts such logons and
locks the account after a few (FAILED_LOGIN_ATTEMPTS), so they must never be repeated."""

_log = logging.getLogger("loapi.oracle")


class NoSession(oracledb.OperationalError):
    """No session was to be had: the database is away or refuses us. It was asked for nothing.

    The message is the codes of what happened, without any text of the driver's.
    """


_CODES: Mapping[Failure, tuple[str, ...]] = {
    # A unique key; a parent that is missing; a child that is there.
    Failure.CLASH: ("ORA-00001", "ORA-02291", "ORA-02292"),
    # Deadlock, serialization, package state, snapshot too old.
    Failure.AGAIN: ("ORA-00060", "ORA-08177", "ORA-04068", "ORA-01555"),
    # No session came back in time; a lock was not to be had in time.
    Failure.BUSY: ("DPY-4005", "ORA-00054", "ORA-30006", "ORA-02049"),
    # The deadline of the call; a break that somebody else sent.
    Failure.LATE: ("DPY-4024", "ORA-01013"),
    # Codes that the driver turns into DPY-4011, as ORA-00028 and ORA-03113, come as such only in
    # texts that it does not know yet.
    Failure.LOST: (
        "DPY-4011", "DPY-4033", "DPY-1001", "ORA-03113", "ORA-03114", "ORA-03135", "ORA-12571",
        "ORA-01033", "ORA-01034", "ORA-01090",
    ),
    # Not connected yet; refused; no room for a table, index, partition, undo, sort or archive.
    Failure.UNAVAILABLE: (
        "DPY-1002", "ORA-12514", "ORA-12541", *LOGON_REFUSED,
        "ORA-01653", "ORA-01691", "ORA-01654", "ORA-01683", "ORA-01688", "ORA-01692", "ORA-01652",
        "ORA-30036", "ORA-01536", "ORA-00257",
    ),
}

_MEANING = MappingProxyType({code: each for each, codes in _CODES.items() for code in codes})

_CONNECTING = "DPY-6"
"""How the codes begin of what the driver meets before it is connected."""

_CONSTRAINT = re.compile(r"\(([^.()]+\.[^.()]+)\)")

_TOLD: Mapping[Failure, int] = {
    Failure.BUSY: logging.WARNING,
    Failure.LATE: logging.WARNING,
    Failure.LOST: logging.WARNING,
    Failure.UNAVAILABLE: logging.ERROR,
    Failure.FAULT: logging.ERROR,
}
"""What operators have to know, and how urgently; the rest is in the log line of the request."""


def failure(error: BaseException) -> Failure:
    """Say what an error means; what is in no table is our own mistake."""
    cause = _cause(error)
    if isinstance(cause, NoSession | OSError):
        return Failure.UNAVAILABLE
    code = _code(cause)
    if code.startswith(_CONNECTING):
        return Failure.UNAVAILABLE
    return _MEANING.get(code, Failure.FAULT)


def codes_of(error: BaseException) -> tuple[str, ...]:
    """Give the codes of an error and of what caused it, as ("DPY-6005", "DPY-6001").

    The driver says DPY-6005 of everything that fails before it is connected.
    """
    return tuple(_codes(_cause(error)))


def told(error: BaseException) -> str:
    """Say what happened in codes, with the constraint if there is one: nothing of any value."""
    cause = _cause(error)
    if isinstance(cause, NoSession):
        return str(cause)
    said = " ".join(codes_of(error))
    constraint = constraint_of(error)
    return f"{said} ({constraint})" if constraint else said


def constraint_of(error: BaseException) -> str | None:
    """Give the schema and the name of the constraint that an error tells of."""
    cause = _cause(error)
    if _MEANING.get(_code(cause)) is not Failure.CLASH and _code(cause) != "ORA-02290":
        return None
    found = _CONSTRAINT.search(str(cause))
    return found.group(1) if found else None


def keep_to_codes(context: ExceptionContext) -> None:
    """Let an error of SQLAlchemy's say codes only, and tell operators of it.

    The driver's text names schemas and tables, and with Oracle 23ai the values of a duplicate key.
    It stays with the original, for who asks for that.
    """
    error, cause = context.sqlalchemy_exception, context.original_exception
    if not isinstance(error, DBAPIError):
        return
    said, meaning = told(cause), failure(cause)
    error.args, error.statement, error.code = (said,), None, ""
    # SQLAlchemy does not know every code by which a session is gone.
    context.is_disconnect = context.is_disconnect or meaning is Failure.LOST
    if meaning in _TOLD and not isinstance(cause, NoSession):
        _log.log(_TOLD[meaning], "the database failed a call: %s", said)


def _cause(error: BaseException) -> BaseException:
    orig = error.orig if isinstance(error, DBAPIError) else None
    return error if orig is None else orig


def _code(error: BaseException) -> str:
    """Give the code that the driver gives an error; "" where it is none of the driver's."""
    code = getattr(error.args[0], "full_code", "") if error.args else ""
    return code if isinstance(code, str) else ""


def _codes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield _code(error) or type(error).__name__
        error = error.__cause__
