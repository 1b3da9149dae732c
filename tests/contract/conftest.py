"""The same runner, clock and journal on every adapter, for the suites that all of them pass."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import pytest

from adapters.memory.audit import MemoryJournal
from adapters.memory.runner import MemoryRunner
from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.migrate import upgrade
from adapters.sql.oracle.database import database_on
from adapters.sql.runner import SqlRunner
from adapters.sql.sqlite import open_sqlite
from application.audit.record import AuditRecord, Origin
from application.ports import (
    Done,
    Errand,
    IdempotencyKey,
    Journal,
    Reading,
    Runner,
    SpentToken,
    Work,
)
from domain.interest import DayCount
from domain.loan import Loan, LoanStatus, Program
from domain.resource import Resource
from domain.user import User, UserStatus, UserType
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import made_at, server_on
from tests.support.oracle_live import DSN, LiveOracle

P = ParamSpec("P")
R = TypeVar("R")

NOON = datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=timezone.utc)
"""Noon in New York, on a Monday."""

ALL = 100_000
"""More records than any test leaves."""

NUMBERS = count(1)

SESSIONS = 8
"""Of the stand-in for Oracle: three that write, three that read, and two to spare."""

NEEDS_ORACLE = pytest.mark.skipif(
    DSN not in os.environ, reason=f"it takes a real server: set {DSN}, see docs/oracle.md"
)
DURABLE = ["sqlite", "oracle"]
"""The adapters that outlive a process."""
ADAPTERS = ["memory", *DURABLE]


@dataclass
class SettableClock:
    """Tells the time that it is set to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass
