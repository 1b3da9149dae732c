"""Random units of work, and what the tables say of them past all our code: the same as the journal.

A failing example prints how to have it again; `LOAPI_TEST_DRILL_KILLS=300` tries more of them.
"""

import asyncio
import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.migrate import upgrade
from adapters.sql.runner import SqlRunner
from adapters.sql.sqlite import open_sqlite
from adapters.sql.tables import TABLES
from application.audit.record import Change
from application.ports import Errand, Work
from application.query import Order, Query
from domain.errors import Conflict
from domain.loan import Loan
from domain.model import Record, key_of
from domain.resource import Resource
from domain.user import User, UserStatus
from entrypoints.container.wiring import now
from tests.contract.conftest import a_loan, a_resource, a_user, errand
from tests.fault import drill

ROUNDS = 10 * drill.KILLS
"""How many groups of units run together."""

KINDS: tuple[type[Record], ...] = (Resource, Loan, User)
NUMBERS = count(1)

Row = Mapping[str, Any]
Rows = dict[tuple[str, str], Row]
"""What stands in the tables: by table and key, column by column as SQLite has it."""

SENSITIVE = {("user_account", "email"), ("user_account", "phone"), ("loan", "borrower_name")}


class Abandoned(Exception):
    """A use case changes its mind."""


@pytest.fixture(name="database")
def a_database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    upgrade(database)
    yield database
    database.close()


def test_every_difference_of_the_tables_is_told_by_the_journal_and_nothing_else_is(
    database: Database, tmp_path: Path
) -> None:
    chance = drill.dice("generated operations")
    journal = SqlJournal(database, sink_is_database=False)
    runner = SqlRunner(database, journal, now)
    told, failed = 0, 0
    try:
        before = snapshot(tmp_path / "loapi.db")
        for _ in range(ROUNDS):
            units = [Generated(chance.randrange(2**32)) for _ in range(chance.randint(1, 6))]
            answers = asyncio.run(_together(runner, units))
            failed += sum(isinstance(answer, Exception) for answer in answers)
            after = snapshot(tmp_path / "loapi.db")
            records = journal.pending(drill.EVERYTHING)
            assert len(records) == sum(not isinstance(answer, Exception) for answer in answers)
            changes = [change for record in records for change in record.changes]
            check_told(before, after, changes)
            journal.clear(records)
            before, told = after, told + len(changes)
    finally:
        runner.close()
    print(f"{ROUNDS} rounds, {told} changes told, {failed} units failed")
    assert told > ROUNDS and failed


async def _together(runner: SqlRunner, units: Sequence["Generated"]) -> list[Any]:
    writes = (runner.write(_errand(), unit) for unit in units)
    return await asyncio.gather(*writes, return_exceptions=True)


def _errand() -> Errand:
    return errand("generated")


