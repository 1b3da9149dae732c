"""Brings the schema to the newest revision, and tells whether it is there."""

from pathlib import Path

from sqlalchemy import String, column, inspect, select, table

from adapters.sql.database import Database

REVISIONS = Path(__file__).parent / "migrations"

NEWEST = max(path.name for path in REVISIONS.glob("versions/[0-9]*.py"))[:4]
"""The revision that the code expects; revisions are numbered and follow one another."""


_REVISION = select(column("version_num", String)).select_from(table("alembic_version"))


def upgrade(database: Database) -> None:
    """Run every revision that the database has not had; safe to call from many processes."""
    if is_current(database):
        return
    # Alembic is slow to import, and only this needs it.
    from alembic import command  # pylint: disable=import-outside-toplevel  # see above
    from alembic.config import Config  # pylint: disable=import-outside-toplevel  # see above

    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the database has had every revision."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(_REVISION).scalar() == NEWEST
