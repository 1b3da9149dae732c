"""The stand-in refuses what Oracle refuses, gives what its driver gives, and counts as it does."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import oracledb
import pytest

from tests.support.oracle import errors
from tests.support.oracle.connection import Connection
from tests.support.oracle.cursor import Cursor
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import server_on
from tests.support.oracle.trips import Fault

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456)
LEASE = "INSERT INTO lease (name, holder, expires_at) VALUES (:name, :holder, :expires_at)"
FRANCHISE = (
    "INSERT INTO franchise (code, sba_code, brand, meets_ftc_definition, certification_status, "
    "addendum_required, addendum_type, code_start_date, notes, active, version) VALUES (:code, "
    ":sba_code, :brand, :ftc, :status, :addendum, :addendum_type, :starts, :notes, :active, "
    ":version)"
)
LOAN = (
    "INSERT INTO loan (loan_number, location_id, program, borrower_name, status, principal, "
    "annual_rate, day_count, interest_paid_through, fees, version) VALUES (:loan_number, "
    ":location_id, :program, :borrower_name, :status, :principal, :annual_rate, :day_count, "
    ":interest_paid_through, :fees, :version)"
)


@pytest.fixture(name="sessions")
def a_pool(empty_stand_in: Path) -> Iterator[StandInSessions]:
    sessions = StandInSessions(server_on(empty_stand_in), 2, waits=0.1)
    yield sessions
    sessions.close()


@pytest.fixture(name="connection")
def a_connection(sessions: StandInSessions) -> Connection:
    return sessions.acquire()


@pytest.fixture(name="cursor")
def a_cursor(connection: Connection) -> Cursor:
    return connection.cursor()


def a_lease(**values: Any) -> dict[str, Any]:
    return {"name": "relay", "holder": "one", "expires_at": NOON} | values


def a_franchise(**values: Any) -> dict[str, Any]:
    return {
        "code": "F1", "sba_code": None, "brand": "B", "ftc": 1, "status": "x", "addendum": 0,
        "addendum_type": "y", "starts": None, "notes": None, "active": 1, "version": 1,
    } | values


def a_loan(**values: Any) -> dict[str, Any]:
    return {
        "loan_number": "9900101001", "location_id": 1, "program": "7a", "borrower_name": "B",
        "status": "active", "principal": Decimal("100.00"), "annual_rate": Decimal("0.1075"),
        "day_count": "x", "interest_paid_through": date(2026, 11, 1), "fees": "[]", "version": 1,
    } | values


def refused(code: str, ask: Callable[[], Any]) -> str:
    """Check that an error of the driver's own says a code; give what it says besides."""
    with pytest.raises(oracledb.Error) as raised:
        ask()
    assert raised.value.args[0].full_code == code, raised.value
    return str(raised.value)


# What the server refuses


@pytest.mark.parametrize("missing", [None, ""])
def test_what_has_to_be_there_cannot_be_null_nor_empty(cursor: Cursor, missing: Any) -> None:
    said = refused("ORA-01400", lambda: cursor.execute(LEASE, a_lease(holder=missing)))
    assert '("LOAPI_OWNER"."LEASE"."HOLDER")' in said
    cursor.execute(LEASE, a_lease())
    change = "UPDATE lease SET holder=:holder WHERE lease.name = :at"
    refused("ORA-01407", lambda: cursor.execute(change, {"holder": missing, "at": "relay"}))


@pytest.mark.parametrize(
    ("text", "said"),
    [("x" * 1001, "actual: 1001, maximum: 1000"), ("é" * 1001, "actual: 1001, maximum: 1000")],
)
def test_a_text_has_as_many_characters_as_its_column_at_most(
    cursor: Cursor, text: str, said: str
) -> None:
    assert said in refused(
        "ORA-12899", lambda: cursor.execute(FRANCHISE, a_franchise(notes=text))
    )
    cursor.execute(FRANCHISE, a_franchise(notes="😀" * 1000))


def test_a_text_has_4000_bytes_at_most_however_many_characters_its_column_has(
    cursor: Cursor
) -> None:
    change = "UPDATE client_key SET sealed=:sealed WHERE client_key.key_id = :key_id"
    key = (
        "INSERT INTO client_key (key_id, client_id, algorithm, sealed, state, created_at, version)"
        " VALUES (:key_id, :client_id, :algorithm, :sealed, :state, :created_at, :version)"
    )
    cursor.execute(key, {
        "key_id": "k", "client_id": "c", "algorithm": "a", "sealed": "é" * 2000, "state": "s",
        "created_at": NOON, "version": 1,
    })
    longer = {"sealed": "é" * 2001, "key_id": "k"}
    said = refused("ORA-12899", lambda: cursor.execute(change, longer))
    assert "actual: 4002, maximum: 4000" in said


