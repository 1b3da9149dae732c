"""New rows, all that a batch adds to a table with one statement."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

MOST_PREPARED = 100
"""How many statements are kept: one for each table and engine."""

Bind = Callable[[Any], Any]


def insert_records(connection: Connection, table: Table, records: Iterable[object]) -> None:
    """Write records, which have a field for every column of the table, in this transaction."""
    values = _values(table)
    insert_rows(connection, table, [values(record) for record in records])


def insert_rows(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Write rows in this transaction, each a value for every column in the table's order.

    Where the driver takes values by their places, as SQLite's does, they go to it as it wants
    them: the way of each value of each row through SQLAlchemy takes longer than the insert. A
    driver that has to be told the types of values, as Oracle's, is told them by SQLAlchemy.
    """
    if not connection.dialect.positional:
        names = table.c.keys()
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    text, binds = _prepared(table, connection.dialect)
    # Column by column: most of them go as they are, and of those nothing is asked of each value.
    columns = zip(*rows, strict=True)
    bound = (each if bind is None else map(bind, each) for bind, each in zip(binds, columns))
    connection.exec_driver_sql(text, list(zip(*bound)))


@lru_cache(MOST_PREPARED)
def _prepared(table: Table, dialect: Dialect) -> tuple[str, Sequence[Bind | None]]:
    """Give the statement, and what makes of each value what the driver takes; None: it is that."""
    types = [column.type.dialect_impl(dialect) for column in table.c]
    return str(insert(table).compile(dialect=dialect)), [of.bind_processor(dialect) for of in types]


@lru_cache(MOST_PREPARED)
def _values(table: Table) -> Callable[[Any], Sequence[Any]]:
    found: Callable[[Any], Sequence[Any]] = attrgetter(*table.c.keys())
    return found
