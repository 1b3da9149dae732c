"""What Oracle's errors mean, and that none of the driver's words goes further than its code."""

import asyncio
import io
import logging
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import oracledb
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure
from adapters.sql.journal import SqlJournal
from adapters.sql.oracle.database import database_on
from adapters.sql.oracle.failures import NoSession, codes_of, constraint_of, failure, told
from adapters.sql.runner import SqlRunner
from adapters.telemetry.log import JsonHandler, JsonLog
from application.audit.record import Origin
from application.errors import Busy, TimedOut, TokenReplayed, Unavailable
from application.ports import Errand, SpentToken, Work
from domain.errors import Conflict
from domain.resource import Resource
from entrypoints.http.errors import problem_of
from tests.support.oracle.errors import dpy, ora
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import made_at, server_on
from tests.support.oracle.trips import Fault, Trips

SECRET = "s3cret-of-the-driver"
SESSIONS = 4
DIALECT = make_url("oracle+oracledb://").get_dialect()()
NOW = datetime(2026, 11, 23, 17, tzinfo=timezone.utc)

ORA = {
    Failure.CLASH: (1, 2291, 2292),
    Failure.FAULT: (1400, 1407, 2290, 12899, 1438, 1461, 942, 1031, 904, 5715, 900),
    Failure.AGAIN: (60, 8177, 4068, 1555),
    Failure.BUSY: (54, 30006, 2049),
    Failure.LATE: (1013,),
    Failure.LOST: (
        28, 600, 1012, 1089, 2396, 3113, 3114, 3135, 12537, 12571, 1033, 1034, 1090,
    ),
    Failure.UNAVAILABLE: (1017, 28000, 28001, 1653, 1691, 12514, 12541),
}
DPY = {
    Failure.BUSY: (4005,),
    Failure.LATE: (4024,),
    Failure.LOST: (4011, 1001),
    Failure.UNAVAILABLE: (6000, 6001, 6003, 6005, 4001, 1002),
    Failure.FAULT: (4010,),
}
FACTS = {
    "timeout": 2000, "error_code": 12516, "connection_id": "id", "service_name": "x", "host": "h",
    "port": 1521, "sid": "x", "name": "x",
}


def of_server() -> Iterator[tuple[oracledb.Error, Failure]]:
    """Give each error of the server's as the driver makes it."""
    for meaning, numbers in ORA.items():
        for number in numbers:
            yield ora(number, f"(LOAPI_OWNER.UQ_LOAN_NUMBER) {SECRET}"), meaning


def of_driver() -> Iterator[tuple[oracledb.Error, Failure]]:
    """Give each error of the driver's own."""
    for meaning, numbers in DPY.items():
        for number in numbers:
            yield dpy(number, **FACTS), meaning


OF_SERVER = list(of_server())
EVERY = [*OF_SERVER, *of_driver()]
NAMES = [codes_of(error)[0] for error, _ in EVERY]


def wrapped(error: oracledb.Error) -> DBAPIError:
    """Wrap an error as SQLAlchemy does for who executes a statement."""
    made = DBAPIError.instance(
        "INSERT INTO loan", {"loan_number": SECRET}, error, oracledb.Error,
        hide_parameters=True, dialect=DIALECT,
    )
    assert isinstance(made, DBAPIError)
    return made


@pytest.mark.parametrize(("error", "meaning"), EVERY, ids=NAMES)
def test_every_error_has_its_meaning_bare_and_wrapped(
    error: oracledb.Error, meaning: Failure
) -> None:
    assert failure(error) is meaning
    assert failure(wrapped(error)) is meaning


@pytest.mark.parametrize(
    "error", [OSError(113, "No route"), ConnectionRefusedError(), socket.gaierror(-2, "unknown")]
)
def test_a_place_that_cannot_be_reached_is_unavailable(error: OSError) -> None:
    assert failure(error) is Failure.UNAVAILABLE


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("DPI-1067: call timeout of 2000 ms exceeded with ORA-3136", Failure.LATE),
        ("DPI-1080: connection was closed by ORA-3113", Failure.LOST),
        ("DPI-1010: not connected", Failure.LOST),
    ],
)
def test_the_client_libraries_errors_mean_the_same(message: str, meaning: Failure) -> None:
    # pylint: disable-next=protected-access  # the driver has no public way to make one
    error = oracledb._Error(message)
    assert failure(error.exc_type(error)) is meaning


@pytest.mark.parametrize("error", [ValueError("no driver's"), RuntimeError(), KeyError("x")])
def test_what_is_not_the_drivers_is_our_own_fault(error: Exception) -> None:
    assert failure(error) is Failure.FAULT


@pytest.mark.parametrize(
    ("cause", "codes"),
    [(dpy(6001, **FACTS), ("DPY-6005", "DPY-6001")),
     (ConnectionRefusedError(111, SECRET), ("DPY-6005", "ConnectionRefusedError"))],
)
def test_the_cause_of_a_failed_connection_is_told(
    cause: Exception, codes: tuple[str, ...]
) -> None:
    error = dpy(6005, connection_id="id")
    error.__cause__ = cause
    assert (codes_of(error), told(wrapped(error))) == (codes, " ".join(codes))


