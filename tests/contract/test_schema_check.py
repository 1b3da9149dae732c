"""Whatever is done to a schema, the check names it."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.sql.database import Database
from adapters.sql.deployment.accounts import Account
from adapters.sql.deployment.check import check
from adapters.sql.deployment.findings import Finding, Subject
from adapters.sql.migrate import NEWEST
from entrypoints.container.deployment import LISTINGS
from tests.architecture.test_schema import LISTINGS as LISTED
from tests.contract.conftest import opened_copy

PAYOFF_OPEN = (
    "CREATE UNIQUE INDEX uq_payoff_open ON payoff"
    " (CASE WHEN status IN ('requested') THEN loan_number END)"
)


@pytest.fixture(name="database")
def a_database(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    database = opened_copy(empty_sqlite, tmp_path)
    yield database
    database.close()


def findings(database: Database) -> list[Finding]:
    """Check a database."""
    return check(database, LISTINGS, Account.APP, with_demo=False)


def told(database: Database) -> dict[str, str]:
    """Give what is found, by where."""
    return {each.where: each.what for each in findings(database)}


def damage(database: Database, *statements: str) -> None:
    """Do what somebody with the database's password does."""
    connection = sqlite3.connect(str(database.writing_engine.url.database))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def rewrite(database: Database, table: str, change: Callable[[str], str]) -> None:
    """Make a table anew with another declaration, its indexes as they were."""
    connection = sqlite3.connect(str(database.writing_engine.url.database))
    kept = connection.execute(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (table,)
    ).fetchall()
    made = next(sql for kind, sql in kept if kind == "table")
    assert change(made) != made
    connection.execute(f"DROP TABLE {table}")
    connection.execute(change(made))
    for kind, sql in kept:
        if kind == "index":
            connection.execute(sql)
    connection.commit()
    connection.close()


def test_a_database_that_the_revisions_built_has_no_finding(database: Database) -> None:
    assert findings(database) == []


def test_every_list_is_looked_at() -> None:
    assert {listing.kind for listing in LISTINGS} == {listing.kind for listing in LISTED.values()}


@pytest.mark.parametrize(
    ("statements", "where", "what"),
    [
        (["DROP INDEX ix_payoff_loan"], "payoff.ix_payoff_loan", "there is no such index"),
        (["DROP INDEX uq_payoff_open"], "payoff.uq_payoff_open", "there is no such index"),
        (["DROP TABLE lease"], "lease", "is not there"),
        (["CREATE TABLE other (a INTEGER)"], "other", "is no table of this version"),
        (
            ["ALTER TABLE loan ADD COLUMN colour VARCHAR(9)"],
            "loan.colour", "is no column of this version",
        ),
        (["ALTER TABLE client DROP COLUMN rate_limits"], "client.rate_limits",
         "there is no such column"),
        (["UPDATE alembic_version SET version_num = '0041'"], "revision", f"is 0041, not {NEWEST}"),
        (["DROP TABLE alembic_version"], "revision", f"is none, not {NEWEST}"),
        (
            ["CREATE UNIQUE INDEX once ON loan (borrower_name)"],
            "loan.once", "is no index of this version",
        ),
        (
            [
                "DROP INDEX ix_payoff_date",
                "CREATE INDEX ix_payoff_date ON payoff (id, payoff_date)",
            ],
            "payoff.ix_payoff_date", "is over (id, payoff_date), not (payoff_date, id)",
        ),
        (
            [
                "DROP INDEX ix_payoff_loan",
                "CREATE UNIQUE INDEX ix_payoff_loan ON payoff (loan_number)",
            ],
            "payoff.ix_payoff_loan", "is unique, and must not be",
        ),
        (
            ["DROP INDEX uq_payoff_open",
             PAYOFF_OPEN.replace("CREATE UNIQUE", "CREATE").replace("('requested')", "('')")],
            "payoff.uq_payoff_open", "is not unique",
        ),
    ],
)
def test_what_was_done_to_a_schema_is_named(
    database: Database, statements: list[str], where: str, what: str
) -> None:
    damage(database, *statements)
    assert told(database)[where] == what


