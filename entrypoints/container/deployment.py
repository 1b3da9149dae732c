"""Scripts for administrators of an Oracle database, and the check of a schema."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database
from adapters.sql.deployment.accounts import Account
from adapters.sql.deployment.audit_table import AuditTable
from adapters.sql.deployment.check import check
from adapters.sql.deployment.findings import Finding
from adapters.sql.deployment.oracle_catalog import Session, session_of
from adapters.sql.deployment.script import scripts
from adapters.sql.migrate import NEWEST, UpgradeFailed, pending, revision_of
from application import locations, payoffs, reference, resources, users
from application.query import Listing
from entrypoints.container.wiring import Container

__all__ = [
    "Account", "AuditTable", "Finding", "LISTINGS", "NEWEST", "Plan", "Unreadable", "UpgradeFailed",
    "find_faults", "planned", "write_scripts",
]

LISTINGS: tuple[Listing[Any], ...] = (
    locations.LISTING,
    payoffs.LISTING,
    reference.COUNTRIES,
    reference.FRANCHISES,
    reference.HOLIDAYS,
    reference.NAICS_CODES,
    resources.LISTING,
    users.LISTING,
)
"""What the lists of stored records can be asked for."""


class Unreadable(Exception):
    """The database does not say what is there; the message says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade would run on a database that undoes no DDL, and as whom."""

    session: Session
    revisions: Sequence[str]


def write_scripts(folder: Path, since: str | None, audit_table: AuditTable) -> Iterator[Path]:
    """Write the scripts into a folder, and give their paths.

    Raises ValueError for a revision that there is not, and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in scripts(since, audit_table).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        yield path


def planned(container: Container) -> Plan | None:
    """Give what an upgrade would run on Oracle; None for SQLite, where it is all or nothing."""
    database: Database = container.database()
    if database.writing_engine.dialect.name != "oracle":
        return None
    with database.reading() as connection:
        session = session_of(connection)
    return Plan(session, pending(revision_of(database)))


def find_faults(container: Container, account: Account, *, with_demo: bool) -> list[Finding]:
    """Name what is wrong with the schema, and with the connected account.

    Raises Unreadable where the database does not say.
    """
    try:
        return check(container.database(), LISTINGS, account, with_demo=with_demo)
    except (DBAPIError, OSError) as error:
        raise Unreadable(f"the database cannot be read: {getattr(error, 'orig', error)}") from error