@pytest.mark.parametrize(
    "values",
    [
        {"principal": Decimal("1e17")}, {"annual_rate": Decimal("1000")}, {"version": 10**10},
        {"location_id": -(10**19)},
    ],
    ids=str,
)
def test_a_number_has_as_many_digits_as_its_column_at_most(
    cursor: Cursor, values: Mapping[str, Any]
) -> None:
    refused("ORA-01438", lambda: cursor.execute(LOAN, a_loan(**values)))


def test_a_check_is_kept(cursor: Cursor) -> None:
    said = refused("ORA-02290", lambda: cursor.execute(LOAN, a_loan(fees="no JSON")))
    assert "(LOAPI_OWNER.CK_LOAN_FEES)" in said


def test_a_double_key_names_its_constraint(cursor: Cursor) -> None:
    cursor.execute(LEASE, a_lease())
    said = refused("ORA-00001", lambda: cursor.execute(LEASE, a_lease(holder="two")))
    assert "unique constraint (LOAPI_OWNER.PK_LEASE) violated" in said


def test_an_array_keeps_what_stands_before_the_row_that_fails(cursor: Cursor) -> None:
    rows = [a_lease(), a_lease(name="other"), a_lease(holder="again"), a_lease(name="never")]
    refused("ORA-00001", lambda: cursor.executemany(LEASE, rows))
    cursor.execute("SELECT lease.name FROM lease ORDER BY lease.name")
    assert cursor.fetchall() == [("other",), ("relay",)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT elsewhere.x FROM elsewhere", "ORA-00942"),
        ("SELECT lease.x FROM lease", "ORA-00904"),
        ("SELECT lease.name FROM lease WHERE lease.name IS :a", "ORA-00933"),
        ("SELECT EXISTS (SELECT lease.name FROM lease) FROM dual", "ORA-00933"),
    ],
)
def test_what_oracle_does_not_understand_is_refused(cursor: Cursor, sql: str, code: str) -> None:
    refused(code, lambda: cursor.execute(sql, {"a": 1} if ":a" in sql else {}))


# What the driver refuses, before it sends anything


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"name": "n", "holder": "h"}, "DPY-4010"),
        (a_lease(more=1), "DPY-4008"),
        (a_lease(expires_at=NOON.replace(tzinfo=timezone.utc)), "DPY-3013"),
        (a_lease(holder=object()), "DPY-3013"),
        (a_lease(holder=["h"]), "DPY-3013"),
    ],
    ids=["a value is missing", "a value too many", "an aware time", "an object", "a list"],
)
def test_a_row_that_the_driver_does_not_take_is_not_sent(
    sessions: StandInSessions, cursor: Cursor, row: Mapping[str, Any], code: str
) -> None:
    refused(code, lambda: cursor.execute(LEASE, row))
    assert not sessions.trips()


@pytest.mark.parametrize("value", [1.5, True, "1"])
def test_a_number_is_a_whole_one_or_a_decimal(cursor: Cursor, value: Any) -> None:
    cursor.setinputsizes(version=oracledb.DB_TYPE_NUMBER)
    refused("DPY-3013", lambda: cursor.execute(LOAN, a_loan(version=value)))


def test_bytes_are_no_text(cursor: Cursor) -> None:
    clear = "DELETE FROM journal WHERE journal.record_id = :id"
    cursor.setinputsizes(id=oracledb.DB_TYPE_RAW)
    refused("DPY-3013", lambda: cursor.execute(clear, {"id": "0" * 16}))
    refused("ORA-00932", lambda: cursor.execute(clear, {"id": "0" * 16}))


def test_values_of_an_array_are_of_one_type(cursor: Cursor) -> None:
    rows = [a_lease(), a_lease(name="other", holder=b"two")]
    refused("DPY-3013", lambda: cursor.executemany(LEASE, rows))


def test_a_column_is_compared_with_values_of_its_own_type(cursor: Cursor) -> None:
    ask = "SELECT loan.version FROM loan WHERE loan.loan_number = :n"
    refused("ORA-00932", lambda: cursor.execute(ask, {"n": 9900101001}))


