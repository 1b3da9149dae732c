"""The driver's pool: a fixed number of sessions, and a wait of two seconds for one of them."""

from collections.abc import Sequence
from itertools import count
from queue import Empty, SimpleQueue

from tests.support.oracle import errors
from tests.support.oracle.connection import Connection
from tests.support.oracle.server import Server
from tests.support.oracle.session import Session
from tests.support.oracle.trips import Fault, RoundTrip

WAITS = 2.0
"""Seconds, as the service's pool is told (POOL_GETMODE_TIMEDWAIT)."""


class StandInSessions:
    """Keeps the promises of `adapters.sql.oracle.database.Sessions` without a server."""

    def __init__(self, server: Server, size: int, waits: float = WAITS) -> None:
        self.server = server
        self._waits = waits
        self._numbers = count(1)
        self._closed = False
        self._sessions: list[Session] = []
        self._free: SimpleQueue[Session] = SimpleQueue()
        for _ in range(size):
            self._free.put(self._begun())

    def acquire(self) -> Connection:
        """Borrow the session that has rested longest; raises DPY-4005 where none is to be had."""
        if self._closed:
            raise errors.pool_closed()
        try:
            session = self._free.get(timeout=self._waits)
        except Empty:
            raise errors.pool_exhausted() from None
        session = session if session.alive else self._begun()
        session.labels["call_timeout"] = int(WAITS * 1000)
        return Connection(session, self._give_back)

    def close(self) -> None:
        """End every session; one that is borrowed ends when it comes home."""
        self._closed = True
        while not self._free.empty():
            self._free.get().die()

    def trips(self) -> Sequence[RoundTrip]:
        """Give the round trips of all sessions since this was asked last."""
        return self.server.trips.taken()

    def fail(self, fault: Fault) -> None:
        """Let a round trip to come go wrong."""
        self.server.trips.faults.append(fault)

    def warm(self) -> None:
        """Let every session know the statements that any of them has run, as after a while."""
        for sql in {sql for session in self._sessions for sql in session.known}:
            for session in self._sessions:
                session.knows(sql)

    def forget(self) -> None:
        """Let no session know any statement, as new ones do."""
        for session in self._sessions:
            session.forget()

    def _begun(self) -> Session:
        session = Session(next(self._numbers), self.server)
        self._sessions.append(session)
        return session

    def _give_back(self, session: Session) -> None:
        if self._closed and session.alive:
            session.die()
        else:
            self._free.put(session)
