"""Units of a batch ask together what each would ask alone, and get the same answers."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.runner import SqlRunner
from adapters.sql.store import SqlSource, row_of
from adapters.sql.tables import holiday, loan, resource
from adapters.sql.together import MOST_TOGETHER, NotYet, Together
from application.ports import Work
from application.query import Order, Query
from application.unit import Reader
from domain.errors import NotFound
from domain.holiday import Holiday
from domain.loan import Loan
from domain.resource import Resource
from tests.contract.conftest import NOON, SettableClock, a_loan, a_resource, errand
from tests.contract.test_side_by_side import DAYS

NUMBERS = [f"99001{number:05}" for number in range(70)]
RESOURCES = [a_resource(f"name {n % 9}", created_at=NOON, updated_at=NOON) for n in range(90)]


@pytest.fixture(name="database", params=["sqlite", "oracle"])
def stocked(
    request: pytest.FixtureRequest, tmp_path: Path, oracle: Callable[[Path], Database],
    sqlite_copy: Callable[[], Database],
) -> Iterator[Database]:
    """Give a database with loans, holidays and resources."""
    database = oracle(tmp_path) if request.param == "oracle" else sqlite_copy()
    with database.writing() as connection:
        connection.execute(insert(loan), [row_of(a_loan(number)) for number in NUMBERS])
        connection.execute(insert(holiday), [row_of(day) for day in DAYS])
        connection.execute(insert(resource), [row_of(one) for one in RESOURCES])
    yield database
    database.close()


def named(number: int) -> Query:
    """Ask for the resources of a name, two at most."""
    return Query(order=(Order("id"),), limit=2).where("name", f"name {number}")


def test_many_records_and_lists_are_answered_as_each_alone(database: Database) -> None:
    asked: list[tuple[type[Any], Any]] = [(Loan, (number,)) for number in (*NUMBERS, "none")]
    asked += [(Resource, named(number)) for number in range(MOST_TOGETHER + 5)]
    asked += [(Holiday, Query(order=(Order("date"), Order("code")), limit=3))]
    found: dict[int, Any] = {}

    with database.reading() as connection:
        together, alone = Together(connection), SqlSource(connection)

        def ask(place: int) -> None:
            kind, what = asked[place]
            is_list = isinstance(what, Query)
            found[place] = together.find(kind, what) if is_list else together.get(kind, what)

        together.run_all([partial(ask, place) for place in range(len(asked))])
        for place, (kind, what) in enumerate(asked):
            is_list = isinstance(what, Query)
            assert found[place] == (alone.find(kind, what) if is_list else alone.get(kind, what))


def test_a_question_that_follows_from_an_answer_is_asked_then(database: Database) -> None:
    runs: list[str] = []

    def follow(number: str) -> None:
        first = reader.get(Loan, number)
        assert first is not None
        runs.append(number)
        second = reader.get(Loan, str(int(number) + 10))
        answers[number] = second.loan_number if second else "none"

    answers: dict[str, str] = {}
    with database.reading() as connection:
        together = Together(connection)
        reader = Reader(together, NOON)
        together.run_all([partial(follow, number) for number in NUMBERS[:5]])
    assert answers == dict(zip(NUMBERS[:5], NUMBERS[10:15], strict=True))
    assert sorted(runs) == sorted(NUMBERS[:5] * 2), "each ran again once, from its beginning"


def test_a_use_case_cannot_take_a_question_that_waits_for_a_failure(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotYet):
        try:
            Together(connection).get(Loan, (NUMBERS[0],))
        except Exception:  # pylint: disable=broad-except  # as a use case might
            pytest.fail("it was taken for an error")


def test_a_batch_on_oracle_does_what_its_units_do_alone(
    oracle: Callable[[Path], Database], tmp_path: Path
) -> None:
    database = oracle(tmp_path)
    with database.writing() as connection:
        connection.execute(insert(loan), [row_of(a_loan(number)) for number in NUMBERS])
    journal = SqlJournal(database, sink_is_database=False)
    runner = SqlRunner(database, journal, SettableClock())

    def note(work: Work, number: str) -> str:
        found = work.get(Loan, number)
        if found is None:
            raise NotFound("loan")
        work.add(a_resource(f"of {found.loan_number}", created_at=NOON, updated_at=NOON))
        return found.loan_number

    async def all_at_once() -> list[Any]:
        wanted = [*NUMBERS, "0000000000"]
        calls = (runner.write(errand(), note, number) for number in wanted)
        return await asyncio.gather(*calls, return_exceptions=True)

    *done, refused = asyncio.run(all_at_once())
    runner.close()
    assert [one.value for one in done] == NUMBERS
    assert isinstance(refused, NotFound)
    assert journal.depth() == len(NUMBERS)
    database.close()
