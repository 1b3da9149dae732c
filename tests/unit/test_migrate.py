"""Where a schema stands, and what an upgrade does and says where the database undoes no DDL."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Database
from adapters.sql.deployment.steps import steps
from adapters.sql.migrate import (
    NEWEST,
    VERSIONS,
    NotOurs,
    UpgradeFailed,
    is_ahead,
    is_current,
    pending,
    revision_of,
    upgrade,
)
from adapters.sql.sqlite import open_sqlite
from tests.support.oracle.errors import ora
from tests.support.oracle_answers import Answering, Row

STAMP = re.compile(r"'(\d{4})'")


@pytest.fixture(name="database")
def an_empty_database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    yield database
    database.close()


class Server:
    """As much of Oracle as an upgrade meets: DDL that stands, and the table of the revision."""

    def __init__(self, revision: str | None = None, fails_at: str = "") -> None:
        self.revision = revision
        self.has_versions = revision is not None
        self.fails_at = fails_at
        self.made: list[str] = []

    def __call__(self, sql: str, parameters: Mapping[str, Any]) -> list[Row] | None:
        statement = " ".join(sql.split())
        if self.fails_at and statement.startswith(self.fails_at):
            raise ora(1536, "space quota exceeded for tablespace 'USERS'")
        if "all_tables" in statement.lower():
            return [{"table_name": "ALEMBIC_VERSION"}] if self.has_versions else []
        if statement.startswith("SELECT"):
            return self.versions()
        if statement.startswith(("INSERT INTO alembic_version", "UPDATE alembic_version")):
            self.revision = STAMP.findall(statement)[0]
        elif statement.startswith("CREATE TABLE alembic_version"):
            self.has_versions = True
        else:
            self.made.append(statement)
        return None

    def versions(self) -> list[Row]:
        """Answer what revision it is at."""
        if not self.has_versions:
            raise ora(942, "table or view does not exist")
        return [{"version_num": self.revision}] if self.revision else []


def lost(_sql: str, _parameters: Mapping[str, Any]) -> None:
    """Answer as a server that is away."""
    raise ora(3113, "end-of-file on communication channel")


# Where it stands


def test_an_empty_database_is_not_current(database: Database) -> None:
    assert revision_of(database) is None and not is_current(database)


def test_an_upgraded_database_is_current(database: Database) -> None:
    upgrade(database)
    assert revision_of(database) == NEWEST and is_current(database)


def test_a_database_that_is_behind_is_not_current(database: Database) -> None:
    upgrade(database)
    with sqlite3.connect(str(database.writing_engine.url.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert revision_of(database) == "0001" and not is_current(database)


def test_where_a_schema_stands_takes_one_statement(database: Database) -> None:
    upgrade(database)
    asked: list[str] = []
    event.listen(
        database.reading_engine, "before_cursor_execute", lambda *given: asked.append(given[2])
    )
    is_current(database)
    assert [each.split()[0] for each in asked] == ["BEGIN", "SELECT"]
    assert "sqlite_master" not in asked[1]


@pytest.mark.parametrize(("revision", "current"), [(NEWEST, True), ("0041", False), (None, False)])
def test_a_schema_on_oracle_is_asked_once(revision: str | None, current: bool) -> None:
    oracle = Answering(Server(revision))
    assert is_current(oracle.database()) is current
    assert oracle.session.log[0] == "SELECT version_num FROM alembic_version"
    assert set(oracle.session.log[1:]) <= {"ROLLBACK"}


def test_a_table_of_revisions_without_one_is_not_current() -> None:
    server = Server()
    server.has_versions = True
    assert revision_of(Answering(server).database()) is None


def test_a_dead_oracle_is_not_called_behind() -> None:
    with pytest.raises(DBAPIError):
        is_current(Answering(lost).database())


def test_an_oracle_that_refuses_the_question_is_not_called_behind() -> None:
    def refuse(_sql: str, _parameters: Mapping[str, Any]) -> None:
        raise ora(1031, "insufficient privileges")

    with pytest.raises(DBAPIError):
        is_current(Answering(refuse).database())


def test_a_file_that_is_no_database_is_not_called_behind(tmp_path: Path) -> None:
    (tmp_path / "loapi.db").write_bytes(b"no database at all" * 1000)
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    with pytest.raises(DBAPIError):
        is_current(database)
    database.close()


def test_what_follows_a_revision_is_known() -> None:
    assert pending(None)[0] == "0001" and pending(None)[-1] == NEWEST
    assert pending("0058")[:2] == ["0059", "0060"]
    assert pending(NEWEST) == []


# An upgrade on Oracle


def test_an_upgrade_on_oracle_makes_what_the_script_makes() -> None:
    server = Server()
    upgrade(Answering(server).database())
    assert server.made == [" ".join(step.up.split()) for step in steps()]
    assert server.revision == NEWEST


def test_an_upgrade_on_oracle_commits_each_stamp_before_the_next_revision() -> None:
    oracle = Answering(Server("0055"))
    upgrade(oracle.database())
    log = oracle.session.log
    changes = [each for each in log if each.startswith(("CREATE", "ALTER", "UPDATE", "COMMIT"))]
    assert len(changes) == 3 * len(pending("0055"))
    for number, step in enumerate(steps("0055")):
        made, stamp, committed = changes[3 * number : 3 * number + 3]
        assert made == " ".join(step.up.split())
        assert step.revision in stamp and committed == "COMMIT"


def test_an_upgrade_on_oracle_may_take_longer_than_a_request() -> None:
    oracle = Answering(Server("0055"))
    upgrade(oracle.database())
    assert max(label.seconds for label in oracle.labels) > 3600


def test_an_upgrade_of_a_current_schema_does_nothing() -> None:
    server = Server(NEWEST)
    upgrade(Answering(server).database())
    assert not server.made


def test_a_revision_that_fails_on_oracle_says_which_and_what_to_do() -> None:
    server = Server("0055", fails_at="CREATE INDEX ix_user_account_oidc_subject")
    with pytest.raises(UpgradeFailed) as failed:
        upgrade(Answering(server).database())
    assert server.revision == "0056"
    message = str(failed.value)
    assert message.startswith("Revision 0057 (index user account oidc subject) failed: ORA-01536")
    assert "Those up to 0056 stand." in message
    assert "UPDATE alembic_version SET version_num = '0057'; COMMIT" in message


def test_the_first_revision_that_fails_leaves_none() -> None:
    server = Server(fails_at="CREATE TABLE audit_record")
    with pytest.raises(UpgradeFailed) as failed:
        upgrade(Answering(server).database())
    assert "Revision 0001" in str(failed.value) and "Those up to none stand." in str(failed.value)
    assert "INSERT INTO alembic_version (version_num) VALUES ('0001'); COMMIT" in str(failed.value)


def test_an_upgrade_goes_on_where_it_failed() -> None:
    server = Server("0055", fails_at="CREATE TABLE dataset")
    database = Answering(server).database()
    with pytest.raises(UpgradeFailed):
        upgrade(database)
    server.fails_at = ""
    upgrade(database)
    assert server.revision == NEWEST
    assert [" ".join(step.up.split()) for step in steps("0055")] == server.made


def test_an_upgrade_of_a_dead_oracle_says_that_it_is_dead() -> None:
    with pytest.raises(DBAPIError):
        upgrade(Answering(lost).database())


# An upgrade of SQLite


def test_a_revision_that_fails_on_sqlite_leaves_nothing(database: Database) -> None:
    file = str(database.writing_engine.url.database)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"CREATE TABLE {VERSIONS} (version_num TEXT)")
        connection.execute(f"INSERT INTO {VERSIONS} VALUES ('0058')")
        connection.execute("CREATE TABLE client_key_use (a INTEGER)")
        connection.commit()
    with pytest.raises(DBAPIError):
        upgrade(database)
    assert tables(file) == {VERSIONS, "client_key_use"} and revision_of(database) == "0058"


def test_another_program_s_tables_on_sqlite_are_left_alone(database: Database) -> None:
    file = str(database.writing_engine.url.database)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE users (a INTEGER)")
    with pytest.raises(NotOurs):
        upgrade(database)
    assert tables(file) == {"users"}


@pytest.mark.parametrize("revision", ["ae1027a6acf", "67", "00067", "x067"])
def test_a_revision_that_no_version_makes_is_not_ours(revision: str) -> None:
    with pytest.raises(NotOurs):
        is_ahead(Answering(Server(revision)).database())


@pytest.mark.parametrize(("revision", "ahead"), [
    (None, False), ("0001", False), (NEWEST, False), ("9000", True),
])
def test_a_later_revision_is_ahead(revision: str | None, ahead: bool) -> None:
    assert is_ahead(Answering(Server(revision)).database()) is ahead


def tables(file: str) -> set[str]:
    """Name the tables of a database."""
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in names}
