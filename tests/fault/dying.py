"""Runs `loapi` until it comes to a named point for the n-th time, and dies there at once.

`python -m tests.fault.dying after-commit 5 serve` dies behind the fifth commit of a unit of work;
with a point of the relay and `audit relay`, at that step of the relay.
"""

import os
import sys
import threading
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

from entrypoints import cli
from entrypoints.container.wiring import Container

STATUS = 86
"""How a process ends that has died here."""

RELAY_POINTS = ("before-seal", "after-seal", "after-deliver", "after-clear", "after-checkpoint")
COMMIT_POINTS = ("before-commit", "after-commit")
WRITERS = "loapi-write"
"""How the threads of the runner are called."""


class Doom:
    """Counts how often the process came to its point."""

    def __init__(self, point: str, left: int, threads: str) -> None:
        self._point = point
        self._left = left
        self._threads = threads
        self._ours = threading.local()

    def at(self, point: str) -> None:
        """Die if the time has come."""
        self._left -= point == self._point
        if self._left <= 0:
            os._exit(STATUS)

    def before_commit(self, connection: Connection) -> None:
        """Come to the point before a commit, where it is one that writes."""
        mine = threading.current_thread().name.startswith(self._threads)
        self._ours.writes = mine and not _only_reads(connection)
        if self._ours.writes:
            self.at("before-commit")

    def after_commit(self) -> None:
        """Come to the point behind it."""
        if self._ours.writes:
            self.at("after-commit")


def _only_reads(connection: Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    found: bool = driver.execute("PRAGMA query_only").fetchone() == (1,)
    return found


def arm(doom: Doom) -> None:
    """Put the points in place."""
    commit: Any = DefaultDialect.do_commit

    def commit_and_die(dialect: DefaultDialect, connection: Any) -> None:
        commit(dialect, connection)
        doom.after_commit()

    def reach(point: str) -> None:
        doom.at(point)

    event.listen(Engine, "commit", doom.before_commit)
    DefaultDialect.do_commit = commit_and_die  # type: ignore[method-assign]  # the only way in
    Container.relay.add_kwargs(at=reach)


def main(point: str, occurrence: str, *arguments: str) -> None:
    """Run `loapi` with these arguments until the point."""
    arm(Doom(point, int(occurrence), WRITERS if arguments[0] == "serve" else ""))
    sys.argv[1:] = arguments
    cli.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
