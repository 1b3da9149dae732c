"""Checks a schema that is there, and the account that is connected to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.sql.database import Database
from adapters.sql.deployment.accounts import Account
from adapters.sql.deployment.comparison import compare, compare_lists
from adapters.sql.deployment.findings import Finding, Subject
from adapters.sql.deployment.grants import APP, DEMO, OF_ACCOUNT, Act, privileges
from adapters.sql.deployment.of_oracle import shape_of
from adapters.sql.deployment.of_sqlite import shape_on_sqlite
from adapters.sql.deployment.oracle_catalog import (
    Rights,
    Session,
    catalog_of,
    rights_of,
    session_of,
)
from adapters.sql.deployment.shape import SchemaShape, expected
from adapters.sql.deployment.steps import VERSION_TABLE, oracle_19c
from adapters.sql.migrate import revision_of
from application.query import Listing

HARMLESS = {"CREATE SESSION", "SET CONTAINER"}
"""System privileges that every account may have."""


def check(
    database: Database, listings: Sequence[Listing[Any]], account: Account, *, with_demo: bool
) -> list[Finding]:
    """Name what is not as the code expects it; on Oracle also what the connected account may do.

    `with_demo`: the service also loads the demo portfolio. Raises what the database says where
    it cannot be read.
    """
    if database.reading_engine.dialect.name != "oracle":
        return _check_sqlite(database, listings)
    return _check_oracle(database, listings, account, with_demo)


def needs_of(account: Account, *, with_demo: bool = False) -> Mapping[str, Act] | None:
    """Give what an account may do with each table; None for those that become the owner."""
    if account is Account.APP and with_demo:
        return {table: acts | DEMO.get(table, acts) for table, acts in APP.items()}
    return OF_ACCOUNT.get(account)


def check_rights(session: Session, rights: Rights, needs: Mapping[str, Act]) -> Iterator[Finding]:
    """Name what the connected user may do too little and too much."""
    for table in sorted(needs.keys() | rights.objects.keys()):
        given = rights.objects.get(table, frozenset())
        wanted = set(privileges(needs[table])) if table in needs else set()
        # Whoever has SELECT looks by it.
        spare = {"READ"} if "SELECT" in wanted else set()
        for name in sorted(wanted - given):
            yield Finding(Subject.GRANT, table, f"{session.user} has no {name} on it")
        for name in sorted(given - wanted - spare):
            yield Finding(Subject.GRANT, table, f"{session.user} has {name} on it, and must not")
    for name in sorted(rights.system - HARMLESS):
        yield Finding(Subject.ACCOUNT, session.user, f"has the privilege {name}, and must not")
    for owned in rights.owned:
        yield Finding(Subject.ACCOUNT, session.user, f"owns {owned}, and should own nothing")


def _check_sqlite(database: Database, listings: Sequence[Listing[Any]]) -> list[Finding]:
    revision = revision_of(database)
    with database.reading() as connection:
        found = shape_on_sqlite(connection, revision)
    wanted = expected(database.reading_engine.dialect)
    return [*compare(found, wanted), *compare_lists(found, listings)]


def _check_oracle(
    database: Database, listings: Sequence[Listing[Any]], account: Account, with_demo: bool
) -> list[Finding]:
    revision = revision_of(database)
    needs = needs_of(account, with_demo=with_demo)
    with database.reading() as connection:
        session = session_of(connection)
        found = shape_of(catalog_of(connection, session.schema), revision)
        rights = None if needs is None else rights_of(connection, session)
    wanted = expected(oracle_19c())
    if needs is None or rights is None:
        return [*compare(found, wanted), *compare_lists(found, listings)]
    wanted = _as_seen(wanted, needs, revision)
    findings = [*compare(found, wanted), *compare_lists(found, listings)]
    if session.owns_tables:
        what = f"owns the tables; the service connects as {account}"
        return [*findings, Finding(Subject.ACCOUNT, session.user, what)]
    return [*findings, *check_rights(session, rights, needs)]


def _as_seen(
    whole: SchemaShape, needs: Mapping[str, Act], revision: str | None
) -> SchemaShape:
    """Give the part of a schema that an account with these needs sees."""
    tables = {name: table for name, table in whole.tables.items() if name in needs}
    return SchemaShape(whole.revision if VERSION_TABLE in needs else revision, tables)