def test_a_cursor_a_connection_and_a_pool_that_are_closed_are_of_no_use(
    sessions: StandInSessions, connection: Connection, cursor: Cursor
) -> None:
    refused("DPY-1003", cursor.fetchone)
    cursor.close()
    refused("DPY-1006", lambda: cursor.execute(LEASE, a_lease()))
    connection.close()
    refused("DPY-1001", connection.cursor)
    sessions.close()
    refused("DPY-1002", sessions.acquire)


# What comes back


def test_values_come_back_as_the_driver_gives_them(cursor: Cursor) -> None:
    cursor.setinputsizes(interest_paid_through=oracledb.DB_TYPE_DATE)
    cursor.execute(LOAN, a_loan(principal=Decimal("1234567890123456.70")))
    cursor.execute(
        "SELECT loan.loan_number, loan.location_id, loan.annual_rate, "
        "loan.interest_paid_through FROM loan"
    )
    assert cursor.fetchone() == ("9900101001", 1, 0.1075, datetime(2026, 11, 1))
    described = [(each[0], each[1].name, each[4], each[5]) for each in cursor.description or ()]
    assert described == [
        ("LOAN_NUMBER", "DB_TYPE_VARCHAR", 0, 0), ("LOCATION_ID", "DB_TYPE_NUMBER", 19, 0),
        ("ANNUAL_RATE", "DB_TYPE_NUMBER", 9, 6), ("INTEREST_PAID_THROUGH", "DB_TYPE_DATE", 0, 0),
    ]
    cursor.outputtypehandler = lambda cursor, *_about: cursor.var(Decimal)
    cursor.execute("SELECT loan.principal FROM loan")
    assert [str(value) for row in cursor for value in row] == ["1234567890123456.7"]


def test_a_time_is_a_date_unless_the_driver_is_told_otherwise(cursor: Cursor) -> None:
    cursor.execute(LEASE, a_lease())
    cursor.setinputsizes(expires_at=oracledb.DB_TYPE_TIMESTAMP)
    cursor.execute(LEASE, a_lease(name="exact"))
    cursor.execute("SELECT lease.expires_at FROM lease ORDER BY lease.name")
    assert cursor.fetchall() == [(NOON,), (NOON.replace(microsecond=0),)]


def test_a_number_is_rounded_to_its_places_without_a_word(cursor: Cursor) -> None:
    cursor.execute(LOAN, a_loan(principal=Decimal("0.125")))
    cursor.execute("SELECT loan.principal FROM loan")
    assert cursor.fetchone() == (0.13,)


def test_a_long_text_is_a_locator_unless_a_text_is_wanted(
    sessions: StandInSessions, cursor: Cursor
) -> None:
    cursor.execute(LOAN, a_loan())
    cursor.execute("SELECT loan.fees FROM loan")
    ((locator,),) = cursor.fetchall()
    sessions.trips()
    assert locator.read() == "[]"
    assert [trip.kind for trip in sessions.trips()] == ["lob"]
    cursor.outputtypehandler = lambda cursor, *_about: cursor.var(oracledb.DB_TYPE_LONG)
    cursor.execute("SELECT loan.fees FROM loan")
    assert cursor.fetchall() == [("[]",)]


def test_where_nulls_sort_has_to_be_said(cursor: Cursor) -> None:
    for code, of in (("a", "1"), ("b", None), ("c", "2")):
        cursor.execute(FRANCHISE, a_franchise(code=code, sba_code=of))
    ask = "SELECT franchise.code FROM franchise ORDER BY franchise.sba_code"
    refused("ORA-00933", lambda: cursor.execute(ask))
    cursor.execute(f"{ask} NULLS LAST")
    assert cursor.fetchall() == [("a",), ("c",), ("b",)]


def test_an_empty_text_equals_nothing(cursor: Cursor) -> None:
    cursor.execute(FRANCHISE, a_franchise(sba_code=""))
    for condition in ("= :x", "!= :x", ">= :x"):
        ask = f"SELECT franchise.code FROM franchise WHERE franchise.sba_code {condition}"
        cursor.execute(ask, {"x": ""})
        assert not cursor.fetchall()


# Sessions and transactions


