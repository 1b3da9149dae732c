"""Rows of several values come from as many ranges of an index, in one order, page after page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from adapters.sql.database import Database
from adapters.sql.query import MOST_BRANCHES, prepared
from adapters.sql.store import SqlSource, row_of
from adapters.sql.tables import holiday, naics_code
from application.query import Operator, Order, Query, Term, position, select
from domain.holiday import CalendarName, Holiday, holiday_code
from tests.contract.conftest import opened_copy

DAYS = [
    Holiday(
        code=holiday_code(calendar, day), calendar=calendar, date=day, name="Day",
        observed=False, actual_date=day, version=1,
    )
    for calendar in CalendarName
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 300, 7))
]
BOTH = Query(order=(Order("date"), Order("code")), limit=5).where("calendar", *CalendarName)


@pytest.fixture(name="source")
def with_holidays(empty_sqlite: Path, tmp_path: Path) -> Iterator[SqlSource]:
    """Give a store of holidays."""
    database: Database = opened_copy(empty_sqlite, tmp_path)
    with database.writing() as connection:
        connection.execute(insert(holiday), [row_of(day) for day in DAYS])
    with database.reading() as connection:
        yield SqlSource(connection)
    database.close()


def codes(days: tuple[Holiday, ...]) -> list[str]:
    """Give the codes of holidays, in their order."""
    return [day.code for day in days]


@pytest.mark.parametrize("descending", [False, True])
def test_the_pages_of_several_values_joined_are_all_rows_once(
    source: SqlSource, descending: bool
) -> None:
    order = tuple(Order(item.field, descending) for item in BOTH.order)
    query, found = replace(BOTH, order=order), []
    while True:
        page = source.find(Holiday, query)
        found += codes(page.items)
        if not page.more:
            break
        query = replace(query, after=position(page.items[-1], order))
    everything = sorted(DAYS, key=lambda day: (day.date, day.code), reverse=descending)
    assert found == [day.code for day in everything]


def test_a_value_that_is_named_twice_gives_its_rows_once(source: SqlSource) -> None:
    bank = CalendarName.FED_BANK
    twice = replace(BOTH, clauses=(), limit=100).where("calendar", bank, bank)
    assert len(source.find(Holiday, twice).items) == len(DAYS) / 2


def test_other_conditions_hold_for_each_of_the_values(source: SqlSource) -> None:
    query = BOTH.and_(Term("date", Operator.GTE, (date(2026, 6, 1),)))
    wanted = select(DAYS, query, lambda *_: False)
    assert codes(source.find(Holiday, query).items) == codes(wanted.items)


def test_what_has_no_index_in_the_order_is_asked_for_at_once() -> None:
    side_by_side, _ = prepared(holiday, BOTH)
    by_code, _ = prepared(holiday, replace(BOTH, order=(Order("code"),)))
    assert "UNION ALL" in str(side_by_side) and "UNION ALL" not in str(by_code)


@pytest.mark.parametrize(("values", "apart"), [(1, False), (2, True), (MOST_BRANCHES, True),
                                               (MOST_BRANCHES + 1, False)])
def test_few_values_are_looked_up_side_by_side(values: int, apart: bool) -> None:
    query = Query(order=(Order("code"),)).where("parent_code", *map(str, range(10, 10 + values)))
    statement, parameters = prepared(naics_code, query)
    assert ("UNION ALL" in str(statement)) is apart
    assert statement is prepared(naics_code, query)[0]
    assert parameters["most_rows"] == query.limit + 1
