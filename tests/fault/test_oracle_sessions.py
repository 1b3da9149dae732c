"""Sessions at Oracle over real sockets: waits are bounded, refused logons are not repeated.

The driver is the real one; what listens is tests/support/tns.py.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import oracledb
import pytest

from adapters.sql.database import Failure
from adapters.sql.oracle import opening, sessions
from adapters.sql.oracle.failures import NoSession, failure
from adapters.sql.oracle.options import OracleOptions
from adapters.sql.oracle.sessions import DriverSessions
from tests.fault.drill import wait_for
from tests.support import tns
from tests.support.in_time import PATIENCE, in_time

# The driver leaves sockets to the garbage collector, which complains in whatever test runs then.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT = Path(__file__).parents[2]
WAITS = 1.0
BOUND = 8.0
"""Seconds in which everything answers, on a machine with other things to do."""

AWAY = [
    pytest.param(tns.silent, "no answer", id="silent"),
    pytest.param(tns.hang_up, "DPY-6005 DPY-4011", id="hangs-up"),
    pytest.param(tns.refusing(12514), "DPY-6005 DPY-6001", id="knows-no-such-service"),
    pytest.param(tns.refusing(12505), "DPY-6005 DPY-6003", id="knows-no-such-sid"),
    pytest.param(tns.refusing(12516), "DPY-6005 DPY-6000", id="has-no-room"),
    pytest.param(tns.late(0.5, tns.refusing(12514)), "DPY-6005 DPY-6001", id="late"),
]


def options(port: int, **others: Any) -> OracleOptions:
    """Describe the database at a port."""
    told: dict[str, Any] = {
        "user": "loapi_app", "password": "tiger", "dsn": f"127.0.0.1:{port}/loapi",
        "schema": "LOAPI_OWNER", "size": 4, "wait_seconds": WAITS,
    }
    return OracleOptions(**told | others)


@contextmanager
def opened(behave: tns.Behave, **others: Any) -> Iterator[tuple[DriverSessions, tns.Listener]]:
    """Give sessions at a listener that behaves so."""
    with tns.listening(behave) as listener:
        with closing(DriverSessions(options(listener.port, **others))) as driver:
            yield driver, listener


def refused(driver: DriverSessions) -> str:
    """Ask for a session that is not to be had; give why."""
    with pytest.raises(NoSession) as missing:
        driver.acquire()
    assert failure(missing.value) is Failure.UNAVAILABLE
    return str(missing.value)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Hold a block to its time."""
    began = time.monotonic()
    yield
    in_time(time.monotonic() - began, seconds)


def is_had(driver: DriverSessions) -> bool:
    """Tell whether a session is to be had."""
    try:
        driver.acquire().close()
    except NoSession:
        return False
    return True


def from_many_threads(ask: Callable[[], object], threads: int = 8) -> None:
    """Ask from several threads at a time, and wait for all."""
    asking = [threading.Thread(target=ask) for _ in range(threads)]
    for each in asking:
        each.start()
    for each in asking:
        each.join(PATIENCE)
    assert not [each for each in asking if each.is_alive()]


# A database that is away


@pytest.mark.parametrize(("behave", "why"), AWAY)
def test_a_session_that_is_not_to_be_had_is_refused_in_time(behave: tns.Behave, why: str) -> None:
    with opened(behave) as (driver, _), at_most(BOUND):
        assert refused(driver) == why


def test_nobody_at_the_port_is_told_at_once() -> None:
    with closing(DriverSessions(options(tns.closed_port()))) as driver, at_most(BOUND):
        assert refused(driver) == "DPY-6005 ConnectionRefusedError"


def test_a_host_that_does_not_exist_is_told() -> None:
    with closing(DriverSessions(options(0, dsn="no-such-host.invalid/loapi"))) as driver:
        assert refused(driver) in ("gaierror", "DPY-6005 gaierror")


@pytest.mark.parametrize("behave", [tns.silent, tns.hang_up])
def test_a_database_that_is_away_is_not_pestered(behave: tns.Behave) -> None:
    with opened(behave) as (driver, listener):
        with at_most(BOUND):
            refused(driver)
        began = time.monotonic()
        for _ in range(200):
            refused(driver)
        assert listener.connects <= 1 + (time.monotonic() - began) / sessions.PAUSE_SECONDS


def test_a_database_that_comes_back_is_used_again() -> None:
    account = tns.Account("tiger")
    with tns.listening(account) as listener:
        port = listener.port
        with closing(DriverSessions(options(port))) as driver:
            driver.acquire().close()
            listener.close()
            wait_for(lambda: not is_had(driver), PATIENCE, "sessions outlive their database")
            with tns.listening(account, port):
                wait_for(lambda: is_had(driver), PATIENCE, "the database is not used again")


def test_a_listener_that_was_silent_for_long_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "PATIENCE_SECONDS", (1.0, 1.0))
    account = tns.Account("tiger")
    met: list[object] = []

    def first_silent(taken: Any) -> None:
        met.append(taken)
        (tns.silent if len(met) == 1 else account)(taken)

    with opened(first_silent) as (driver, _):
        assert refused(driver) == "no answer"
        wait_for(lambda: is_had(driver), PATIENCE, "one silence is taken for all time")


# Logons


def test_a_refused_logon_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PAUSE_SECONDS", 0.0)
    account = tns.Account("another")
    with opened(account) as (driver, listener):
        assert refused(driver) == "ORA-01017"
        from_many_threads(lambda: refused(driver))
        account.password = "tiger"
        assert refused(driver) == "ORA-01017", "only a restart may try again"
        assert (account.refused, listener.connects) == (1, 1)


