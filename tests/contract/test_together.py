"""Units of a batch ask together what each would ask alone, and get the same answers."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert

from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.runner import SqlRunner
from adapters.sql.store import SqlSource, row_of
from adapters.sql.tables import holiday, loan, resource
from adapters.sql.together import MOST_TOGETHER, NotYet, Together
from application import payoffs
from application.foresight import foreseen, foresees
from application.ports import Reading, Work
from application.query import Order, Page, Query
from application.unit import Reader, Unit
from domain.errors import NotFound
from domain.holiday import Holiday
from domain.loan import Loan
from domain.payoff import Payoff
from domain.payoff_status import OPEN, PayoffStatus
from domain.resource import Resource
from tests.contract.conftest import NOON, SettableClock, a_loan, a_resource, errand
from tests.contract.test_runner import CALLER, FED, a_payoff
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


def of_client(name: str, limit: int) -> Query:
    """Ask for the resources of a client with certain names, in no order."""
    names = (f"name {number}" for number in range(3))
    return Query(limit=limit).where("client_id", name).where("name", *names)


def statements(database: Database) -> list[tuple[str, Any]]:
    """Give a list that each statement for reading is added to, with its parameters."""
    sent: list[tuple[str, Any]] = []

    @event.listens_for(database.reading_engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if sql.startswith("SELECT"):
            sent.append((sql, parameters))

    return sent


def asked_together(database: Database, queries: Iterable[Query]) -> list[Page[Resource]]:
    """Ask for resources in one batch."""
    found: dict[int, Page[Resource]] = {}

    def ask(place: int, query: Query) -> None:
        found[place] = together.find(Resource, query)

    with database.reading() as connection:
        together = Together(connection)
        together.run_all([partial(ask, *each) for each in enumerate(queries)])
    return [found[place] for place in sorted(found)]


@pytest.mark.parametrize("limit", [4, 2_000], ids=["of which one has too many", "with room"])
def test_lists_that_differ_in_one_value_are_answered_as_each_alone(
    database: Database, limit: int
) -> None:
    other = replace(RESOURCES[0], id=UUID(int=999), client_id="other")
    with database.writing() as connection:
        connection.execute(insert(resource), [row_of(other)])
    queries = [of_client(name, limit) for name in (RESOURCES[0].client_id, "other", "nobody")]
    many, one, none = asked_together(database, queries)
    assert (len(many.items), many.more) == ((limit, True) if limit == 4 else (30, False))
    assert one == Page((other,))
    assert none == Page(())


def test_lists_that_differ_in_one_value_are_one_statement(database: Database) -> None:
    sent = statements(database)
    asked_together(database, [of_client(f"client {number}", 20) for number in range(40)])
    assert len(sent) == 1


def test_sqlite_begins_at_the_value_even_without_statistics(
    sqlite_copy: Callable[[], Database]
) -> None:
    database = sqlite_copy()
    sent = statements(database)
    # Of a table that it knows nothing of, SQLite takes few values to find fewer rows than many.
    states = [status for status in PayoffStatus if status not in OPEN][:2]
    asked: list[Callable[[], object]] = []
    with database.reading() as connection:
        together = Together(connection)
        for number in NUMBERS[:32]:
            query = Query(limit=20).where("loan_number", number).where("status", *states)
            asked.append(partial(together.find, Payoff, query))
        together.run_all(asked)
        sql, parameters = sent.pop()
        assert not sent, "it is one statement"
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
    assert [row.detail for row in plan] == [
        "SEARCH payoff USING INDEX ix_payoff_loan (loan_number=?)"
    ]
    database.close()


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


def test_what_was_foreseen_is_answered_without_another_run(database: Database) -> None:
    runs: list[str] = []

    def look_up(number: str) -> None:
        runs.append(number)
        answers[number] = reader.get(Loan, number), reader.find(Resource, named(int(number) % 9))

    answers: dict[str, Any] = {}
    with database.reading() as connection:
        together, alone = Together(connection), SqlSource(connection)
        reader = Reader(together, NOON)
        together.foresee(
            question
            for number in NUMBERS[:5]
            for question in ((Loan, (number,)), (Resource, named(int(number) % 9)))
        )
        together.run_all([partial(look_up, number) for number in NUMBERS[:5]])
        assert answers == {
            number: (alone.get(Loan, (number,)), alone.find(Resource, named(int(number) % 9)))
            for number in NUMBERS[:5]
        }
    assert runs == NUMBERS[:5], "each ran once"


def test_what_was_foreseen_wrongly_changes_no_answer(database: Database) -> None:
    with database.reading() as connection:
        together = Together(connection)
        together.foresee([(Loan, (NUMBERS[0],)), (Loan, ("none",)), (Resource, named(1))])
        reader, found = Reader(together, NOON), dict[str, Loan | None]()

        def look_up(number: str) -> None:
            found[number] = reader.get(Loan, number)

        together.run_all([partial(look_up, number) for number in NUMBERS[1:4]])
    assert [loan and loan.loan_number for loan in found.values()] == NUMBERS[1:4]


def test_use_cases_of_a_batch_that_say_what_they_ask_run_once(database: Database) -> None:
    runs: list[str] = []

    @foresees(lambda number: [(Loan, (number,))])
    def look_up(reading: Reading, number: str) -> str:
        runs.append(number)
        found = reading.get(Loan, number)
        assert found is not None
        return found.loan_number

    runner = SqlRunner(database, SqlJournal(database, sink_is_database=False), SettableClock())

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(runner.read(look_up, number) for number in NUMBERS))

    assert asyncio.run(all_at_once()) == NUMBERS
    runner.close()
    assert sorted(runs) == NUMBERS


def test_a_request_for_a_payoff_asks_what_it_foresees(database: Database) -> None:
    asked = [a_payoff(loan_number=number) for number in NUMBERS[:3]]
    with database.reading() as connection:
        together = Together(connection)
        for payoff in asked:
            together.foresee(foreseen(payoffs.request, CALLER, payoff, FED))
        made = [payoffs.request(Unit(together, NOON), CALLER, payoff, FED) for payoff in asked]
    assert [payoff.loan_number for payoff in made] == NUMBERS[:3], "none raised NotYet"


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