def test_what_is_set_on_a_session_stays_when_it_comes_home(sessions: StandInSessions) -> None:
    for _ in range(2):
        first = sessions.acquire()
        first.autocommit, first.action = True, "stays"
        first.close()
    again = sessions.acquire()
    assert again.autocommit
    again.ping()
    assert sessions.trips()[-1].labels.action == "stays"


@pytest.mark.parametrize(
    ("label", "most"),
    [("client_identifier", 64), ("module", 48), ("action", 32), ("clientinfo", 64)],
)
def test_a_label_is_no_longer_than_its_place(
    connection: Connection, label: str, most: int
) -> None:
    setattr(connection, label, "é" * (most // 2))
    refused("ORA-24960", lambda: setattr(connection, label, "é" * (most // 2) + "x"))


def test_readers_see_what_is_committed_and_writers_wait_until_their_deadline(
    sessions: StandInSessions
) -> None:
    writer, other = sessions.acquire(), sessions.acquire()
    writer.cursor().execute(LEASE, a_lease())
    assert not names(other)
    other.call_timeout = 50
    refused("DPY-4024", lambda: other.cursor().execute(LEASE, a_lease(name="other")))
    other.call_timeout = 60_000
    waits = Thread(target=lambda: other.cursor().execute(LEASE, a_lease(name="other")))
    waits.start()
    writer.commit()
    waits.join()
    assert names(other) == ["other", "relay"]
    other.close()
    assert names(writer) == ["relay"]


def names(connection: Connection) -> list[str]:
    cursor = connection.cursor()
    cursor.execute("SELECT lease.name FROM lease ORDER BY lease.name")
    return [name for name, in cursor.fetchall()]


def test_a_pool_without_a_session_waits_and_says_so(sessions: StandInSessions) -> None:
    taken = [sessions.acquire() for _ in range(2)]
    refused("DPY-4005", sessions.acquire)
    taken[0].close()
    assert sessions.acquire().cursor()


def test_a_session_that_broke_takes_what_it_wrote_with_it(sessions: StandInSessions) -> None:
    connection = sessions.acquire()
    connection.cursor().execute(LEASE, a_lease())
    sessions.fail(Fault("commit", errors.connection_lost))
    refused("DPY-4011", connection.commit)
    refused("DPY-1001", connection.commit)
    connection.close()
    for _ in range(2):
        assert not names(sessions.acquire())


# Round trips


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (0, ["execute"]), (1, ["execute"]), (2, ["execute", "fetch"]), (3, ["execute", "fetch"]),
        (101, ["execute", "fetch"]), (102, ["execute", "fetch", "fetch"]),
        (250, ["execute", "fetch", "fetch", "fetch"]),
    ],
)
def test_rows_come_two_with_the_execution_and_then_by_the_hundred(
    sessions: StandInSessions, cursor: Cursor, rows: int, expected: list[str]
) -> None:
    if rows:
        cursor.executemany(LEASE, [a_lease(name=f"{number:04}") for number in range(rows)])
    sessions.trips()
    cursor.execute("SELECT lease.name FROM lease")
    assert len(cursor.fetchall()) == rows
    assert [trip.kind for trip in sessions.trips()] == expected


def test_a_query_of_long_texts_is_asked_twice_at_first_and_fetched_apart(
    sessions: StandInSessions, cursor: Cursor
) -> None:
    cursor.execute(LOAN, a_loan())
    sessions.trips()
    for expected in (["execute", "define", "fetch"], ["execute", "fetch"]):
        cursor.execute("SELECT loan.fees FROM loan")
        cursor.fetchall()
        assert [trip.kind for trip in sessions.trips()] == expected


def test_every_commit_and_rollback_is_sent(
    sessions: StandInSessions, connection: Connection
) -> None:
    connection.commit()
    connection.rollback()
    connection.cursor().execute(LEASE, a_lease())
    connection.close()
    assert [trip.kind for trip in sessions.trips()] == ["commit", "rollback", "execute", "rollback"]


def test_a_round_trip_takes_as_long_as_it_is_told_or_may(empty_stand_in: Path) -> None:
    sessions = StandInSessions(server_on(empty_stand_in, delay=0.02), 1)
    before = datetime.now()
    connection = sessions.acquire()
    for _ in range(5):
        connection.ping()
    assert datetime.now() - before >= timedelta(seconds=0.1)
    connection.call_timeout = 10
    refused("DPY-4024", connection.ping)
    sessions.close()
