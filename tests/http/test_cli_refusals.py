"""What an operator is told where a command cannot do its work: one line, and a status."""

import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from entrypoints.cli.place import check_place
from tests.support.live import MAIN, environment, live, loapi
from tests.support.tns import closed_port

Done = subprocess.CompletedProcess[str]

KEY = "A" * 43 + "="
ROOM = 100_000
"""Bytes that a file may have, fewer than the demo portfolio takes."""
STAGING = {"LOAPI_ENV": "staging", "LOAPI_SEALING_KEY": KEY, "LOAPI_SIGNING_KEY": KEY}


@pytest.fixture(name="home", scope="module")
def an_upgraded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert loapi(home, "db", "upgrade").returncode == 0
    return home


def refused(done: Done, status: int, *words: str) -> None:
    """Check that a command ended with a status and one line that has some words."""
    assert done.returncode == status, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not [word for word in words if word not in done.stderr], done.stderr


# loapi check


def test_what_the_service_could_serve_without_is_told(home: Path) -> None:
    store = f"redis://127.0.0.1:{closed_port()}/0"
    done = loapi(home, "check", LOAPI_RATE_LIMIT_STORAGE=store)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("Works, with a warning: rate_limits: the shared store is away")


def test_what_it_could_not_serve_without_is_told_and_nothing_logged(tmp_path: Path) -> None:
    done = loapi(tmp_path, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Does not work: database: the schema is behind; run loapi db upgrade" in done.stderr


# Where checkpoints go


@pytest.mark.parametrize("command", ["check", "audit relay", "serve --port 0", "serve"])
def test_checkpoints_that_cannot_be_written_stop_the_start(
    home: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    where = str(tmp_path / "file" / "checkpoints")
    arguments = command.replace("--port 0", f"--port {closed_port()} --workers 2").split()
    done = loapi(home, *arguments, LOAPI_CHECKPOINT_FILE=where, LOAPI_DEMO="false")
    refused(done, 2, "LOAPI_CHECKPOINT_FILE", where, "cannot be written")


def test_a_folder_is_no_file_for_checkpoints(home: Path, tmp_path: Path) -> None:
    refused(loapi(home, "check", LOAPI_CHECKPOINT_FILE=str(tmp_path)), 2, "Is a directory")


# Where it listens


@contextmanager
def taken() -> Iterator[int]:
    """Give a port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_told_before_anything_is_made(tmp_path: Path, workers: str) -> None:
    with taken() as port:
        done = loapi(tmp_path, "serve", "--port", str(port), "--workers", workers)
    refused(done, 2, f"--host 127.0.0.1 --port {port}", "Address already in use")
    assert done.stdout == "" and not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_host_that_is_not_ours_is_told(tmp_path: Path, host: str) -> None:
    refused(loapi(tmp_path, "serve", "--host", host), 2, f"--host {host} --port 8000")


def test_a_name_of_several_addresses_is_taken() -> None:
    check_place("localhost", closed_port())
    check_place("0.0.0.0", closed_port())


# Whose database it is


def database_at(folder: Path, *statements: str) -> str:
    """Make a database by some statements, and give its URL."""
    with closing(sqlite3.connect(folder / "some.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return f"sqlite:///{folder}/some.db"


STAMPS = "CREATE TABLE alembic_version (version_num TEXT)"


@pytest.mark.parametrize("command", ["db upgrade", "client list", "db seed", "audit status"])
def test_another_program_s_database_is_left_alone(tmp_path: Path, command: str) -> None:
    url = database_at(tmp_path, "CREATE TABLE users (id INTEGER)")
    before = (tmp_path / "some.db").read_bytes()
    done = loapi(tmp_path, *command.split(), LOAPI_DATABASE_URL=url)
    refused(done, 2, "LOAPI_DATABASE_URL", "tables of another program")
    with closing(sqlite3.connect(tmp_path / "some.db")) as database:
        found = database.execute("SELECT name FROM sqlite_master").fetchall()
    assert found == [("users",)]
    assert len((tmp_path / "some.db").read_bytes()) == len(before)


@pytest.mark.parametrize("command", ["db upgrade", "client list"])
@pytest.mark.parametrize(("revision", "words"), [
    ("ae1027a6acf", ("LOAPI_DATABASE_URL", "ae1027a6acf", "another program")),
    ("9000", ("ahead of this version",)),
])
def test_a_database_of_another_or_a_later_program_is_not_upgraded(
    tmp_path: Path, command: str, revision: str, words: tuple[str, ...]
) -> None:
    url = database_at(tmp_path, STAMPS, f"INSERT INTO alembic_version VALUES ('{revision}')")
    for env in ({}, STAGING):
        done = loapi(tmp_path, *command.split(), LOAPI_DATABASE_URL=url, **env)
        refused(done, 2, *words)


@pytest.mark.parametrize("command", ["db upgrade", "client list", "db seed", "serve"])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, command: str) -> None:
    (tmp_path / "some.db").write_text("no database " * 1000)
    arguments = [*command.split(), *(["--port", str(closed_port())] if command == "serve" else [])]
    done = loapi(tmp_path, *arguments, LOAPI_DATABASE_URL=f"sqlite:///{tmp_path}/some.db")
    refused(done, 1, "The database cannot be used now: file is not a database")


@pytest.mark.parametrize("command", [["db", "seed"], ["serve"]])
def test_a_disk_without_room_is_told(home: Path, tmp_path: Path, command: list[str]) -> None:
    shutil.copy(home / "loapi.db", tmp_path)

    def leave_no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    arguments = [*command, *(["--port", str(closed_port())] if command == ["serve"] else [])]
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments], cwd=tmp_path, env=environment(tmp_path),
        capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=leave_no_room,
    )
    refused(done, 1, "The database cannot be used now: ")


# Signals

HEEDED = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)"
"""The tests themselves may run under nohup, which what they start would inherit."""


def test_one_worker_ends_at_a_hangup_as_at_sigterm(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    with live(tmp_path / "home", patches=HEEDED, LOAPI_DEMO="false") as served:
        os.kill(served.process.pid, signal.SIGHUP)
        assert served.process.wait(30) == 0