def test_a_constraint_is_told_by_its_name_only() -> None:
    error = ora(
        1, f"unique constraint (LOAPI_OWNER.UQ_LOAN) violated on table LOAPI_OWNER.LOAN columns "
        f"(NUMBER)\nORA-03301: (ORA-00001 details) row with column values (NUMBER:'{SECRET}')"
    )
    assert constraint_of(wrapped(error)) == "LOAPI_OWNER.UQ_LOAN"
    assert told(wrapped(error)) == "ORA-00001 (LOAPI_OWNER.UQ_LOAN)"
    assert constraint_of(ora(942, f"table or view ({SECRET}.X) does not exist")) is None


# What gets out


class Heard:
    """Everything that is logged, as the service writes it."""

    def __init__(self) -> None:
        self._stream = io.BytesIO()
        self._log = JsonLog(self._stream, "loapi", "test")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what all loggers say."""
        handler, root = JsonHandler(self._log), logging.getLogger()
        root.addHandler(handler)
        try:
            yield
        finally:
            root.removeHandler(handler)

    def text(self) -> str:
        """Give it."""
        self._log.flush()
        return self._stream.getvalue().decode()


@pytest.fixture(name="heard")
def what_is_logged() -> Iterator[Heard]:
    heard = Heard()
    with heard.listening():
        yield heard


@pytest.fixture(name="opened")
def a_stand_in(tmp_path: Path) -> Iterator[tuple[Database, Trips]]:
    server = server_on(made_at(tmp_path / "stand-in.db"))
    database = database_on(StandInSessions(server, SESSIONS), SESSIONS)
    with database.reading() as connection:
        connection.execute(text("SELECT dummy FROM dual"))
    with closing(database):
        yield database, server.trips


def a_write(database: Database, name: str = "first") -> None:
    """Write a resource with a token that is spent on it."""
    journal = SqlJournal(database, sink_is_database=False)
    runner = SqlRunner(database, journal, lambda: NOW)
    token = SpentToken(client_id="prepay", token_id=name, expires_at=NOW)
    errand = Errand(origin=Origin(request_id="1", action="resource.create"), token=token)
    resource = Resource(id=UUID(int=1), name=name, client_id="prepay")

    def make(work: Work) -> None:
        work.add(resource)

    with closing(runner):
        asyncio.run(runner.write(errand, make))


MEANT: dict[Failure, type[Exception]] = {
    Failure.CLASH: Conflict,
    Failure.AGAIN: Busy,
    Failure.BUSY: Busy,
    Failure.LATE: TimedOut,
    Failure.LOST: Unavailable,
    Failure.UNAVAILABLE: Unavailable,
    Failure.FAULT: DBAPIError,
}


@pytest.mark.parametrize(("error", "meaning"), OF_SERVER, ids=NAMES[:len(OF_SERVER)])
def test_no_word_of_the_driver_reaches_a_caller_or_the_log(
    opened: tuple[Database, Trips], heard: Heard, error: oracledb.Error, meaning: Failure
) -> None:
    database, trips = opened
    for kind in ("execute", "executemany"):
        for _ in range(3):
            trips.faults.append(Fault(kind, lambda: error, containing="INSERT INTO named_resource"))
    with pytest.raises(Exception) as raised:
        a_write(database)
    assert isinstance(raised.value, MEANT[meaning])
    logging.getLogger("loapi").error("request failed", exc_info=raised.value)
    problem = problem_of(raised.value)
    assert problem.word != "internal" or meaning is Failure.FAULT
    assert not [said for said in (problem.detail, problem.body("1").decode()) if "ORA-" in said]
    for said in (problem.body("1").decode(), str(raised.value), heard.text()):
        assert SECRET not in said


def test_operators_read_the_code_of_what_callers_are_not_told(
    opened: tuple[Database, Trips], heard: Heard
) -> None:
    database, trips = opened
    trips.faults.append(Fault("execute", lambda: ora(942, f"no table {SECRET}")))
    with pytest.raises(DBAPIError) as raised, database.reading() as connection:
        connection.execute(text("SELECT dummy FROM dual"))
    assert str(raised.value) == "ORA-00942"
    assert "the database failed a call: ORA-00942" in heard.text()


class Away:
    """Sessions that are not to be had."""

    def acquire(self) -> Any:
        """Raise why."""
        raise NoSession("DPY-6005 DPY-6001")

    def close(self) -> None:
        """Nothing is open."""


def test_a_session_that_is_not_to_be_had_is_told_by_its_codes(heard: Heard) -> None:
    database = database_on(Away(), SESSIONS)
    with pytest.raises(DBAPIError) as raised, database.reading():
        pass
    assert (str(raised.value), failure(raised.value)) == ("DPY-6005 DPY-6001", Failure.UNAVAILABLE)
    assert heard.text() == ""


# Tokens


@pytest.mark.parametrize("number", [1400, 1438, 2290, 12899])
def test_a_value_that_does_not_fit_is_no_replayed_token(
    opened: tuple[Database, Trips], number: int
) -> None:
    database, trips = opened
    for kind in ("execute", "executemany"):
        trips.faults.append(
            Fault(kind, lambda: ora(number, "no clash"), containing="INSERT INTO spent_token")
        )
    with pytest.raises(DBAPIError):
        a_write(database)


def test_a_token_that_is_there_already_is_a_replayed_one(opened: tuple[Database, Trips]) -> None:
    database, _ = opened
    a_write(database, "the same")
    with pytest.raises(TokenReplayed):
        a_write(database, "the same")