class Generated:
    """A use case drawn from a seed: the same each time it runs on the same records."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, work: Work) -> None:
        """Add, change and remove."""
        chance = random.Random(self._seed)
        for _ in range(chance.randint(0, 5)):
            kind = chance.choice(KINDS)
            found = work.find(kind, Query(order=(Order(_key_name(kind)),), limit=20)).items
            if chance.random() < 0.5 or not found:
                _add(work, kind, chance)
            elif chance.random() < 0.7:
                work.change(_altered(chance.choice(found), chance))
            else:
                work.remove(chance.choice(found))
        if chance.random() < 0.15:
            raise Abandoned


def _key_name(kind: type[Record]) -> str:
    return str(next(iter(TABLES[kind].primary_key)).key)


def _add(work: Work, kind: type[Record], chance: random.Random) -> None:
    number = chance.randrange(60)
    made: dict[type[Record], Record] = {
        Resource: a_resource(f"n{number}", id=UUID(int=number)),
        # With all six places, as the store gives rates back: a record tells a value as it came.
        Loan: replace(a_loan(f"{9900101000 + number}"), annual_rate=Decimal("0.107500")),
        User: a_user(f"U{number}", phone=None if number % 2 else "+1 555 0100"),
    }
    if work.get(kind, *key_of(made[kind])) is None:
        work.add(made[kind])
    else:
        raise Conflict("It is there already.")


def _altered(record: Record, chance: random.Random) -> Record:
    some = chance.choice(["Ü", "x", "\N{GRINNING FACE}", "line\nbreak"])
    match record:
        case Resource():
            what: dict[str, Any] = chance.choice([
                {"name": some}, {"description": chance.choice([None, some])},
                {"attributes": {"a": [1, {"b": some}], "c": chance.choice([None, 1.5, True])}}, {},
            ])
        case Loan():
            what = chance.choice([
                {"principal": Decimal(chance.randrange(10**8)).scaleb(-2)},
                {"annual_rate": Decimal("0.082500"), "borrower_name": some}, {},
            ])
        case _:
            what = chance.choice([
                {"email": f"{chance.randrange(9)}@example.com", "last_name": some},
                {"phone": chance.choice([None, "+1 555 0199"])},
                {"status": chance.choice([UserStatus.ACTIVE, UserStatus.DISABLED])}, {},
            ])
    return replace(record, **what)


# The tables, past all our code


def snapshot(database: Path) -> Rows:
    """Read every row of every business table as SQLite has it."""
    rows: Rows = {}
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        for table in TABLES.values():
            keys = [column.name for column in table.primary_key]
            for row in connection.execute(f'SELECT * FROM "{table.name}"'):
                found = dict(row)
                rows[table.name, "/".join(_key_text(found[key]) for key in keys)] = found
    return rows


def _key_text(value: Any) -> str:
    return str(UUID(bytes=value)) if isinstance(value, bytes) else str(value)


def check_told(before: Rows, after: Rows, changes: Sequence[Change]) -> None:
    """Check that changes, in their order, explain the way from one state to another."""
    tables = {kind.__name__.lower(): TABLES[kind].name for kind in KINDS}
    told: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        told[tables[change.kind], change.key].append(change)
    different = {key for key in before | after if before.get(key) != after.get(key)}
    assert different <= told.keys(), f"nobody told of {different - told.keys()}"
    for key, ordered in told.items():
        _check_row(key[0], before.get(key), after.get(key), ordered)


def _check_row(table: str, old: Row | None, new: Row | None, changes: Sequence[Change]) -> None:
    """Check one record's changes against what stood in its row before and after."""
    assert (old is None) == (changes[0].operation == "add"), changes
    assert (new is None) == (changes[-1].operation == "remove"), changes
    if new is not None:
        assert new["version"] == changes[-1].version
    fields: dict[str, dict[str, Any]] = {}
    for change in changes:
        for name, value in change.fields.items():
            if name in fields and "before" in value:
                assert fields[name]["after"] == value["before"], "the changes do not join"
            fields[name] = {**value, "before": fields.get(name, value).get("before")}
    for name in (old or new or {}).keys() - {"version"}:
        _check_column(table, name, (old, new), fields)


def _check_column(
    table: str, name: str, rows: tuple[Row | None, Row | None], fields: Mapping[str, Any]
) -> None:
    old, new = (None if row is None else row[name] for row in rows)
    said = {n: v for n, v in fields.items() if n == name or n.startswith(f"{name}.")}
    if old != new:
        assert said, f"{table}.{name} changed, and nobody told"
    for value in said.values():
        if (table, name) in SENSITIVE:
            assert value.get("changed") is True and value.get("after") is None
        else:
            assert _stored(value["before"], old) and _stored(value["after"], new), (name, value)


def _stored(told: Any, raw: Any) -> bool:
    """Tell whether a value that was told is what a column holds."""
    if told is None or raw is None:
        return told is None and raw is None
    if isinstance(raw, bytes):
        return bool(told == str(UUID(bytes=raw)))
    if isinstance(raw, int) and isinstance(told, str):
        return Decimal(raw) == Decimal(told).scaleb(2) or Decimal(raw) == Decimal(told).scaleb(6)
    if isinstance(told, (dict, list)):
        return bool(told == json.loads(raw))
    if isinstance(raw, str) and raw.endswith("+00:00"):
        return datetime.fromisoformat(told) == datetime.fromisoformat(raw)
    return bool(told == raw)
