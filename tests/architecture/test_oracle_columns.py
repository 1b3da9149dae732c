"""Columns are on every release of Oracle what they are meant to be, and can hold what is stored."""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from annotated_types import MaxLen, MinLen
from sqlalchemy import CLOB, Column, String, Table, bindparam, insert, select
from sqlalchemy.types import TypeDecorator

from adapters.sql.binding import is_one_of
from adapters.sql.changes import ChangesText
from adapters.sql.tables import METADATA, TABLES, audit_record
from adapters.sql.types import Choice, Day, Exact, Flag, Guid, JsonText, UtcTimestamp
from application.audit.record import AuditRecord
from domain.model import kind_name
from tests.support.oracle_rules.names import RESERVED
from tests.support.oracle_rules.rule import LONGEST_NAME
from tests.support.oracle_sent import RELEASES, Oracle

BLOCK = 6_398
"""Bytes of the longest key of an index in a block of 8 KB (ORA-01450)."""

WIDEST = 4
"""Bytes of the widest character in AL32UTF8."""

MODELS: Mapping[Any, Table] = {**TABLES, AuditRecord: audit_record}
COLUMNS = [column for table in METADATA.tables.values() for column in table.c]

SPELLED: Mapping[type[Any], str] = {
    Guid: "RAW(16)",
    # Six places are what TIMESTAMP has where it names none.
    UtcTimestamp: "TIMESTAMP",
    Day: "DATE",
    Flag: "NUMBER(1, 0)",
    Choice: "VARCHAR2(30 CHAR)",
    JsonText: "CLOB",
    ChangesText: "CLOB",
}
"""What columns of our own types are."""

NAMED = {"TIMESTAMP": "DB_TYPE_TIMESTAMP", "DATE": "DB_TYPE_DATE", "CLOB": "DB_TYPE_NVARCHAR"}
"""The driver's types that are named for binds. For all others it takes VARCHAR for a text, NUMBER
for an int or a Decimal and RAW for bytes, which is what the columns are; a CLOB takes either."""


def of(column: Column[Any]) -> str:
    """Name a column."""
    return f"{column.table.name}.{column.name}"


@pytest.fixture(name="oracle", scope="module", params=RELEASES)
def one_release(request: pytest.FixtureRequest) -> Oracle:
    """Give what makes statements for a release."""
    return Oracle(request.param)


# Types


def spelled(column: Column[Any]) -> str:
    """Tell what a column should be on Oracle, by its type."""
    kind = column.type
    if isinstance(kind, Exact):
        return f"NUMBER({kind.precision}, {kind.scale})"
    if isinstance(kind, TypeDecorator):
        return SPELLED[type(kind)]
    if isinstance(kind, String) and not isinstance(kind, CLOB):
        return f"VARCHAR2({kind.length} CHAR)"
    return PLAIN[type(kind).__name__, getattr(kind, "length", None)]


PLAIN = {
    ("Integer", None): "NUMBER(10, 0)",
    ("BigInteger", None): "NUMBER(19, 0)",
    ("LargeBinary", 32): "RAW(32)",
    ("LargeBinary", 2000): "RAW(2000)",
    ("CLOB", None): "CLOB",
}


@pytest.mark.parametrize("column", COLUMNS, ids=of)
def test_a_column_is_what_it_is_meant_to_be(oracle: Oracle, column: Column[Any]) -> None:
    assert column.type.compile(oracle.engine.dialect) == spelled(column)


@pytest.mark.parametrize("name", METADATA.tables)
def test_the_driver_is_told_of_times_days_and_large_texts_only(oracle: Oracle, name: str) -> None:
    table = METADATA.tables[name]
    row = {column.key: None for column in table.c}
    told = {column.key: NAMED.get(spelled(column)) for column in table.c}
    sizes = oracle.sent(insert(table), [row, row]).sizes
    # Reserved words are binds in quotes.
    assert {bind.strip('"'): size for bind, size in sizes.items()} == {
        key: size for key, size in told.items() if size
    }


@pytest.mark.parametrize("column", [c for c in COLUMNS if spelled(c) != "CLOB"], ids=of)
def test_a_key_is_never_looked_up_by_a_national_text(oracle: Oracle, column: Column[Any]) -> None:
    chosen = select(column).where(column == bindparam("it"), is_one_of(column))
    sizes = oracle.sent(chosen, {"it": None, "several": [None, None]}).sizes
    assert set(sizes.values()) <= {NAMED.get(spelled(column))}


# Texts that are not there


