"""loapi db script, check and upgrade, as scripts and administrators drive them."""

import base64
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers
from typer.testing import CliRunner, Result

from adapters.sql.database import Database
from adapters.sql.migrate import NEWEST
from entrypoints.cli import database as commands
from entrypoints.cli import running
from entrypoints.cli.commands import command_line
from entrypoints.cli.running import opened
from entrypoints.container.deployment import planned
from entrypoints.container.wiring import Container, build
from entrypoints.settings import BadSettings, Env, Settings, read_settings
from tests.support.oracle_answers import Answering, Row
from tests.unit.test_migrate import Server

FILES = {"upgrade.sql", "rollback.sql", "grants.sql", "accounts.sql"}
KEY = base64.b64encode(b"7" * 32).decode()
STAGING = {"LOAPI_ENV": "staging", "LOAPI_SEALING_KEY": KEY, "LOAPI_SIGNING_KEY": KEY}


def loapi(home: Path, *arguments: str, **more: str) -> Result:
    """Run a command to its end, alone with its home."""
    alone: dict[str, str | None] = {name: None for name in os.environ if name.startswith("LOAPI_")}
    environment = alone | {"LOAPI_HOME": str(home)} | more
    done = CliRunner().invoke(command_line(arguments), arguments, env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


# Scripts


def test_scripts_are_written_without_a_database(tmp_path: Path) -> None:
    output = tmp_path / "release" / "7"
    done = loapi(
        tmp_path / "home", "db", "script", "--output", str(output),
        LOAPI_DATABASE_URL="sqlite:////nowhere/at/all.db",
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert {Path(line).name for line in done.stdout.splitlines()} == FILES
    assert {path.name for path in output.iterdir()} == FILES
    assert not (tmp_path / "home").exists()


def test_scripts_can_begin_at_a_revision(tmp_path: Path) -> None:
    done = loapi(tmp_path, "db", "script", "--output", str(tmp_path), "--from", "0059")
    assert done.exit_code == 0, done.stderr
    upgrade = (tmp_path / "upgrade.sql").read_text()
    assert "PROMPT 0060: " in upgrade and "PROMPT 0059: " not in upgrade


@pytest.mark.parametrize(
    ("form", "word"), [("partitioned", "PARTITION BY RANGE"), ("immutable", "IMMUTABLE TABLE")]
)
def test_scripts_can_make_another_audit_table(tmp_path: Path, form: str, word: str) -> None:
    done = loapi(tmp_path, "db", "script", "--output", str(tmp_path), "--audit-table", form)
    assert done.exit_code == 0, done.stderr
    assert word in (tmp_path / "upgrade.sql").read_text()


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "12345"), ("--from", NEWEST), ("--audit-table", "stone"),
        ("--from", "0001", "--audit-table", "immutable"),
    ],
)
def test_scripts_that_cannot_be_end_with_status_2(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = loapi(tmp_path, "db", "script", "--output", str(tmp_path / "out"), *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = loapi(tmp_path, "db", "script", "--output", str(tmp_path / "file" / "out"))
    assert done.exit_code == 1 and done.stderr


# The check


@pytest.fixture(name="home", scope="module")
def upgraded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home whose database is made."""
    home = tmp_path_factory.mktemp("home")
    done = loapi(home, "db", "upgrade")
    assert done.exit_code == 0, done.stderr
    return home


def test_a_sound_schema_ends_the_check_with_status_0(home: Path) -> None:
    done = loapi(home, "db", "check")
    assert (done.exit_code, done.stderr) == (0, "")
    told = loapi(home, "db", "check", "--json")
    assert (told.exit_code, json.loads(told.stdout)) == (0, {"findings": []})


def test_findings_end_the_check_with_status_1_and_a_line_each(home: Path, tmp_path: Path) -> None:
    (tmp_path / "loapi.db").write_bytes((home / "loapi.db").read_bytes())
    with sqlite3.connect(tmp_path / "loapi.db") as connection:
        connection.execute("DROP TABLE lease")
        connection.execute("ALTER TABLE loan ADD COLUMN colour VARCHAR(9)")
    connection.close()
    done = loapi(tmp_path, "db", "check")
    assert (done.exit_code, done.stderr) == (1, "")
    assert sorted(done.stdout.splitlines()) == [
        "lease: is not there", "loan.colour: is no column of this version",
    ]
    told = loapi(tmp_path, "db", "check", "--json")
    assert told.exit_code == 1
    assert {"subject": "table", "where": "lease", "what": "is not there"} in json.loads(
        told.stdout
    )["findings"]


def test_a_check_changes_nothing(tmp_path: Path) -> None:
    done = loapi(tmp_path, "db", "check")
    assert done.exit_code == 1 and f"revision: is none, not {NEWEST}" in done.stdout
    assert loapi(tmp_path, "db", "check").stdout == done.stdout


def test_a_database_that_cannot_be_read_ends_the_check_with_status_2(tmp_path: Path) -> None:
    (tmp_path / "loapi.db").write_bytes(b"no database at all" * 1000)
    done = loapi(tmp_path, "db", "check")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot be read" in done.stderr


# Oracle's tables are changed by whoever is meant to, and told to


class Known(Server):
    """A server that also says who is connected."""

    def __init__(self, user: str, revision: str | None) -> None:
        super().__init__(revision)
        self.user = user

    def __call__(self, sql: str, parameters: Any) -> list[Row] | None:
        if "'SESSION_USER'" in sql:
            return [{"session_user": self.user, "current_schema": "LOAPI_OWNER"}]
        return super().__call__(sql, parameters)


def container_on(server: Server, settings: Settings) -> Container:
    """Give a container whose database is a server that a test answers for."""
    container = build(settings)
    database: Database = Answering(server).database()
    container.database.override(providers.Object(database))
    return container


def staging(tmp_path: Path) -> Settings:
    """Give settings of a service that is no longer in development."""
    return read_settings(STAGING | {"LOAPI_HOME": str(tmp_path)})


def upgrade_as(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, yes: bool = False
) -> None:
    """Run `loapi db upgrade` on such a server."""
    monkeypatch.setattr(commands, "read_settings", lambda: settings)
    monkeypatch.setattr(commands, "build", lambda given: container_on(server, given))
    commands.upgrade_database(yes=yes)


def test_the_owner_who_says_yes_upgrades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Known("LOAPI_OWNER", "0058")
    upgrade_as(server, staging(tmp_path), monkeypatch, yes=True)
    assert server.revision == NEWEST


def test_nothing_is_upgraded_outside_development_before_somebody_says_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Known("LOAPI_OWNER", "0058")
    with pytest.raises(Exception) as ended:
        upgrade_as(server, staging(tmp_path), monkeypatch)
    assert getattr(ended.value, "exit_code") == 1
    told = capsys.readouterr().err
    assert f"0059 to {NEWEST}" in told and "--yes" in told and "loapi db script" in told
    assert (server.revision, server.made) == ("0058", [])


def test_whoever_does_not_own_the_tables_upgrades_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Known("LOAPI_APP", "0058")
    with pytest.raises(Exception) as ended:
        upgrade_as(server, staging(tmp_path), monkeypatch, yes=True)
    assert getattr(ended.value, "exit_code") == 1
    assert "LOAPI_MIGRATE[LOAPI_OWNER]" in capsys.readouterr().err
    assert (server.revision, server.made) == ("0058", [])


def test_a_current_schema_needs_nobody_s_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Known("LOAPI_APP", NEWEST)
    upgrade_as(server, staging(tmp_path), monkeypatch)
    assert not server.made


def test_a_revision_that_fails_is_told_in_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Known("LOAPI_OWNER", "0058")
    server.fails_at = "CREATE TABLE client_key_use"
    with pytest.raises(Exception) as ended:
        upgrade_as(server, staging(tmp_path), monkeypatch, yes=True)
    assert getattr(ended.value, "exit_code") == 1
    assert capsys.readouterr().err.startswith("Revision 0060 ")


def test_on_sqlite_an_upgrade_is_all_or_nothing_and_needs_no_plan(tmp_path: Path) -> None:
    container = build(staging(tmp_path))
    assert planned(container) is None
    container.database().close()


def test_no_command_upgrades_oracle_outside_development(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Known("LOAPI_OWNER", "0058")
    monkeypatch.setattr(running, "build", lambda given: container_on(server, given))
    with pytest.raises(BadSettings, match="loapi db upgrade"), opened(staging(tmp_path)):
        raise AssertionError("it is behind")
    assert (server.revision, server.made) == ("0058", [])


@pytest.mark.parametrize("env", ["development", "staging"])
def test_a_database_of_a_later_version_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: str
) -> None:
    server = Known("LOAPI_OWNER", "9000")
    monkeypatch.setattr(running, "build", lambda given: container_on(server, given))
    settings = staging(tmp_path).model_copy(update={"env": Env(env)})
    with pytest.raises(BadSettings, match="ahead of this version"), opened(settings):
        raise AssertionError("it is ahead")
    assert (server.revision, server.made) == ("9000", [])


def test_development_brings_its_own_oracle_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Known("LOAPI_OWNER", "0058")
    monkeypatch.setattr(running, "build", lambda given: container_on(server, given))
    with opened(read_settings({"LOAPI_HOME": str(tmp_path)})):
        assert server.revision == NEWEST
