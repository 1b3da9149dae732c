"""On Oracle the revisions make what the tables declare, and say of values what types cannot say."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import CLOB, CheckConstraint
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.sql.changes import ChangesText
from adapters.sql.checks import LONGEST_NAME
from adapters.sql.deployment.steps import Step, oracle_19c, steps
from adapters.sql.tables import METADATA
from adapters.sql.types import Day, Flag, JsonText
from tests.support.sqlplus import Made, tables_of

TABLES = list(METADATA.tables.values())

STEPS = steps()
UP = [step.up for step in STEPS]

DEFAULT = re.compile(r"DEFAULT '[^']*' ")
"""A revision may need one for the rows that are there; statements always give every value."""

NEWER_THAN_19C = re.compile(r"\bBOOLEAN\b|(?<!IS )\bJSON\b|IF NOT EXISTS")


def as_declared(name: str) -> Made:
    """Give a table as its declaration makes it."""
    made = str(CreateTable(METADATA.tables[name]).compile(dialect=oracle_19c()))
    return tables_of(["\n".join(line.rstrip() for line in made.strip().splitlines())])[name]


def indexes_of(statements: list[str]) -> set[str]:
    """Give the indexes that are made, in one spelling."""
    made = (" ".join(re.sub(r"[()]", " ", each).split()) for each in statements)
    return {each for each in made if re.match(r"CREATE (UNIQUE )?INDEX", each)}


def names() -> Iterator[str]:
    """Give the names of all that the tables declare."""
    for table in TABLES:
        yield table.name
        yield from (str(constraint.name) for constraint in table.constraints)
        yield from (str(index.name) for index in table.indexes)


def test_revisions_make_every_table_and_no_other_on_oracle() -> None:
    assert set(tables_of(UP)) == set(METADATA.tables)


@pytest.mark.parametrize("name", METADATA.tables)
def test_revisions_make_a_table_as_it_is_declared_on_oracle(name: str) -> None:
    made, declared = tables_of(UP)[name], as_declared(name)
    columns = {column: DEFAULT.sub("", rest) for column, rest in made.columns.items()}
    assert columns == declared.columns
    assert made.constraints == declared.constraints


def test_revisions_make_the_indexes_that_are_declared_on_oracle() -> None:
    declared = [
        str(CreateIndex(index).compile(dialect=oracle_19c()))
        for table in TABLES
        for index in table.indexes
    ]
    assert indexes_of(UP) == indexes_of(declared)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.revision)
def test_a_revision_needs_no_newer_release_than_19c(step: Step) -> None:
    assert not NEWER_THAN_19C.search(step.up)


def test_types_that_older_releases_do_not_know_are_found() -> None:
    assert NEWER_THAN_19C.search("a BOOLEAN NOT NULL") and NEWER_THAN_19C.search("a JSON,")
    assert not NEWER_THAN_19C.search("CONSTRAINT ck_a CHECK (a IS JSON)")


def test_what_types_do_not_say_is_checked_on_oracle() -> None:
    rules = {
        JsonText: "CHECK ({0} IS JSON)",
        ChangesText: "CHECK ({0} IS JSON)",
        CLOB: "CHECK ({0} IS JSON)",
        Flag: "CHECK ({0} IN (0, 1))",
        Day: "CHECK ({0} = TRUNC({0}))",
    }
    wanted = {
        (table.name, rules[type(column.type)].format(column.name))
        for table in TABLES
        for column in table.columns
        if type(column.type) in rules
    }
    made = tables_of(UP)
    found = {
        (name, rule)
        for name, table in made.items()
        for rule in table.constraints.values()
        if rule.startswith("CHECK")
    }
    assert found == wanted and len(found) > 30


def test_names_are_short_enough_for_every_release_and_stand_for_one_thing() -> None:
    given = list(names())
    assert [name for name in given if len(name) > LONGEST_NAME] == []
    assert len(given) == len(set(given))


def test_sqlite_gets_no_checks() -> None:
    assert any(isinstance(one, CheckConstraint) for table in TABLES for one in table.constraints)
    for table in TABLES:
        assert "CHECK" not in str(CreateTable(table).compile(dialect=sqlite.dialect()))