def test_an_index_over_another_expression_is_named(database: Database) -> None:
    damage(database, "DROP INDEX uq_payoff_open", PAYOFF_OPEN)
    (finding,) = findings(database)
    assert finding.subject is Subject.INDEX and finding.where == "payoff.uq_payoff_open"
    assert finding.what.startswith("is over (") and "'accepted'" in finding.what


def test_an_expression_means_the_same_in_another_spelling(database: Database) -> None:
    made = PAYOFF_OPEN.replace(
        "status IN ('requested')",
        '"STATUS" = \'quoted\' OR ("STATUS"=\'requested\') or status IN'
        " ('accepted', 'failed', 'funds_received')",
    )
    damage(database, "DROP INDEX uq_payoff_open", made)
    assert findings(database) == []


def test_an_index_more_is_left_to_whoever_made_it(database: Database) -> None:
    damage(database, "CREATE INDEX faster ON loan (borrower_name)")
    assert findings(database) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "where", "what"),
    [
        (
            "loan", "borrower_name VARCHAR(200)", "borrower_name VARCHAR(201)",
            "loan.borrower_name", "is VARCHAR(201), not VARCHAR(200)",
        ),
        (
            "loan", "principal BIGINT", "principal FLOAT",
            "loan.principal", "is FLOAT, not BIGINT",
        ),
        (
            "loan", "borrower_name VARCHAR(200) NOT NULL", "borrower_name VARCHAR(200)",
            "loan.borrower_name", "takes NULL, and must not",
        ),
        (
            "journal", "body CLOB", "body CLOB NOT NULL",
            "journal.body", "takes no NULL, and should",
        ),
        (
            "user_location", "PRIMARY KEY (user_id, location_id)",
            "PRIMARY KEY (location_id, user_id)",
            "user_location's primary key", "is (location_id, user_id), not (user_id, location_id)",
        ),
        (
            "audit_leaf", ", \n\tCONSTRAINT uq_audit_leaf_record_id UNIQUE (record_id)", "",
            "audit_leaf", "(record_id) is not unique",
        ),
        (
            "lease", "PRIMARY KEY (name)", "PRIMARY KEY (name), UNIQUE (holder)",
            "lease", "(holder) is unique, and must not be",
        ),
        (
            "lease", "PRIMARY KEY (name)", "PRIMARY KEY (name), CONSTRAINT ck CHECK (name <> 'a')",
            "lease.ck", "is no check of this version",
        ),
    ],
)
def test_a_table_that_was_declared_otherwise_is_named(
    database: Database, table: str, old: str, new: str, where: str, what: str
) -> None:
    rewrite(database, table, lambda made: re.sub(re.escape(old), lambda _: new, made))
    found = [each for each in findings(database) if each.subject is not Subject.LIST]
    assert [(each.where, each.what) for each in found] == [(where, what)]


@pytest.mark.parametrize(
    ("index", "where", "word"),
    [
        ("ix_payoff_loan", "payoff.loan_number", "payoff"),
        ("ix_user_account_email", "user_account.email", "user"),
        ("ix_holiday_date", "holiday.holiday_date", "holiday"),
        ("ix_user_location_location", "user_location.location_id", "user"),
    ],
)
def test_a_list_that_would_read_every_row_is_named(
    database: Database, index: str, where: str, word: str
) -> None:
    damage(database, f"DROP INDEX {index}")
    what = f"the list of {word} asks for it, and no index begins with it"
    assert Finding(Subject.LIST, where, what) in findings(database)


def test_a_list_is_content_with_an_index_of_another_name(database: Database) -> None:
    damage(
        database, "DROP INDEX ix_payoff_loan", "CREATE INDEX mine ON payoff (loan_number, version)"
    )
    assert [each.subject for each in findings(database)] == [Subject.INDEX]


def test_everything_is_named_at_once(database: Database) -> None:
    damage(database, "DROP TABLE lease", "DROP INDEX ix_payoff_date", "DROP TABLE dataset")
    assert set(told(database)) == {
        "lease", "payoff.ix_payoff_date", "payoff.payoff_date", "dataset",
    }
