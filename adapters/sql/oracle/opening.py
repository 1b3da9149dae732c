"""Opening a pool of sessions: one logon finds out whether the database takes it, then all do."""

import logging
import threading
import time
from dataclasses import dataclass, field

import oracledb

from adapters.sql.oracle.failures import NoSession
from adapters.sql.oracle.options import OracleOptions

NO_ANSWER = "no answer"
"""What is said where there is no error to tell of."""

PATIENCE_SECONDS = 15.0, 300.0
"""How long an attempt that hears nothing holds up the next one: at first, and after many. The
driver has no deadline for it, so that each leaves a thread and a socket behind."""

SESSION_SETTINGS = (
    "ALTER SESSION SET TIME_ZONE = 'UTC' NLS_SORT = 'BINARY' NLS_COMP = 'BINARY'"
    " NLS_NUMERIC_CHARACTERS = '.,' NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'"
    " NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6'"
)
"""What must not depend on the server's defaults: times, and the order of texts in keysets."""

_log = logging.getLogger("loapi.oracle")


@dataclass(slots=True, eq=False)
class _Attempt:
    """One try to open a pool, in a thread of its own."""

    began: float
    done: threading.Event = field(default_factory=threading.Event)
    pool: oracledb.ConnectionPool | None = None
    error: Exception | None = None


class Opening:
    """Opens one pool at a time; asked by one thread at a time."""

    def __init__(self, options: OracleOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._attempt: _Attempt | None = None
        self._patience = PATIENCE_SECONDS[0]
        self._closed = False

    def pool(self) -> oracledb.ConnectionPool:
        """Give a new pool; raises why there is none, NoSession if the database has not answered.

        Waits for an answer until `wait_seconds` after it was asked.
        """
        attempt = self._current()
        attempt.done.wait(max(0.0, attempt.began + self._options.wait_seconds - time.monotonic()))
        if not attempt.done.is_set():
            raise NoSession(NO_ANSWER)
        if attempt.pool is None:
            raise attempt.error or NoSession("closed")
        pool, attempt.pool, self._attempt = attempt.pool, None, None
        self._patience = PATIENCE_SECONDS[0]
        return pool

    def close(self) -> None:
        """Let no attempt open a pool any more."""
        with self._lock:
            self._closed, attempt = True, self._attempt
        if attempt is not None and attempt.pool is not None:
            attempt.pool.close(force=True)

    def _current(self) -> _Attempt:
        now, attempt = time.monotonic(), self._attempt
        if attempt is not None and not self._is_over(attempt, now):
            return attempt
        fresh = _Attempt(now)
        with self._lock:
            self._attempt = fresh
        # The threads of a pool are daemons where a daemon makes it: the process may end while
        # one of them waits for the database.
        threading.Thread(target=self._try, args=(fresh,), daemon=True).start()
        return fresh

    def _is_over(self, attempt: _Attempt, now: float) -> bool:
        """Tell whether it is time for another attempt."""
        if attempt.done.is_set():
            return attempt.pool is None
        if now - attempt.began < self._patience:
            return False
        self._patience = min(self._patience * 2, PATIENCE_SECONDS[1])
        return True

    def _try(self, attempt: _Attempt) -> None:
        """Log on once, and open a pool if that went well.

        A pool swallows errors of its background thread, which logs on again and again.
        """
        try:
            with oracledb.connect(**self._options.logon()) as connection:
                _warn(connection)
            with self._lock:
                # An attempt that was given up may end well, but another has taken its place.
                if self._attempt is attempt and not self._closed:
                    attempt.pool = _pool(self._options)
        except Exception as error:  # pylint: disable=broad-except  # whoever waits is told
            attempt.error = error
        attempt.done.set()


def _pool(options: OracleOptions) -> oracledb.ConnectionPool:
    def begin(session: oracledb.Connection, _tag: str) -> None:
        set_up(session, options)

    return oracledb.create_pool(
        **options.logon(),
        # Of `min` sessions the pool would replace each that breaks in its own thread, and swallow
        # what comes of it: refused logons too. As it is, sessions come with those who need them,
        # and stay.
        min=0,
        max=options.size,
        increment=1,
        getmode=oracledb.POOL_GETMODE_TIMEDWAIT,
        wait_timeout=options.milliseconds,
        max_lifetime_session=3600,
        # A listener under load refuses, and takes the next.
        retry_count=2,
        retry_delay=1,
        # With DRCP it is not enough to do this once, see DriverSessions.
        session_callback=None if options.drcp else begin,
    )


def set_up(session: oracledb.Connection, options: OracleOptions) -> None:
    """Make a session ours, in one round trip."""
    session.call_timeout = options.milliseconds
    session.current_schema = options.schema
    with session.cursor() as cursor:
        cursor.execute(SESSION_SETTINGS)


def _warn(connection: oracledb.Connection) -> None:
    """Tell operators what the database said at the logon, as that the password expires soon."""
    if connection.warning is not None:
        _log.warning("the database warns at the logon: %s", connection.warning.full_code)
