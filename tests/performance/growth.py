"""Measures what grows with the data, and should not: `uv run python -m tests.performance.growth`.

A database file with as many payoffs as told (`--rows`, 1,000,000), of 50 locations, and as many
people, each at two of 5,000. Prints the time of a page of 50 at the first row, in the middle and
near the last, and of pages narrowed by filters, for callers who see one location, three, fifty.

Besides, what a write, the relay and the verifier cost when the trail has grown (`--records`), the
memory of a process that has answered many requests (`--requests`), and what two workers write;
these go into docs/performance.md. All of it takes some ten minutes.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from adapters.sql.database import Database
from adapters.sql.housekeeping import Housekeeping
from adapters.sql.migrate import upgrade
from adapters.sql.sqlite import open_sqlite
from adapters.sql.store import SqlSource, row_of
from adapters.sql.tables import TABLES
from application import payoffs, users
from application.caller import Caller
from application.query import Operator, Order, Query, Term, position
from application.unit import Reader
from domain.location import Access
from domain.model import uuid7
from domain.payoff import Payoff, PayoffReason, Requester
from domain.payoff_status import PayoffStatus
from domain.user import User, UserStatus, UserType
from tests.performance import growth_told, memory_growth, trail_growth, worker_growth
from tests.performance.report import machine, put
from tests.performance.stocked import Stocked, stocked

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
LOCATIONS = tuple(range(900_001, 900_051))
STATUSES = tuple(PayoffStatus)
OFFICES = 5_000
ROUNDS = 60
PAGE = 50


def main() -> None:
    """Fill databases, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("pages", "service"))
    parser.add_argument("--print", action="store_true", dest="only_print")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.only != "pages":
            text = _of_service(Path(folder), chosen.records, chosen.requests)
            print(text, flush=True)
            if not chosen.only_print:
                put("growth", f"{machine()}\n\n{text}")
        if chosen.only != "service":
            _of_pages(Path(folder), chosen.rows)