def text_fields(models: Mapping[Any, Table]) -> list[Any]:
    """Give the fields that are stored as texts, each as it is declared, with its column."""
    return [
        pytest.param(
            get_type_hints(kind, include_extras=True)[column.key],
            column,
            id=f"{kind_name(kind)}.{column.key}",
        )
        for kind, table in models.items()
        for column in table.c
        if spelled(column).startswith("VARCHAR2")
    ]


def refuses_empty_text(declared: Any) -> bool:
    """Tell whether a declared type has no empty text."""
    origin = get_origin(declared)
    if origin in (UnionType, Union):
        return all(map(refuses_empty_text, get_args(declared)))
    if origin is Annotated:
        bare, *constraints = get_args(declared)
        lengths = [one.min_length for one in constraints if isinstance(one, MinLen)]
        return refuses_empty_text(bare) or any(length >= 1 for length in lengths)
    if isinstance(declared, type) and issubclass(declared, Enum):
        return all(member.value != "" for member in declared)
    return declared is NoneType


@pytest.mark.parametrize(("declared", "column"), text_fields(MODELS))
def test_a_text_that_is_stored_is_never_empty(declared: Any, column: Column[Any]) -> None:
    assert refuses_empty_text(declared), of(column)


def longest(declared: Any) -> int | None:
    """Tell how many characters a declared type has at most."""
    if get_origin(declared) in (UnionType, Union):
        lengths = [longest(one) for one in get_args(declared) if one is not NoneType]
        return None if None in lengths else max(filter(None, lengths))
    if get_origin(declared) is Annotated:
        bounds = [one.max_length for one in get_args(declared) if isinstance(one, MaxLen)]
        return min(bounds, default=None)
    if isinstance(declared, type) and issubclass(declared, Enum):
        return max(len(str(member.value)) for member in declared)
    return None


@pytest.mark.parametrize(("declared", "column"), text_fields(TABLES))
def test_a_text_that_a_model_takes_fits_into_its_column(
    declared: Any, column: Column[Any]
) -> None:
    """SQLite takes any length, Oracle does not (ORA-12899)."""
    most = longest(declared)
    assert most is not None and most <= getattr(column.type, "length")


@pytest.mark.parametrize(
    "declared", [str, str | None, Annotated[str, "x"], Annotated[str, MinLen(0)] | None]
)
def test_a_text_that_may_be_empty_is_found(declared: Any) -> None:
    assert not refuses_empty_text(declared)


# Names and keys


def names() -> Iterator[str]:
    """Give the name of everything that the tables declare."""
    for table in METADATA.tables.values():
        yield table.name
        yield from (column.name for column in table.c)
        yield from (str(constraint.name) for constraint in table.constraints)
        yield from (str(index.name) for index in table.indexes)


def test_no_name_is_long_or_reserved_or_has_to_be_quoted(oracle: Oracle) -> None:
    quoting = oracle.engine.dialect.identifier_preparer
    for name in names():
        assert name.isascii() and name == name.lower() and name[0].isalpha(), name
        assert len(name) <= LONGEST_NAME and name.upper() not in RESERVED, name
        assert quoting.quote(name) == name


def keys(table: Table) -> list[tuple[str, ...]]:
    """Give the columns of each index that a table has, or that one of its keys makes."""
    made = [tuple(one.columns.keys()) for one in table.constraints if hasattr(one, "columns")]
    plain = [
        tuple(column.key for column in index.columns)
        for index in table.indexes
        if all(isinstance(expression, Column) for expression in index.expressions)
    ]
    return [key for key in (*made, *plain) if key]


@pytest.mark.parametrize("name", METADATA.tables)
def test_no_two_indexes_are_of_the_same_columns(name: str) -> None:
    found = keys(METADATA.tables[name])
    assert len(found) == len(set(found)), "ORA-01408"


@pytest.mark.parametrize("name", METADATA.tables)
def test_the_key_of_an_index_fits_into_a_block(name: str) -> None:
    table = METADATA.tables[name]
    for key in keys(table):
        lengths = [getattr(table.c[column].type, "length", None) or 21 for column in key]
        assert sum(lengths) * WIDEST < BLOCK, key


def test_a_text_fits_into_its_column_in_its_widest_characters() -> None:
    for column in COLUMNS:
        length = getattr(column.type, "length", None) or 0
        if isinstance(column.type, String) and column.key not in ASCII:
            assert length * WIDEST <= 4_000, of(column)


ASCII = {"sealed"}
"""Texts that are longer, and base64."""
