"""The revisions as statements for Oracle 19c, made without a database."""

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.oracle import oracledb
from sqlalchemy.schema import CreateTable

from adapters.sql.migrate import REVISIONS
from adapters.sql.tables import METADATA

VERSION_TABLE = "alembic_version"
"""Holds the revision that a schema is at, in one row."""

_BETWEEN = "\n/\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: the statement that makes it, and the one that undoes it."""

    revision: str
    before: str | None
    """The revision that it follows; None of the first."""
    title: str
    up: str
    down: str


def oracle_19c() -> Dialect:
    """Give the dialect as if it had met the oldest server that we support.

    Without a server it takes the newest one for granted, whose types older ones do not know.
    """
    dialect = oracledb.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    dialect.server_version_info = (19,)
    dialect.supports_native_boolean = False
    dialect._supports_oracle_json = False  # pylint: disable=protected-access  # it has no other way
    given: Dialect = dialect
    return given


def steps(since: str | None = None) -> list[Step]:
    """Give the revisions behind one, or all of them, in their order.

    Raises ValueError for a revision that there is not, and where one is not one statement.
    """
    # Alembic is slow to import, and only this needs it.
    from alembic import script  # pylint: disable=import-outside-toplevel  # see above

    found = reversed(list(script.ScriptDirectory(str(REVISIONS)).walk_revisions()))
    every = [
        Step(
            revision=each.revision,
            before=None if each.down_revision is None else str(each.down_revision),
            title=each.doc,
            up=_statement(each.revision, each.module.upgrade),
            down=_statement(each.revision, each.module.downgrade),
        )
        for each in found
    ]
    known = [None, *(step.revision for step in every)]
    if since not in known:
        raise ValueError(f"there is no revision {since}; the last one is {known[-1]}")
    return every[known.index(since):]


def version_table() -> str:
    """Give the statement that makes the table of the revision."""
    table = _context(StringIO()).impl.version_table_impl(
        version_table=VERSION_TABLE, version_table_schema=None, version_table_pk=True
    )
    return _tidy(str(CreateTable(table).compile(dialect=oracle_19c())))


def _statement(revision: str, run: Callable[[], None]) -> str:
    from alembic import operations  # pylint: disable=import-outside-toplevel  # slow, as above

    written = StringIO()
    with operations.Operations.context(_context(written)):
        run()
    statements = [each for each in written.getvalue().split(_BETWEEN) if each.strip()]
    if len(statements) != 1:
        # Oracle commits at each: what a failed revision has done would be anybody's guess.
        raise ValueError(f"revision {revision} has {len(statements)} statements")
    return _tidy(statements[0])


def _context(written: StringIO) -> Any:
    from alembic.runtime import migration  # pylint: disable=import-outside-toplevel  # as above

    options = {"as_sql": True, "output_buffer": written, "target_metadata": METADATA}
    return migration.MigrationContext.configure(dialect=oracle_19c(), opts=options)


def _tidy(statement: str) -> str:
    lines = (line.rstrip() for line in statement.strip().splitlines())
    return "\n".join(line.replace("\t", "    ") for line in lines)
