"""What the database says of itself when it is asked, and what its clock says about ours."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from adapters.sql.migrate import NEWEST, upgrade
from adapters.sql.sighting import Sight, look_at
from adapters.sql.sqlite import open_sqlite
from tests.support.oracle.errors import ora
from tests.support.oracle_answers import Answering, Row

NOON = datetime(2026, 11, 23, 12, 0, 0, 250_000)
AT_NOON = NOON.replace(tzinfo=timezone.utc).timestamp()


def at_noon(_sql: str, _parameters: Mapping[str, Any]) -> list[Row]:
    """Answer as a server whose clock says noon."""
    return [{"version_num": NEWEST, "utc_now": NOON}]


def wall(*seconds_from_noon: float) -> Callable[[], float]:
    """Give a clock that tells these times, one after the other."""
    told: Iterator[float] = iter(seconds_from_noon)
    return lambda: AT_NOON + next(told)


@pytest.mark.parametrize(
    ("asked_at", "answered_at", "ahead"),
    [
        (0.0, 0.0, 0.0),
        (40.0, 40.0, 40.0),
        (-40.0, -40.0, -40.0),
        (-1.0, 1.0, 0.0),
        (0.0, 1.9, 0.0),
        (6.0, 8.0, 6.0),
        (-8.0, -6.0, -6.0),
        (-5.0, 60.0, 0.0),
    ],
)
def test_the_clocks_differ_by_what_no_slow_answer_explains(
    asked_at: float, answered_at: float, ahead: float
) -> None:
    database = Answering(at_noon).database()
    found = look_at(database, wall(asked_at, answered_at))
    assert found.revision == NEWEST
    assert found.ahead == pytest.approx(ahead, abs=1e-5)


def test_oracle_is_asked_for_both_in_one_statement() -> None:
    oracle = Answering(at_noon)
    look_at(oracle.database())
    assert oracle.session.log[0] == (
        "SELECT version_num, SYS_EXTRACT_UTC(SYSTIMESTAMP) AS utc_now FROM alembic_version"
    )
    assert set(oracle.session.log[1:]) <= {"ROLLBACK"}


@pytest.mark.parametrize("rows", [[], None])
def test_a_schema_without_a_revision_says_nothing_of_the_time(rows: list[Row] | None) -> None:
    def answer(_sql: str, _parameters: Mapping[str, Any]) -> list[Row]:
        if rows is None:
            raise ora(942, "table or view does not exist")
        return rows

    assert look_at(Answering(answer).database()) == Sight(None, 0.0)


def test_a_database_that_is_away_is_told_as_that() -> None:
    def lost(_sql: str, _parameters: Mapping[str, Any]) -> None:
        raise ora(3113, "end-of-file on communication channel")

    with pytest.raises(DBAPIError):
        look_at(Answering(lost).database())


def test_sqlite_tells_this_machine_s_own_time(tmp_path: Path) -> None:
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    try:
        assert look_at(database) == Sight(None, 0.0)
        upgrade(database)
        found = look_at(database)
        assert found.revision == NEWEST and abs(found.ahead) < 0.1
        assert look_at(database, lambda: time.time() + 60).ahead == pytest.approx(60, abs=5)
    finally:
        database.close()
