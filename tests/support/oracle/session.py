"""A session of the server's: what stands on it outlives the connections that borrow it."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from tests.support.oracle import errors
from tests.support.oracle.server import Server
from tests.support.oracle.trips import Labels, RoundTrip

T = TypeVar("T")

STATEMENTS = 100
"""How many statements a session's cursors are kept for."""


class Session:
    """One session, its transaction and its cached statements.

    The driver pools the object that holds labels, deadline, autocommit and type handlers, and
    resets none of them when it comes home.
    """

    def __init__(self, number: int, server: Server) -> None:
        self.number = number
        self.server = server
        self.labels: dict[str, Any] = {}
        self.autocommit = False
        self.outputtypehandler: Any = None
        self.inputtypehandler: Any = None
        self.alive = True
        self.writes = False
        self._sqlite = server.connected()
        self._known: OrderedDict[str, None] = OrderedDict()

    def call(self, kind: str, sql: str, work: Callable[[RoundTrip], T]) -> T:
        """Make a round trip."""
        if not self.alive:
            raise errors.not_connected()
        trip = RoundTrip(kind, sql, self.number, Labels(**self.labels))
        fault = self.server.trips.note(trip)
        self._travel()
        if fault is None:
            return work(trip)
        if fault.done:
            work(trip)
        error = fault.error()
        if error.args[0].is_session_dead:
            self.die()
        raise error

    def _travel(self) -> None:
        """Take the time of a round trip, or the call's deadline if that is less."""
        delay, deadline = self.server.delay, self.labels.get("call_timeout", 0)
        if delay * 1000 > deadline > 0:
            time.sleep(deadline / 1000)
            raise errors.call_timeout(deadline)
        if delay:
            time.sleep(delay)

    def knows(self, sql: str) -> bool:
        """Tell whether a statement's cursor is open on this session; it is from now on."""
        known = sql in self._known
        self._known[sql] = None
        self._known.move_to_end(sql)
        if len(self._known) > STATEMENTS:
            self._known.popitem(last=False)
        return known

    @property
    def known(self) -> list[str]:
        """The statements whose cursors are open, the one longest unused first."""
        return list(self._known)

    def forget(self) -> None:
        """Close the cursors of all statements."""
        self._known.clear()

    def run(self, text: str, parameters: list[Any]) -> Any:
        """Run a statement of SQLite's."""
        return self._sqlite.execute(text, parameters)

    def lock(self) -> None:
        """Begin to write, or wait for the transaction that does, until the call's deadline."""
        if self.writes:
            return
        deadline = self.labels.get("call_timeout", 0)
        if not self.server.writing.acquire(timeout=deadline / 1000 if deadline else -1):
            raise errors.call_timeout(deadline)
        self.writes = True
        self._sqlite.execute("BEGIN IMMEDIATE")

    def end(self, how: str) -> None:
        """Commit or roll back what is written."""
        if not self.writes:
            return
        self._sqlite.execute(how)
        self.writes = False
        self.server.writing.release()

    def die(self) -> None:
        """End for good; what was written is rolled back."""
        self.end("ROLLBACK")
        self.alive = False
        self._sqlite.close()
