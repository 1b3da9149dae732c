"""The driver's connection, as far as SQLAlchemy and this service ask it."""

from collections.abc import Callable
from typing import Any

from tests.support.oracle import errors
from tests.support.oracle.cursor import Cursor
from tests.support.oracle.session import Session

LONGEST = {"client_identifier": 64, "module": 48, "action": 32, "clientinfo": 64}
"""Bytes of the labels; a release may allow more."""


def _label(name: str) -> property:
    def put(connection: "Connection", value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a string")
        if len(value.encode()) > LONGEST[name]:
            raise errors.ora(24960, f"the attribute {name} is too long")
        connection.session.labels[name] = value

    return property(None, put, doc="Goes to the server with the next call; cannot be read.")


def _of_session(name: str) -> property:
    def get(connection: "Connection") -> Any:
        return getattr(connection.session, name)

    def put(connection: "Connection", value: Any) -> None:
        setattr(connection.session, name, value)

    return property(get, put, doc="Stays on the session when this connection is closed.")


class Connection:
    """A session for as long as it is borrowed; closing it gives it back."""

    thin = True
    max_identifier_length = 128

    client_identifier = _label("client_identifier")
    module = _label("module")
    action = _label("action")
    clientinfo = _label("clientinfo")
    autocommit = _of_session("autocommit")
    outputtypehandler = _of_session("outputtypehandler")
    inputtypehandler = _of_session("inputtypehandler")

    def __init__(self, session: Session, give_back: Callable[[Session], None]) -> None:
        self._session: Session | None = session
        self._give_back = give_back

    @property
    def session(self) -> Session:
        """The session; raises DPY-1001 once it was given back."""
        if self._session is None:
            raise errors.not_connected()
        return self._session

    @property
    def version(self) -> str:
        """The server's release."""
        return self.session.server.version

    @property
    def call_timeout(self) -> int:
        """Milliseconds for each round trip, 0 for no limit."""
        return int(self.session.labels.get("call_timeout", 0))

    @call_timeout.setter
    def call_timeout(self, value: int) -> None:
        self.session.labels["call_timeout"] = value

    def cursor(self) -> Cursor:
        """Give a cursor."""
        return Cursor(self.session)

    def commit(self) -> None:
        """Commit: a round trip, whether anything was written or not."""
        self.session.call("commit", "", lambda _trip: self.session.end("COMMIT"))

    def rollback(self) -> None:
        """Roll back: a round trip, whether anything was written or not."""
        self.session.call("rollback", "", lambda _trip: self.session.end("ROLLBACK"))

    def ping(self) -> None:
        """Ask whether the server is there."""
        self.session.call("ping", "", lambda _trip: None)

    def close(self) -> None:
        """Give the session back; the driver rolls back what is open, in a round trip."""
        session, self._session = self.session, None
        if session.alive and session.writes:
            session.call("rollback", "", lambda _trip: session.end("ROLLBACK"))
        self._give_back(session)
