"""What only two sessions on a real Oracle show, and values at the edges of its types.

The edges run on the stand-in as well; the rest needs a server: see tests/support/oracle_live.py.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Failure
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.store import SqlSource, row_of
from adapters.sql.tables import TABLES, loan, resource
from application.audit.ports import Holding
from domain.fee import Fee
from domain.loan import Loan
from domain.model import Record, key_of
from domain.resource import Resource
from tests.contract.conftest import NEEDS_ORACLE, NOON, a_loan, a_resource

LARGEST_MONEY = Decimal("99999999999999999.99")
OFFSET = datetime(2026, 3, 8, 1, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-5)))


@pytest.fixture(name="database")
def on_oracle(oracle: Callable[[Path], Database], tmp_path: Path) -> Iterator[Database]:
    """Give an empty database."""
    database = oracle(tmp_path)
    yield database
    database.close()


def stored(database: Database, record: Record) -> Record:
    """Store a record, and give it as it is read."""
    with database.writing() as connection:
        connection.execute(insert(TABLES[type(record)]), [row_of(record)])
    with database.reading() as connection:
        found = SqlSource(connection).get(type(record), key_of(record))
    assert found is not None
    return found


def a_large(size: int, **facts: Any) -> Resource:
    """Make a resource whose attributes take so many characters, most of them of three bytes."""
    return a_resource(
        created_at=NOON, updated_at=NOON, attributes={"text": "\u2603" * size}, **facts
    )


@pytest.mark.parametrize("size", [1, 1_300, 4_000, 5_000, 32_767, 40_000, 65_000])
def test_json_comes_back_whatever_its_size(database: Database, size: int) -> None:
    large = a_large(size)
    assert stored(database, large) == large


def test_two_large_values_stand_in_one_row(database: Database) -> None:
    fees = tuple(
        Fee(code=f"fee-{n}", description="\u2603" * 200, amount=Decimal("0.01")) for n in range(90)
    )
    owing = replace(a_loan(), fees=fees)
    assert stored(database, owing) == owing


@pytest.mark.parametrize("at", [OFFSET, NOON, NOON.replace(microsecond=1), NOON.replace(year=9999)])
def test_a_time_comes_back_as_the_same_moment_to_the_microsecond(
    database: Database, at: datetime
) -> None:
    found = stored(database, a_resource(created_at=at, updated_at=at))
    assert isinstance(found, Resource)
    assert (found.created_at, found.created_at.utcoffset()) == (at, timedelta())


@pytest.mark.parametrize("amount", [LARGEST_MONEY, -LARGEST_MONEY, Decimal("0.01"), Decimal("0")])
def test_an_amount_comes_back_to_the_cent(database: Database, amount: Decimal) -> None:
    found = stored(database, replace(a_loan(), principal=amount))
    assert isinstance(found, Loan) and found.principal == amount


@pytest.mark.parametrize("name", ["\u2603" * 200, "\U0001f600" * 200, "quote ' \" & :x", "\u00e9"])
def test_texts_of_the_greatest_length_fit(database: Database, name: str) -> None:
    named = a_resource(name, created_at=NOON, updated_at=NOON, description="\U0001f600" * 1000)
    assert stored(database, named) == named


def test_an_empty_text_is_refused_and_not_made_nothing(database: Database) -> None:
    empty = row_of(a_resource(created_at=NOON, updated_at=NOON)) | {"name": ""}
    with pytest.raises(DBAPIError), database.writing() as connection:
        connection.execute(insert(resource), [empty])


@NEEDS_ORACLE
def test_a_deadlock_is_worth_another_try(database: Database) -> None:
    numbers = ["9900101001", "9900101002"]
    with database.writing() as connection:
        connection.execute(insert(loan), [row_of(a_loan(number)) for number in numbers])
    both_hold_one = Barrier(2)

    def crossing(first: str, second: str) -> Failure | None:
        try:
            with database.writing() as connection:
                _touch(connection, first)
                both_hold_one.wait(10)
                _touch(connection, second)
        except DBAPIError as error:
            return database.failure(error)
        return None

    with ThreadPoolExecutor(2) as threads:
        ways = (numbers, list(reversed(numbers)))
        ended = [one.result() for one in [threads.submit(crossing, *way) for way in ways]]
    assert sorted(ended, key=str) == sorted([None, Failure.AGAIN], key=str)


def _touch(connection: Connection, number: str) -> None:
    connection.execute(
        update(loan).where(loan.c.loan_number == number).values(version=loan.c.version + 1)
    )


@NEEDS_ORACLE
def test_one_of_two_sessions_gets_the_lease(database: Database) -> None:
    row, start = SqlLeaseRow(database), Barrier(8)

    def tries(number: int) -> bool:
        start.wait(10)
        return row.swap(None, Holding(f"relay-{number}", NOON))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(tries, range(8))) == 1
    held = row.read()
    assert held is not None
    with ThreadPoolExecutor(8) as threads:
        again = [Holding(f"next-{number}", NOON) for number in range(8)]
        assert sum(threads.map(lambda put: row.swap(held, put), again)) == 1


def test_a_reader_neither_waits_for_a_writer_nor_sees_what_it_has_not_committed(
    database: Database,
) -> None:
    first = a_resource(created_at=NOON, updated_at=NOON)
    with database.writing() as connection:
        connection.execute(insert(resource), [row_of(first)])
        with database.reading() as other:
            assert other.execute(select(resource.c.id)).all() == []
    with database.reading() as other:
        assert other.scalars(select(resource.c.id)).all() == [first.id]
