"""The embedded database knows how many rows an index finds, and chooses by that."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, insert

from adapters.sql.database import Database
from adapters.sql.housekeeping import TENDED_EVERY, Housekeeping
from adapters.sql.ledger import entries_of, insert_entries
from adapters.sql.sqlite import open_sqlite
from adapters.sql.store import row_of
from adapters.sql.tables import user
from application.audit.ports import Entry
from tests.contract.conftest import NOON, a_user, opened_copy

SAME_NAME = (
    "EXPLAIN QUERY PLAN SELECT user_id FROM user_account"
    " WHERE login = ? AND last_name = ? ORDER BY user_id"
)


@pytest.fixture(name="database")
def with_namesakes(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a database with many people of one name, each with a login of their own."""
    database = opened_copy(empty_sqlite, tmp_path)
    rows = [row_of(a_user(f"U{n}", version=1)) for n in range(500)]
    with database.writing() as connection:
        connection.execute(insert(user), rows)
    yield database
    database.close()


def plan(database: Database) -> str:
    """Give how a new connection would look for one login among people of one name.

    SQLite reads statistics when a connection opens; those of a pool are renewed by the hour.
    """
    again = open_sqlite(database.writing_engine.url.render_as_string())
    with again.reading() as connection:
        found = connection.exec_driver_sql(SAME_NAME, ("u7", "Moreno")).all()
    again.close()
    return str(found[0][-1])


def test_the_index_that_finds_the_fewest_rows_is_taken(database: Database) -> None:
    assert "ix_user_account_last_name" in plan(database)
    Housekeeping(database)(NOON)
    assert "ix_user_account_login" in plan(database)


def test_what_was_small_when_it_was_counted_is_not_read_whole(
    empty_sqlite: Path, tmp_path: Path
) -> None:
    database = opened_copy(empty_sqlite, tmp_path)
    with database.writing() as connection:
        entries = [Entry(uuid4(), index, b"x" * 32) for index in range(20)]
        insert_entries(connection, entries)
    Housekeeping(database)(NOON)
    database.close()
    again = open_sqlite(database.writing_engine.url.render_as_string())
    asked: list[tuple[str, Any]] = []

    @event.listens_for(again.reading_engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        asked.append((sql, parameters))

    with again.reading() as connection:
        entries_of(connection, [uuid4() for _ in range(500)])
        sql, parameters = asked[-1]
        (step,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
    again.close()
    assert step.detail.startswith("SEARCH audit_leaf USING INDEX")


def test_connections_are_renewed_by_the_hour(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened() -> object:
        with database.reading() as connection:
            return connection.connection.driver_connection

    first, now = opened(), time.time()
    assert opened() is first
    monkeypatch.setattr(time, "time", lambda: now + 3700)
    assert opened() is not first


def test_statistics_are_brought_up_to_date_once_an_hour(database: Database) -> None:
    keep_house, gathered = Housekeeping(database), []
    keep_house(NOON)
    for minutes in (1, 59, 60, 61, 119, 120):
        with database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        keep_house(NOON + timedelta(minutes=minutes))
        with database.reading() as connection:
            if connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat1").scalar_one():
                gathered.append(timedelta(minutes=minutes))
    assert gathered == [TENDED_EVERY, 2 * TENDED_EVERY]