def test_many_who_ask_at_once_cost_one_refused_logon() -> None:
    account = tns.Account("another")
    with opened(account) as (driver, _):
        from_many_threads(lambda: refused(driver))
        assert account.refused == 1


def test_a_password_that_changes_later_costs_two_refused_logons_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "PAUSE_SECONDS", 0.0)
    account = tns.Account("tiger", thinks=0.1)
    with opened(account) as (driver, listener):
        taken = [driver.acquire() for _ in range(4)]
        account.password = "another"
        listener.hang_up()
        for each in taken[1:]:
            each.close()
        from_many_threads(lambda: is_had(driver))
        wait_for(lambda: refused(driver) == "ORA-01017", PATIENCE, "the refusal is not remembered")
        taken[0].close()
        from_many_threads(lambda: refused(driver))
        # One for whoever asked; one by the driver's own thread, which cannot be stopped in time.
        assert 1 <= account.refused <= 2


def test_the_driver_does_not_log_on_unless_somebody_asks() -> None:
    account = tns.Account("tiger")
    with opened(account) as (driver, listener):
        taken = [driver.acquire() for _ in range(4)]
        account.password = "another"
        listener.hang_up()
        for each in taken:
            with pytest.raises(oracledb.Error):
                each.ping()
            each.close()
            # For a logon to arrive, if there is to be one.
            time.sleep(0.1)
        assert account.refused == 0


# Sessions that are to be had


def test_every_session_is_set_up_once_in_one_call() -> None:
    account = tns.Account("tiger")
    with opened(account) as (driver, _):
        for _ in range(2):
            taken = [driver.acquire() for _ in range(4)]
            for each in taken:
                each.close()
        made = [call for call in account.calls if b"ALTER SESSION" in call]
    assert len(made) == 4
    assert all(b"LOAPI_OWNER" in call and b"TIME_ZONE = 'UTC'" in call for call in made)


def test_a_shared_server_session_is_set_up_each_time() -> None:
    account = tns.Account("tiger")
    with opened(account, drcp=True) as (driver, _):
        for _ in range(3):
            driver.acquire().close()
        assert sum(b"ALTER SESSION" in call for call in account.calls) == 3


def test_a_session_comes_with_a_deadline_whatever_it_had_before() -> None:
    with opened(tns.Account("tiger")) as (driver, _):
        for _ in range(8):
            session = driver.acquire()
            assert session.call_timeout == WAITS * 1000
            session.call_timeout = 0
            session.close()


def test_all_sessions_in_use_is_busy_and_not_away() -> None:
    with opened(tns.Account("tiger")) as (driver, _):
        taken = [driver.acquire() for _ in range(4)]
        with at_most(BOUND), pytest.raises(oracledb.Error) as missing:
            driver.acquire()
        assert failure(missing.value) is Failure.BUSY
        taken.pop().close()
        assert is_had(driver)


def test_a_database_that_falls_silent_under_a_call_does_not_hold_it() -> None:
    account = tns.Account("tiger")
    with opened(account) as (driver, _):
        session = driver.acquire()
        account.answers.clear()
        with at_most(BOUND), pytest.raises(oracledb.Error) as late:
            session.ping()
        assert failure(late.value) in (Failure.LATE, Failure.LOST)
        account.answers.set()


def test_a_database_that_lets_in_and_then_falls_silent_is_not_waited_for_by_all() -> None:
    account = tns.Account("tiger")
    account.answers.clear()
    with opened(account) as (driver, _):
        with at_most(BOUND * 2):
            from_many_threads(lambda: refused(driver))
            for _ in range(50):
                refused(driver)
        account.answers.set()
        wait_for(lambda: is_had(driver), PATIENCE, "one silence is taken for all time")


def test_a_pool_that_gives_nothing_for_long_is_given_up_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "STUCK_SECONDS", 2.0)
    account = tns.Account("tiger")
    with opened(account) as (driver, listener):
        driver.acquire().close()
        account.silent_logons.set()
        listener.hang_up()
        wait_for(lambda: not is_had(driver), PATIENCE, "broken sessions are given")
        refused(driver)
        account.silent_logons.clear()
        wait_for(lambda: is_had(driver), PATIENCE, "a stuck pool is kept for ever")


# The end


@pytest.mark.parametrize("behave", [tns.silent, tns.Account("tiger")], ids=["silent", "well"])
def test_closing_is_a_matter_of_seconds(behave: tns.Behave) -> None:
    with opened(behave) as (driver, _):
        is_had(driver)
        with at_most(sessions.CLOSE_SECONDS + BOUND):
            driver.close()
        assert refused(driver) == "closed"


ENDS = """
import sys
from adapters.sql.oracle.options import OracleOptions
from adapters.sql.oracle.sessions import DriverSessions
sessions = DriverSessions(OracleOptions(
    user="u", password="p", dsn=f"127.0.0.1:{sys.argv[1]}/x", schema="S", size=4, wait_seconds=0.5))
try:
    sessions.acquire()
except Exception as error:
    print(error)
"""


def test_a_process_ends_while_the_driver_waits_for_a_silent_listener() -> None:
    with tns.listening(tns.silent) as listener:
        ended = subprocess.run(
            [sys.executable, "-c", ENDS, str(listener.port)],
            cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )
        assert (ended.returncode, ended.stdout) == (0, "no answer\n")
        assert ended.stderr.splitlines() == ["the database gives no session: no answer"]
        assert listener.connects == 1
