"""Two databases with the same data: that of the service, and that of its peer."""

import asyncio
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import JSON, create_engine, insert
from sqlalchemy.orm import Session

from adapters.sql.housekeeping import Housekeeping
from adapters.sql.store import row_of
from adapters.sql.tables import TABLES
from domain.client import Client, ReplayPolicy
from domain.loan import Loan
from domain.location import Access
from domain.model import Record
from domain.user import User
from entrypoints.container.datasets import demo_portfolio, reference_data
from entrypoints.container.wiring import Container, build, now, upgrade
from entrypoints.home import Home, StoredKey
from entrypoints.settings import Settings
from entrypoints.stocking import register, stock
from tests.performance.peer import models
from tests.support.stocked import seal

ONCE, WINDOW = "prepay", "batch"
"""A client whose tokens are good for one write, and one whose tokens can be used again."""
USER = "U1001"
FIRST_LOAN = 5_000_000_000
PEOPLE = 1_000
"""How many people share the caller's location, beside those of the portfolio."""
AT_ONCE = 20_000


@dataclass(frozen=True)
class Stocked:
    """A folder with both databases, and what to call with."""

    home: Path
    keys: dict[str, StoredKey]
    loans: Sequence[str]

    @property
    def people(self) -> Sequence[str]:
        """The users that stand in both beside those of the portfolio."""
        return [one.user_id for one in _people()]

    @property
    def peer(self) -> Path:
        """The peer's database."""
        return self.home / "peer.db"


def stocked(home: Path, loans: int) -> Stocked:
    """Fill both databases: reference data, the demo portfolio and as many loans as told."""
    settings = Settings(home=home)
    container = build(settings)
    upgrade(container)
    try:
        asyncio.run(_clients(container, settings))
        with container.database().writing() as connection:
            connection.execute(insert(TABLES[User]), [row_of(one) for one in _people()])
            connection.execute(insert(TABLES[Access]), [row_of(one) for one in _places()])
        made = [loan for some in _portions(loans) for loan in _added(container, some)]
        Housekeeping(container.database())(now())
        # Records that wait for long keep a service from writing.
        seal(container)
    finally:
        container.runner().close()
        container.database().close()
    found = Stocked(home, Home(home).keys(), made)
    _fill_peer(found, loans)
    return found


async def _clients(container: Container, settings: Settings) -> None:
    await stock(container.runner(), settings, container.sealer())
    first = next(one for one in demo_portfolio(now().date()).clients if one.client_id == ONCE)
    batch = Client(client_id=WINDOW, scopes=first.scopes, replay=ReplayPolicy.WINDOW)
    Home(settings.home).keep(
        await register(container.runner(), container.sealer(), settings, batch)
    )


def _portions(loans: int) -> Iterator[list[Loan]]:
    """Give copies of the portfolio's first loan, which is of the caller's location."""
    first = demo_portfolio(now().date()).loans[0]
    for start in range(0, loans, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, loans))
        yield [
            replace(first, loan_number=str(FIRST_LOAN + number), version=1) for number in numbers
        ]


def _people() -> list[User]:
    """Give copies of the portfolio's second person, a colleague of the caller."""
    colleague = demo_portfolio(now().date()).users[1]
    return [
        replace(colleague, user_id=f"P{number}", login=f"p{number}",
                email=f"p{number}@example.com", version=1)
        for number in range(PEOPLE)
    ]


def _places() -> list[Access]:
    place = next(one for one in demo_portfolio(now().date()).accesses if one.user_id == USER)
    return [replace(place, user_id=person.user_id, version=1) for person in _people()]


def _added(container: Container, loans: Sequence[Loan]) -> list[str]:
    with container.database().writing() as connection:
        connection.execute(insert(TABLES[Loan]), [row_of(loan) for loan in loans])
    return [loan.loan_number for loan in loans]


def _fill_peer(made: Stocked, loans: int) -> None:
    engine = create_engine(f"sqlite:///{made.peer}")
    models.Model.metadata.create_all(engine)
    portfolio = demo_portfolio(now().date())
    reference = {name: read() for name, read in reference_data().items()}
    with Session(engine) as session:
        _insert(session, models.User, [*portfolio.users, *_people()])
        _insert(session, models.Access, [*portfolio.accesses, *_places()])
        _insert(session, models.Country, reference["country"])
        _insert(session, models.NaicsCode, reference["naics"])
        _insert(session, models.Holiday, reference["holiday"])
        _insert(session, models.Loan, portfolio.loans)
        for some in _portions(loans):
            _insert(session, models.Loan, some)
        _put_clients(session, made)
        session.commit()
        session.connection().exec_driver_sql("ANALYZE")
        session.commit()
    engine.dispose()


def _insert(session: Session, model: Any, records: Iterable[Record]) -> None:
    columns = {column.key: column.type for column in model.__table__.columns}
    rows = [
        {
            name: to_jsonable_python(value) if isinstance(columns[name], JSON) else value
            for name, value in _shallow(record) if name in columns
        }
        for record in records
    ]
    session.execute(insert(model), rows)


def _shallow(record: Record) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        yield field.name, max(value, 1) if field.name == "version" else value


def _put_clients(session: Session, made: Stocked) -> None:
    scopes = next(
        one.scopes for one in demo_portfolio(now().date()).clients if one.client_id == ONCE
    )
    for name, replay in ((ONCE, "once"), (WINDOW, "window")):
        key = made.keys[name]
        session.add(models.Client(client_id=name, scopes=list(scopes), replay=replay))
        session.flush()
        session.add(models.ClientKey(key_id=key.key_id, client_id=name, secret=key.key))
