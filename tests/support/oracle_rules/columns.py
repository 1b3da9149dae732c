"""What our own columns are on Oracle."""

from collections.abc import Mapping

from sqlalchemy.dialects import oracle

from adapters.sql.tables import METADATA

_DIALECT = oracle.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy

TYPES: Mapping[tuple[str, str], str] = {
    (table.name, column.name): column.type.compile(_DIALECT)
    for table in METADATA.tables.values()
    for column in table.c
}
"""The type of each column by its table's name and its own."""

LARGE = frozenset(column for column, of in TYPES.items() if of == "CLOB")
"""The columns that hold large texts."""

TIMES = frozenset(name for (_, name), of in TYPES.items() if of.startswith("TIMESTAMP"))
"""The names of columns that hold times."""

NULLABLE = frozenset(
    (table.name, column.name)
    for table in METADATA.tables.values()
    for column in table.c
    if column.nullable
)
