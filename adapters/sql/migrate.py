"""Brings the schema to the newest revision, and tells whether it is there."""

from pathlib import Path

from sqlalchemy import Connection, String, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database, Label, explained

REVISIONS = Path(__file__).parent / "migrations"

_FILES = {path.name[:4]: path for path in sorted(REVISIONS.glob("versions/[0-9]*.py"))}

NEWEST = max(_FILES)
"""The revision that the code expects; revisions are numbered and follow one another."""

VERSIONS = "alembic_version"
"""The table of the revision that a schema is at."""

REVISION = select(column("version_num", String)).select_from(table(VERSIONS))

LONGEST_STATEMENT = 24 * 3600.0
"""Seconds that Oracle may take for a statement: an index of a large table is a matter of hours."""

_ADVICE = """Revision {failed} ({what}) failed: {error}
Those up to {done} stand. Mend the cause and upgrade again.
Where the error says that the object is there already, an earlier run ended between a revision and
its stamp: compare the object with what 'loapi db script --output FOLDER' writes for it, then, as the owner, run
{stamp}; COMMIT; and upgrade again."""


class NotOurs(Exception):
    """The database belongs to another program."""


class UpgradeFailed(Exception):
    """A revision failed on a database that undoes no DDL; the message says what to do."""


def upgrade(database: Database) -> None:
    """Run every revision that the database has not had.

    On SQLite all of them or none, and from many processes at a time; on Oracle each for itself,
    by one process, connected as the owner of the tables. Raises UpgradeFailed there. Raises
    NotOurs where another program's tables are; on Oracle a schema may have others beside ours.
    """
    if is_current(database):
        return
    if database.writing_engine.dialect.name == "oracle":
        _upgrade_one_by_one(database)
        return
    with database.writing() as connection:
        names = inspect(connection).get_table_names()
        if names and VERSIONS not in names:
            raise NotOurs("it holds the tables of another program; name another file")
        _run_revisions(connection)


def is_current(database: Database) -> bool:
    """Tell whether the database has had every revision."""
    return revision_of(database) == NEWEST


def is_ahead(database: Database) -> bool:
    """Tell whether the database has had revisions that this version does not know.

    Raises NotOurs where no version knows them.
    """
    revision = revision_of(database) or ""
    if revision and not is_ours(revision):
        raise NotOurs(f"it is at the revision {revision} of another program")
    return revision > NEWEST


def is_ours(revision: str) -> bool:
    """Tell whether some version may know a revision: they are numbered."""
    return len(revision) == len(NEWEST) and revision.isdecimal()


def revision_of(database: Database) -> str | None:
    """Give the revision that the database is at, or None where it has had none.

    It takes one round trip and no look into the catalog. Raises whatever else the database says.
    """
    try:
        with database.reading() as connection:
            found: str | None = connection.execute(REVISION).scalar()
    except DBAPIError as error:
        if names_no_table(error):
            return None
        raise
    return found


def pending(revision: str | None) -> list[str]:
    """Name the revisions that follow one, or all of them, in their order."""
    return [each for each in _FILES if revision is None or each > revision]


def names_no_table(error: DBAPIError) -> bool:
    """Tell whether a statement failed for want of a table."""
    cause = error.orig
    if cause is None or not cause.args:
        return False
    code = getattr(cause.args[0], "full_code", None)
    return code == "ORA-00942" or str(cause).startswith("no such table")


def _upgrade_one_by_one(database: Database) -> None:
    """Stamp and commit each revision before the next one.

    Alembic does so itself where the connection is in no transaction.
    """
    with database.writing_engine.connect() as connection:
        database.put_label(connection, Label("db.upgrade", seconds=LONGEST_STATEMENT))
        try:
            with explained(connection):
                _run_revisions(connection)
        except DBAPIError as error:
            raise UpgradeFailed(_advice(revision_of(database), error)) from error


def _advice(done: str | None, error: DBAPIError) -> str:
    failed = next(iter(pending(done)), NEWEST)
    stamp = (
        f"INSERT INTO alembic_version (version_num) VALUES ('{failed}')" if done is None
        else f"UPDATE alembic_version SET version_num = '{failed}'"
    )
    what = _FILES[failed].stem[5:].replace("_", " ")
    return _ADVICE.format(
        failed=failed, what=what, error=error.orig, done=done or "none", stamp=stamp
    )


def _run_revisions(connection: Connection) -> None:
    # Alembic is slow to import, and only this needs it.
    from alembic import command  # pylint: disable=import-outside-toplevel  # see above
    from alembic.config import Config  # pylint: disable=import-outside-toplevel  # see above

    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
