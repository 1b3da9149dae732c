"""Brings the schema to the newest revision, and tells which one it is at."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.sql.database import Database
from alembic import command

REVISIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Run every revision that the database has not had; safe to call from many processes."""
    if not is_current(database):
        with database.writing() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the database has had every revision."""
    with database.reading() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    return config
