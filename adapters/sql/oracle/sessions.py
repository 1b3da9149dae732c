"""Sessions of the driver's pool: none is waited for without end, and no refused logon repeated."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import oracledb

from adapters.sql.oracle.failures import LOGON_REFUSED, NoSession, codes_of
from adapters.sql.oracle.opening import NO_ANSWER, Opening, set_up
from adapters.sql.oracle.options import OracleOptions

PAUSE_SECONDS = 1.0
"""How long a failure is taken to tell how the next try would end."""

STUCK_SECONDS = 15.0
"""How long a pool may give no session before it is given up for another."""

CLOSE_SECONDS = 3.0
"""How long closing may take."""

GRACE_SECONDS = 30.0
"""How long the sessions of a pool that is given up may still be used."""

_POOL_EMPTY = "DPY-4005"
_FALLEN_SILENT = ("DPY-4011", "DPY-4024")

_log = logging.getLogger("loapi.oracle")


class DriverSessions:
    """Keeps the promises of `adapters.sql.oracle.database.Sessions` with the driver's pool.

    Acquiring takes four times `wait_seconds` at most where the database falls silent half-way, and
    no time where it is known not to answer. Once the database has refused a logon, it is not asked
    again until the process starts anew.
    """

    def __init__(self, options: OracleOptions) -> None:
        """Fix the driver's mode for the process; raises an error of the driver's where the thick
        one cannot be had."""
        _choose_mode(options)
        self._options = options
        self._opening = Opening(options)
        self._turn = threading.Lock()
        self._pool: oracledb.ConnectionPool | None = None
        self._refused: str | None = None
        self._failing_since: float | None = None
        self._rests_until = 0.0
        self._told: str | None = None

    def acquire(self) -> oracledb.Connection:
        """Give a connection; raises NoSession, or DPY-4005 where all are in use."""
        with self._alone():
            return self._taken()

    def close(self) -> None:
        """End all sessions, or leave them to the end of the process after some seconds."""
        self._refused = self._refused or "closed"
        self._opening.close()
        pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool, 0.0).join(CLOSE_SECONDS)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread ask at a time: of several, each would have the pool log on in vain."""
        if not self._turn.acquire(timeout=self._options.wait_seconds):
            raise NoSession("no session in time")
        try:
            yield
        finally:
            self._turn.release()

    def _taken(self) -> oracledb.Connection:
        if self._refused is not None:
            raise NoSession(self._refused)
        if time.monotonic() < self._rests_until:
            raise NoSession(self._told or NO_ANSWER)
        try:
            session = self._set_up()
        except Exception as error:  # pylint: disable=broad-except  # it is told in our words
            missed = self._missed(error)
        else:
            self._failing_since = None
            self._tell(None)
            return session
        # Out here, so that it does not drag the driver's error and a half-made session along.
        raise missed

    def _set_up(self) -> oracledb.Connection:
        if self._pool is None:
            self._pool = self._opening.pool()
        session = self._pool.acquire()
        session.call_timeout = self._options.milliseconds
        if self._options.drcp:
            # The server may have taken another of its sessions for us than before.
            set_up(session, self._options)
        return session

    def _missed(self, error: Exception) -> Exception:
        """Draw the consequences of a failure; give what the caller is to be told."""
        pool, codes = self._pool, codes_of(error)
        if pool is not None and codes[0] == _POOL_EMPTY and pool.busy >= self._options.size:
            return error
        said = _said(error, codes)
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        if refused := LOGON_REFUSED.intersection(codes):
            self._refused = said
            _log.critical(
                "the database refuses the logon of %s: %s; it is not tried again, so that the "
                "account is not locked: mend it and start anew", self._options.user,
                " ".join(refused),
            )
        if self._refused or now - self._failing_since >= STUCK_SECONDS or _is_dead(pool, codes):
            self._give_up()
        if self._pool is None or codes[0] in _FALLEN_SILENT:
            self._rests_until = time.monotonic() + PAUSE_SECONDS
        self._tell(said)
        return NoSession(said)

    def _give_up(self) -> None:
        """Let go of a pool, in which a thread may be stuck for good, without waiting for it."""
        pool, self._pool, self._failing_since = self._pool, None, None
        if pool is not None:
            _end(pool, GRACE_SECONDS)

    def _tell(self, said: str | None) -> None:
        """Log when sessions cease to be had, for another reason than before, or are again."""
        if said == self._told:
            return
        self._told = said
        if said is None:
            _log.warning("the database gives sessions again")
        elif self._refused is None:
            _log.error("the database gives no session: %s", said)


def _choose_mode(options: OracleOptions) -> None:
    if options.thick:
        oracledb.init_oracle_client(config_dir=options.wallet)
    else:
        # Otherwise the first connect decides, and all others wait for it, even if it hangs.
        oracledb.enable_thin_mode()  # type: ignore[no-untyped-call]  # it has no annotations


def _said(error: Exception, codes: tuple[str, ...]) -> str:
    if isinstance(error, NoSession):
        return str(error)
    return NO_ANSWER if codes[0] == _POOL_EMPTY else " ".join(codes)


def _is_dead(pool: oracledb.ConnectionPool | None, codes: tuple[str, ...]) -> bool:
    """Tell whether a pool has no session left, and not just none yet."""
    return pool is not None and pool.opened == 0 and codes[0] != _POOL_EMPTY


def _end(pool: oracledb.ConnectionPool, grace: float) -> threading.Thread:
    thread = threading.Thread(target=_close, args=(pool, grace), daemon=True)
    thread.start()
    return thread


def _close(pool: Any, grace: float) -> None:
    until = time.monotonic() + grace
    while pool.busy and time.monotonic() < until:
        time.sleep(0.1)
    pool.close(force=True)
