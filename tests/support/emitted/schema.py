"""The DDL of the tables as they are declared, and of every revision, for a release of Oracle."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine.mock import MockConnection

from adapters.sql.migrate import REVISIONS
from adapters.sql.tables import METADATA
from tests.support.oracle_sent import Oracle

_SEPARATOR = re.compile(r"\n/\n")


@dataclass(frozen=True, slots=True)
class Revised:
    """A statement of a revision."""

    name: str
    """As "0044 up"."""
    sql: str


def declared(oracle: Oracle) -> list[str]:
    """Give what makes the tables as they are declared, those that belong to a table behind it."""
    made: list[str] = []
    dialect = oracle.engine.dialect

    def note(statement: Any, *_: Any, **__: Any) -> None:
        made.append(str(statement.compile(dialect=dialect)).strip())

    METADATA.create_all(MockConnection(dialect, note), checkfirst=False)
    return made


def revised(oracle: Oracle) -> Iterator[Revised]:
    """Give what the revisions do, from the first one on, and what would undo each."""
    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    for script in reversed(scripts):
        for way in ("upgrade", "downgrade"):
            written = _written(oracle, getattr(script.module, way))
            yield from (Revised(f"{script.revision} {way}", sql) for sql in written)


def _written(oracle: Oracle, do: Any) -> list[str]:
    out = StringIO()
    context = MigrationContext.configure(
        dialect=oracle.engine.dialect,
        opts={"as_sql": True, "output_buffer": out, "target_metadata": METADATA},
    )
    with Operations.context(context):
        do()
    return [_bare(part) for part in _SEPARATOR.split(out.getvalue()) if part.strip()]


def _bare(part: str) -> str:
    """Give a statement without what ends it in a script; PL/SQL keeps its semicolon."""
    text = part.strip()
    return text if text.upper().endswith("END;") else text.removesuffix(";").rstrip()
