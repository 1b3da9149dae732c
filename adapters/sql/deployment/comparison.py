"""Compares the schema that is there with the one that the code is made for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from adapters.sql.deployment.findings import Finding, Subject
from adapters.sql.deployment.shape import ColumnShape, IndexShape, SchemaShape, TableShape
from adapters.sql.tables import TABLES
from application.query import Listing
from domain.model import Record, kind_name

T = TypeVar("T")


def compare(found: SchemaShape, expected: SchemaShape) -> Iterator[Finding]:
    """Name everything in which a schema differs from what the code expects.

    An index more is left to whoever made it, as long as it forbids nothing.
    """
    if found.revision != expected.revision:
        is_at = found.revision or "none"
        yield Finding(Subject.REVISION, "revision", f"is {is_at}, not {expected.revision}")
    for name, table in expected.tables.items():
        if name not in found.tables:
            yield Finding(Subject.TABLE, name, "is not there")
        else:
            yield from _compare_tables(name, found.tables[name], table)
    for name in sorted(found.tables.keys() - expected.tables.keys()):
        yield Finding(Subject.TABLE, name, "is no table of this version")
    for where, what in found.faults:
        yield Finding(Subject.INDEX, where, what)


def compare_lists(found: SchemaShape, listings: Sequence[Listing[Any]]) -> Iterator[Finding]:
    """Name the columns that a list filters or sorts by, and no index begins with."""
    for listing in listings:
        for table, column in sorted(_asked_for(listing)):
            there = found.tables.get(table)
            if there is not None and column not in there.leading():
                what = f"the list of {_word(listing)} asks for it, and no index begins with it"
                yield Finding(Subject.LIST, f"{table}.{column}", what)


def _word(listing: Listing[Any]) -> str:
    kind: type[Record] = listing.kind
    return kind_name(kind)


def _asked_for(listing: Listing[Any]) -> set[tuple[str, str]]:
    """Give the tables and columns that a list may filter or sort by."""
    orders = (order.field for order in listing.complete(()))
    own = TABLES[listing.kind]
    asked = {(own.name, own.c[name].name) for name in (*listing.filters, *listing.sorts, *orders)}
    for each in listing.more_filters.values():
        table = own if each.link is None else TABLES[each.link.kind]
        names = [each.field] if each.link is None else [each.field, each.link.by]
        asked |= {(table.name, table.c[name].name) for name in names}
    return asked


def _compare_tables(name: str, found: TableShape, expected: TableShape) -> Iterator[Finding]:
    yield from _compare_parts(
        Subject.COLUMN, name, found.columns, expected.columns, _compare_columns
    )
    if found.key != expected.key:
        what = f"is ({', '.join(found.key)}), not ({', '.join(expected.key)})"
        yield Finding(Subject.KEY, f"{name}'s primary key", what)
    for columns in sorted(expected.uniques - found.uniques):
        yield Finding(Subject.UNIQUE, name, f"({', '.join(columns)}) is not unique")
    for columns in sorted(found.uniques - expected.uniques):
        yield Finding(Subject.UNIQUE, name, f"({', '.join(columns)}) is unique, and must not be")
    forbidding = {
        key: index
        for key, index in found.indexes.items()
        if key in expected.indexes or index.unique
    }
    yield from _compare_parts(Subject.INDEX, name, forbidding, expected.indexes, _compare_indexes)
    yield from _compare_parts(Subject.CHECK, name, found.checks, expected.checks, _compare_checks)


def _compare_parts(
    subject: Subject,
    table: str,
    found: Mapping[str, T],
    expected: Mapping[str, T],
    differences: Callable[[T, T], Iterator[str]],
) -> Iterator[Finding]:
    for name, part in expected.items():
        if name not in found:
            yield Finding(subject, f"{table}.{name}", f"there is no such {subject}")
            continue
        for what in differences(found[name], part):
            yield Finding(subject, f"{table}.{name}", what)
    for name in sorted(found.keys() - expected.keys()):
        yield Finding(subject, f"{table}.{name}", f"is no {subject} of this version")


def _compare_columns(found: ColumnShape, expected: ColumnShape) -> Iterator[str]:
    if found.type != expected.type:
        yield f"is {found.type}, not {expected.type}"
    if found.nullable != expected.nullable:
        yield "takes NULL, and must not" if found.nullable else "takes no NULL, and should"


def _compare_indexes(found: IndexShape, expected: IndexShape) -> Iterator[str]:
    if found.parts != expected.parts:
        yield f"is over ({', '.join(found.parts)}), not ({', '.join(expected.parts)})"
    if found.unique != expected.unique:
        yield "is unique, and must not be" if found.unique else "is not unique"


def _compare_checks(found: str, expected: str) -> Iterator[str]:
    if found != expected:
        yield f"says ({found}), not ({expected})"
