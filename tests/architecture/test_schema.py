"""The tables hold what the models say, lists use their indexes, and revisions build the tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import Column, Connection, Dialect, Index, Table, UniqueConstraint, inspect
from sqlalchemy.types import TypeEngine

from adapters.sql.migrate import upgrade
from adapters.sql.sqlite import open_sqlite
from adapters.sql.tables import METADATA, TABLES
from application.query import Listing
from domain.model import Record, kind_name, marked, stored_fields
from entrypoints.http.app import ROUTERS
from entrypoints.http.lists import ListQuery
from entrypoints.http.route import dependencies_of


def _word(listing: Listing[Any]) -> str:
    kind: type[Record] = listing.kind
    return kind_name(kind)


LISTINGS: dict[str, Listing[Any]] = {
    _word(found.listing): found.listing
    for router in ROUTERS
    for route in router.routes
    for found in dependencies_of(getattr(route, "endpoint"))
    if isinstance(found, ListQuery) and found.listing.kind in TABLES
}
"""What the lists of stored kinds can be asked for; the trail answers by means of its own."""


def leading(table: Table) -> set[str]:
    """Name the columns that an index, the primary key or a unique constraint begins with."""
    first = {index.columns[0].key for index in table.indexes if len(index.columns)}
    unique = {
        next(iter(constraint.columns)).key
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    }
    return first | unique | {next(iter(table.primary_key.columns)).key}


def test_there_is_a_list_of_every_resource() -> None:
    assert set(LISTINGS) == {
        "resource", "payoff", "location", "user", "country", "holiday", "franchise", "naics-code",
    }


@pytest.mark.parametrize("name", LISTINGS)
def test_lists_filter_and_sort_by_indexed_columns_only(name: str) -> None:
    listing = LISTINGS[name]
    orders = {order.field for order in listing.complete(())}
    asked = {*listing.filters, *listing.sorts, *orders}
    assert asked - leading(TABLES[listing.kind]) == set()
    for one in listing.more_filters.values():
        linked = listing.kind if one.link is None else one.link.kind
        assert {one.field} - leading(TABLES[linked]) == set()
        assert one.link is None or one.link.by in leading(TABLES[linked])


@pytest.mark.parametrize("name", LISTINGS)
def test_lists_sort_by_columns_that_are_never_null(name: str) -> None:
    listing = LISTINGS[name]
    table = TABLES[listing.kind]
    orders = {order.field for order in listing.complete(())}
    assert [one for one in {*listing.sorts, *orders} if table.c[one].nullable] == []


@pytest.mark.parametrize("name", LISTINGS)
def test_lists_sort_without_sorting_rows(name: str) -> None:
    listing = LISTINGS[name]
    kind: type[Record] = listing.kind
    identity = marked(kind, "identity")
    assert {order.field for order in listing.complete(())} >= set(identity)
    assert {order.field for order in listing.order} <= {*listing.sorts, *identity}


@pytest.mark.parametrize("kind", TABLES, ids=kind_name)
def test_a_table_has_the_fields_of_its_model_in_their_order(kind: type[Record]) -> None:
    table = TABLES[kind]
    assert tuple(table.c.keys()) == stored_fields(kind)
    assert tuple(column.key for column in table.primary_key) == marked(kind, "identity")


@pytest.mark.parametrize("kind", TABLES, ids=kind_name)
def test_a_column_takes_null_where_the_field_may_be_none(kind: type[Record]) -> None:
    types = get_type_hints(kind)
    for column in TABLES[kind].c:
        may_be_none = type(None) in get_args(types[column.key])
        assert column.nullable is may_be_none, column.key


@pytest.fixture(name="built", scope="module")
def built_by_revisions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Give a database that all revisions have built."""
    path: Path = tmp_path_factory.mktemp("revisions") / "loapi.db"
    database = open_sqlite(f"sqlite:///{path}")
    upgrade(database)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


def spelled(of: TypeEngine[Any], dialect: Dialect) -> str:
    """Give the type of a column as the database spells it; SQLite knows CLOB as TEXT."""
    return "TEXT" if (text := of.compile(dialect)) == "CLOB" else text


def test_revisions_build_every_table_and_no_other(built: Connection) -> None:
    names = set(inspect(built).get_table_names())
    assert names - {"alembic_version"} == set(METADATA.tables)


@pytest.mark.parametrize("name", METADATA.tables)
def test_revisions_build_a_table_as_it_is_declared(built: Connection, name: str) -> None:
    declared, dialect = METADATA.tables[name], built.dialect
    found = {
        column["name"]: (spelled(column["type"], dialect), column["nullable"])
        for column in inspect(built).get_columns(name)
    }
    assert found == {
        column.name: (spelled(column.type, dialect), column.nullable)
        for column in declared.columns
    }
    key = inspect(built).get_pk_constraint(name)["constrained_columns"]
    assert key == [column.name for column in declared.primary_key]


def plain_indexes(table: Table) -> set[tuple[str | None, tuple[str, ...], bool]]:
    """Give the indexes of a table over plain columns."""
    return {
        (_name(index), tuple(column.name for column in index.columns), bool(index.unique))
        for index in table.indexes
        if not _is_computed(index)
    }


def _name(index: Index) -> str | None:
    return None if index.name is None else str(index.name)


def _is_computed(index: Index) -> bool:
    return not all(isinstance(expression, Column) for expression in index.expressions)


@pytest.mark.parametrize("name", METADATA.tables)
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_revisions_build_the_indexes_that_are_declared(built: Connection, name: str) -> None:
    found = {
        (index["name"], tuple(map(str, index["column_names"])), bool(index["unique"]))
        for index in inspect(built).get_indexes(name)
    }
    assert found == plain_indexes(METADATA.tables[name])


def test_revisions_build_the_index_that_keeps_a_loan_to_one_open_payoff(built: Connection) -> None:
    sql = built.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE name = 'uq_payoff_open'"
    ).scalar_one()
    assert "UNIQUE" in sql and "loan_number" in sql