class Rig:
    """A runner with the clock that it reads and the journal that it writes."""

    runner: Runner
    clock: SettableClock
    journal: Journal
    reopened: Callable[[], Runner] | None = None
    """Gives a runner as a process that starts on the same store has it."""
    _seen: set[UUID] = field(default_factory=set)

    def write(
        self,
        errand: Errand,
        use_case: Callable[Concatenate[Work, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Done[R]:
        """Write, and wait for it."""
        return asyncio.run(self.runner.write(errand, use_case, *args, **kwargs))

    def do(
        self, use_case: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Write with a plain errand, and give what the use case gives."""
        return self.write(errand(), use_case, *args, **kwargs).value

    def read(
        self, use_case: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Read, and wait for it."""
        return asyncio.run(self.runner.read(use_case, *args, **kwargs))

    def records(self) -> list[AuditRecord]:
        """Give every record in the journal, in order of id."""
        return list(self.journal.pending(ALL))

    def new_records(self) -> list[AuditRecord]:
        """Give the records that came since this was asked last."""
        fresh = [record for record in self.records() if record.id not in self._seen]
        self._seen |= {record.id for record in fresh}
        return fresh

    def restart(self) -> None:
        """Go on as the next process on the same store."""
        assert self.reopened is not None, "this adapter does not outlive its process"
        self.runner = self.reopened()


@pytest.fixture(params=ADAPTERS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Give a runner on an empty store of each adapter."""
    with _opener(request)() as opened:
        yield opened


@pytest.fixture(params=DURABLE)
def durable_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Give a runner on an empty store of each adapter that outlives a process."""
    with _opener(request)() as opened:
        yield opened


def _opener(request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[Rig]]:
    opener: Callable[[], AbstractContextManager[Rig]]
    opener = request.getfixturevalue(f"{request.param}_opener")
    return opener


@pytest.fixture
def memory_opener() -> Callable[[], AbstractContextManager[Rig]]:
    """Give what makes a rig in memory."""

    @contextmanager
    def opened() -> Iterator[Rig]:
        clock, journal = SettableClock(), MemoryJournal()
        yield Rig(MemoryRunner(clock, journal), clock, journal)

    return opened


@pytest.fixture
def sqlite_opener(empty_sqlite: Path, tmp_path: Path) -> Callable[[], AbstractContextManager[Rig]]:
    """Give what makes a rig on SQLite."""
    return lambda: _sql_rig(opened_copy(empty_sqlite, tmp_path))


@pytest.fixture
def oracle_opener(
    oracle: Callable[[Path], Database], tmp_path: Path
) -> Callable[[], AbstractContextManager[Rig]]:
    """Give what makes a rig on Oracle."""
    return lambda: _sql_rig(oracle(tmp_path))


@contextmanager
def _sql_rig(database: Database) -> Iterator[Rig]:
    clock = SettableClock()
    journal = SqlJournal(database, sink_is_database=False)
    runners: list[SqlRunner] = []

    def reopened() -> SqlRunner:
        for runner in runners:
            runner.close()
        runners[:] = [SqlRunner(database, journal, clock)]
        return runners[0]

    try:
        yield Rig(reopened(), clock, journal, reopened)
    finally:
        runners[0].close()
        database.close()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database file at the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    database = open_sqlite(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def sqlite_copy(empty_sqlite: Path, tmp_path: Path) -> Callable[[], Database]:
    """Give what opens an empty database file."""
    return lambda: opened_copy(empty_sqlite, tmp_path)


@pytest.fixture(scope="session")
def stand_in_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file of the stand-in for Oracle with empty tables, to be copied."""
    return made_at(tmp_path_factory.mktemp("stand-in") / "empty.db")


@pytest.fixture
def empty_stand_in(stand_in_file: Path, tmp_path: Path) -> Path:
    """Give such a file of one's own."""
    return Path(shutil.copy(stand_in_file, tmp_path / "stand-in.db"))


@pytest.fixture(scope="session")
def stand_in(stand_in_file: Path) -> Callable[[Path], Database]:
    """Give what opens an empty database in a folder, over the stand-in for Oracle."""

    def opened_in(folder: Path) -> Database:
        server = server_on(Path(shutil.copy(stand_in_file, folder / "stand-in.db")))
        return database_on(StandInSessions(server, SESSIONS), SESSIONS)

    return opened_in


@pytest.fixture(scope="session")
def oracle(
    stand_in: Callable[[Path], Database],
) -> Iterator[Callable[[Path], Database]]:
    """Give what opens an empty Oracle database: of the server that the environment names, else
    of the stand-in for driver and server, in a folder."""
    if DSN not in os.environ:
        yield stand_in
        return
    live = LiveOracle()
    yield lambda _folder: live.emptied()
    live.close()


def opened_copy(empty: Path, folder: Path) -> Database:
    """Open a database of one's own."""
    return open_sqlite(f"sqlite:///{shutil.copy(empty, folder / 'loapi.db')}")


def errand(
    action: str = "resource.create",
    *,
    token: SpentToken | None = None,
    idempotency: IdempotencyKey | None = None,
) -> Errand:
    """Make what a write carries; each has a request id of its own."""
    origin = Origin(request_id=f"request-{next(NUMBERS)}", action=action, client_id="prepay")
    return Errand(origin=origin, token=token, idempotency=idempotency)


def a_resource(name: str = "first", **facts: Any) -> Resource:
    """Make a resource with an identity of its own, unless told otherwise."""
    given: dict[str, Any] = {"id": UUID(int=next(NUMBERS)), "name": name, "client_id": "prepay"}
    return Resource(**given | facts)


def a_loan(loan_number: str = "9900101001", **facts: Any) -> Loan:
    """Make a loan that can be paid off."""
    given: dict[str, Any] = {
        "location_id": 900101,
        "program": Program.SEVEN_A,
        "borrower_name": "Invented Bakery (demo)",
        "status": LoanStatus.ACTIVE,
        "principal": Decimal("412350.75"),
        "annual_rate": Decimal("0.1075"),
        "day_count": DayCount.ACT_365F,
        "interest_paid_through": date(2026, 11, 15),
    }
    return Loan(loan_number=loan_number, **given | facts)


def a_user(user_id: str = "U1001", **facts: Any) -> User:
    """Make a person."""
    given: dict[str, Any] = {
        "login": user_id.lower(),
        "first_name": "Ada",
        "last_name": "Moreno",
        "email": "ada.moreno@example.com",
        "user_type": UserType.PARTNER,
        "status": UserStatus.ACTIVE,
    }
    return User(user_id=user_id, **given | facts)