def _of_service(folder: Path, records: int, requests: int) -> str:
    """Measure the trail, memory and workers; give what is told of them."""
    sizes = [0, records // 10, records]
    used = (len(sizes) + 1) * trail_growth.REQUESTS
    written = requests // memory_growth.WRITES
    data = stocked(folder / "home", used + written + 3 * worker_growth.MOST)
    others = data.loans[used:]
    rest = others[written:]
    busy = Stocked(shutil.copytree(data.home, folder / "busy"), data.keys, others)
    crowded = Stocked(shutil.copytree(data.home, folder / "crowded"), data.keys, rest)
    kept = memory_growth.rss(busy, others, requests)
    rates = [
        worker_growth.rates(crowded, rest[:worker_growth.MOST], 1),
        worker_growth.rates(crowded, rest[worker_growth.MOST:], 2),
    ]
    return growth_told.told([*trail_growth.points(data, sizes)], kept, requests, rates)


def _of_pages(folder: Path, rows: int) -> None:
    url = f"sqlite:///{folder / 'loapi.db'}"
    database = open_sqlite(url)
    upgrade(database)
    _fill(database, rows)
    _people(database, rows)
    Housekeeping(database)(START)
    database.close()
    database = open_sqlite(url)
    _pages(database, rows)
    _people_pages(database, rows)
    database.close()


def _fill(database: Database, rows: int) -> None:
    started = time.perf_counter()
    statement = insert(TABLES[Payoff])
    for first in range(0, rows, 20_000):
        some = [row_of(_payoff(n)) for n in range(first, min(first + 20_000, rows))]
        with database.writing() as connection:
            connection.execute(statement, some)
    print(f"{rows} payoffs in {time.perf_counter() - started:.0f} s", flush=True)


def _payoff(number: int) -> Payoff:
    """Give one of the payoffs; a loan has one, those open and those closed alternate."""
    at = START + timedelta(seconds=number)
    seed = number * 2_654_435_761 % 2**32
    return Payoff(
        id=uuid7(int(at.timestamp() * 1000), lambda bits: seed % 2**bits),
        loan_number=f"{number:010}",
        payoff_date=date(2026, 1, 1) + timedelta(days=seed % 600),
        reason=PayoffReason.SALE,
        voluntary=True,
        requester=Requester(name="Pat Example"),
        status=STATUSES[seed % len(STATUSES)],
        location_id=LOCATIONS[seed % len(LOCATIONS)],
        principal=Decimal(seed).scaleb(-2),
        client_id="prepay",
        created_by="U1001",
        created_at=at,
        updated_at=at,
        version=1,
    )


def _user(number: int) -> User:
    return User(
        user_id=f"U{number:07}",
        login=f"login{number}",
        first_name="Pat",
        last_name=f"Example{number * 7919 % 10_007:05}",
        email=f"pat{number}@example.com",
        user_type=UserType.PARTNER,
        status=UserStatus.ACTIVE,
        version=1,
    )


def _place_of(number: int, nth: int) -> Access:
    location = 900_001 + (number * 31 + nth * 977) % OFFICES
    return Access(user_id=f"U{number:07}", location_id=location, roles=("servicer",),
                  is_primary=nth == 0, version=1)


def _people(database: Database, rows: int) -> None:
    """Measure lists of people: each has two places among 5,000 offices."""
    for first in range(0, rows, 20_000):
        numbers = range(first, min(first + 20_000, rows))
        places = [row_of(_place_of(n, nth)) for n in numbers for nth in (0, 1)]
        with database.writing() as connection:
            connection.execute(insert(TABLES[User]), [row_of(_user(n)) for n in numbers])
            connection.execute(insert(TABLES[Access]), places)


def _pages(database: Database, rows: int) -> None:
    for seen in (1, 3, len(LOCATIONS)):
        caller = _caller(LOCATIONS[:seen])
        for name, query in _questions(rows):
            micros = _measured(database, payoffs.search, caller, query)
            print(f"{seen:3} locations  {name:34} {micros:8.0f} us", flush=True)


def _people_pages(database: Database, rows: int) -> None:
    by_id = Query(order=users.LISTING.complete(()), limit=PAGE)
    by_name = Query(order=users.LISTING.complete((Order("last_name"),)), limit=PAGE)
    questions = {
        "people, first page": by_id,
        "people, middle page": replace(by_id, after=position(_user(rows // 2), by_id.order)),
        "people by name, first page": by_name,
        "people by name, middle page": replace(
            by_name, after=("Example05000", f"U{rows // 2:07}")
        ),
        "one by e-mail": by_id.where("email", f"pat{rows // 2}@example.com"),
        "of one location": by_id.where("location_id", LOCATIONS[0], link=users.ACCESS),
    }
    for seen in (1, 3, len(LOCATIONS)):
        for name, query in questions.items():
            micros = _measured(database, users.search, _caller(LOCATIONS[:seen]), query)
            print(f"{seen:3} locations  {name:34} {micros:8.0f} us", flush=True)


def _questions(rows: int) -> Iterator[tuple[str, Query]]:
    """Give the pages to measure: each a query from a position on."""
    newest = Query(order=payoffs.LISTING.complete(()), limit=PAGE)
    oldest = Query(order=payoffs.LISTING.complete((Order("created_at"),)), limit=PAGE)
    by_day = Query(order=payoffs.LISTING.complete((Order("payoff_date"),)), limit=PAGE)
    for name, query in (("newest", newest), ("oldest", oldest), ("by payoff date", by_day)):
        yield f"{name}, first page", query
        yield f"{name}, middle page", replace(query, after=_place(query, rows, rows // 2))
        # So long before the end that those who see one location in fifty have a page left.
        yield f"{name}, last page", replace(query, after=_place(query, rows, rows - 500 * PAGE))
    yield "one loan", newest.where("loan_number", f"{rows // 3:010}")
    yield "open ones", newest.where("status", PayoffStatus.REQUESTED)
    yield "open ones, two states", newest.where(
        "status", PayoffStatus.REQUESTED, PayoffStatus.QUOTED
    )
    yield "of a day", newest.where("payoff_date", date(2026, 6, 1))
    yield "of some days", newest.and_(Term("payoff_date", Operator.GTE, (date(2026, 6, 1),))).and_(
        Term("payoff_date", Operator.LT, (date(2026, 7, 1),))
    )
    year = newest.and_(Term("payoff_date", Operator.GTE, (date(2026, 6, 1),)))
    year = year.and_(Term("payoff_date", Operator.LT, (date(2027, 6, 1),)))
    yield "of a year", year
    yield "of a year, by payoff date", replace(year, order=by_day.order)
    yield "of an hour", newest.and_(
        Term("created_at", Operator.LT, (START + timedelta(seconds=rows // 2),))
    )


def _place(query: Query, rows: int, number: int) -> tuple[Any, ...]:
    """Give the position behind so many rows of a query's order."""
    if query.order[0].field == "payoff_date":
        day = date(2026, 1, 1) + timedelta(days=600 * number // rows)
        return (day, UUID(int=0))
    return position(_payoff(rows - number if query.order[0].descending else number), query.order)


def _caller(locations: tuple[int, ...]) -> Caller:
    roles = {location: ("servicer",) for location in locations}
    return Caller(client_id="prepay", scopes=frozenset(), user_id="U1001", roles=roles)


def _measured(database: Database, search: Any, caller: Caller, query: Query) -> float:
    """Give the median time of a page, microseconds."""
    times = []
    with database.reading() as connection:
        reader = Reader(SqlSource(connection), START)
        for _ in range(ROUNDS):
            started = time.perf_counter()
            search(reader, caller, query)
            times.append(time.perf_counter() - started)
            if sum(times) > 5:
                break
    return statistics.median(times) * 1e6


if __name__ == "__main__":
    main()
