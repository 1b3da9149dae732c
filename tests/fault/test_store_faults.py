"""A database that is locked, full or failing costs answers, never what was acknowledged."""

import os
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect

from entrypoints.http import health
from tests.fault import drill
from tests.fault.drill import Book, Load, Service, Writer
from tests.http.serving import Api, Template, a_payoff, a_resource, serving, template
from tests.support.in_time import PATIENCE, in_time
from tests.support.live import live

BUSY_SECONDS = 5.0
"""How long a write waits for another process's lock."""

END_SECONDS = 14.0
"""How long the end may take with a database that takes nothing."""

FULL = 400_000
"""Bytes that the files may still grow by before there is no room."""


# Locked


def test_a_lock_of_a_tenth_of_a_second_is_waited_for(service: Service) -> None:
    book = Book()
    with Load(service, book) as load:
        for _ in range(5):
            load.await_acked()
            with drill.locked(service.database):
                time.sleep(0.1)
    drill.check(service.database, book)
    print(book.told())
    assert not book.refused


def test_a_lock_beyond_patience_answers_503_and_reads_go_on(service: Service) -> None:
    book = Book()
    with closing(Writer(service, Book())) as reader, Load(service, book) as load:
        load.await_acked()
        with drill.locked(service.database):
            until = time.monotonic() + BUSY_SECONDS + 2
            while time.monotonic() < until:
                assert reader.read("/api/v1/naics-code/").status == 200
                time.sleep(0.2)
        load.await_acked()
    drill.resolve(service, book)
    drill.check(service.database, book)
    print(book.told())
    _check_refusals(book, {"busy"})


def test_the_service_ends_in_time_though_the_database_takes_nothing(home: Path) -> None:
    with live(home) as served:
        with drill.locked(home / "loapi.db"):
            assert served.ask("GET", "/user/?location-id=900101").status_code == 200
            status, seconds = served.stop()
    assert status == 0
    log = (home / "serve.log").read_text("utf-8")
    assert "Traceback" not in log
    assert "1 audit records of reads and folded refusals were not written" in log
    in_time(seconds, END_SECONDS)


def _check_refusals(book: Book, words: set[str]) -> None:
    """Check that every refusal says to come back, and none that it was our mistake."""
    assert {answer.word for answer in book.refused.values()} == words
    assert {answer.status for answer in book.refused.values()} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in book.refused.values())


# Full


@contextmanager
def small_disk(template: Path, folder: Path) -> Iterator[tuple[Service, Callable[[], None]]]:
    """Serve from a file system of its own, with a file on it whose end makes room."""
    folder.mkdir()
    size = sum(file.stat().st_size for file in template.iterdir()) + 8_000_000
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        with drill.served(template, folder) as service:
            ballast = folder / "ballast"
            room = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
            ballast.write_bytes(bytes(room - FULL))
            yield service, ballast.unlink
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def small_files(template: Path, folder: Path) -> Iterator[tuple[Service, Callable[[], None]]]:
    """Serve with a limit to the size of files, until it is lifted."""
    with drill.served(template, folder) as service:
        longest = max(file.stat().st_size for file in folder.iterdir())

        def allow(size: int) -> None:
            for pid in (service.pid, service.relay()):
                with suppress(ProcessLookupError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        allow(longest + FULL)
        yield service, lambda: allow(resource.RLIM_INFINITY)


@pytest.mark.parametrize("room", [small_disk, small_files])
def test_a_full_disk_answers_503_loses_nothing_and_is_recovered_from(
    template: Path, tmp_path: Path, room: Any
) -> None:
    book = Book()
    with room(template, tmp_path / "small") as (service, make_room):
        with closing(Writer(service, Book())) as reader, Load(service, book) as load:
            drill.wait_for(lambda: len(book.refused) > 20, PATIENCE, "it never fills up")
            for _ in range(5):
                assert reader.read("/api/v1/naics-code/").status == 200
            full = dict(book.refused)
            make_room()
            load.await_acked()
        drill.resolve(service, book)
        drill.check(service.database, book)
        print(book.told())
    assert {answer.status for answer in full.values()} == {503}
    _check_refusals(book, {"unavailable"})


# Failing statements and commits


@pytest.fixture(name="stocked", scope="module")
def stocked_store(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return template("sqlite", tmp_path_factory.mktemp("stocked"))


@pytest.fixture(name="api")
def an_api(stocked: Template, tmp_path: Path) -> Iterator[Api]:
    # No relay runs here: what waits, waits for as long as a clock jumps.
    with serving("sqlite", stocked, tmp_path, audit_backlog_minutes=100_000) as api:
        yield api


COMMIT: Any = DefaultDialect.do_commit


class Failing:
    """Lets the n-th statement, or the n-th commit, of the whole process fail."""

    def __init__(self, code: int) -> None:
        self._code = code
        self.left = 0

    def statement(self, *_: Any) -> None:
        """Count a statement."""
        self.left -= 1
        if self.left == 0:
            error = sqlite3.OperationalError("injected")
            error.sqlite_errorcode = self._code
            raise error

    def commit(self, dialect: DefaultDialect, connection: Any) -> None:
        """Count a commit of the writing connection, in place of the real one."""
        if connection.execute("PRAGMA query_only").fetchone() == (0,):
            self.statement()
        COMMIT(dialect, connection)


EXECUTING = ("do_execute", "do_executemany", "do_execute_no_params")


@contextmanager
def failing(code: int) -> Iterator[Failing]:
    """Count the statements of every engine."""
    faults = Failing(code)
    for kind in EXECUTING:
        event.listen(Engine, kind, faults.statement)
    try:
        yield faults
    finally:
        for kind in EXECUTING:
            event.remove(Engine, kind, faults.statement)


def _tables(database: Path) -> tuple[Any, ...]:
    with closing(sqlite3.connect(database)) as connection:
        return (
            connection.execute("SELECT id, version FROM payoff").fetchall(),
            connection.execute("SELECT id, version FROM named_resource").fetchall(),
            connection.execute(
                "SELECT id FROM audit_record WHERE outcome = 'committed'"
            ).fetchall(),
            connection.execute("SELECT client_id, idempotency_key FROM kept_answer").fetchall(),
        )


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_ERROR]
)
@pytest.mark.parametrize("path, body", [("/payoff", a_payoff()), ("/resource", a_resource())])
def test_whichever_statement_fails_all_is_rolled_back(
    api: Api, tmp_path: Path, code: int, path: str, body: dict[str, Any]
) -> None:
    assert api.as_().get("/resource").status_code == 200
    before = _tables(tmp_path / "loapi.db")
    met = 0
    with failing(code) as faults:
        for number in range(1, 60):
            session = api.as_(location=900101).with_(idempotency_key=f"key-{number}")
            faults.left = number
            answer = session.post(path, body)
            if answer.status_code < 300:
                break
            faults.left = 0
            met += 1
            assert answer.status_code == (500 if code == sqlite3.SQLITE_ERROR else 503), answer.text
            assert _tables(tmp_path / "loapi.db") == before, f"statement {number} left something"
    kept = [len(new) - len(old) for new, old in zip(_tables(tmp_path / "loapi.db"), before)]
    assert kept in ([1, 0, 1, 1], [0, 1, 1, 1]), "the answer that said so was true"
    print(f"{path}: each of {met} statements failed once")
    assert met >= 5


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL])
def test_a_commit_that_fails_leaves_nothing(
    api: Api, tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _tables(tmp_path / "loapi.db")
    faults = Failing(code)

    def commit(dialect: Any, connection: Any) -> None:
        faults.commit(dialect, connection)

    monkeypatch.setattr(SQLiteDialect_pysqlite, "do_commit", commit)
    faults.left = 1
    answer = api.as_(location=900101).with_(idempotency_key="k").post("/payoff", a_payoff())
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]
    assert _tables(tmp_path / "loapi.db") == before
    again = api.as_(location=900101).with_(idempotency_key="k").post("/payoff", a_payoff())
    assert again.status_code == 201, "the connection can be used again"


def test_a_database_that_takes_no_writes_warns_until_it_takes_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "REMEMBERED_SECONDS", 0.0)

    def fill(_dialect: Any, connection: Any) -> None:
        if connection.execute("PRAGMA query_only").fetchone() == (0,):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    def ready() -> Any:
        headers = {"authorization": f"Bearer {api.as_().token()}"}
        answer = api.send("GET", "/health/ready", headers=headers)
        assert answer.status_code == 200, "reads are served"
        return answer.json()["checks"]["database"]

    with monkeypatch.context() as patch:
        patch.setattr(SQLiteDialect_pysqlite, "do_commit", fill)
        assert api.as_().post("/resource", a_resource()).status_code == 503
        told = {"status": "warn", "schema": "current"}
        assert ready() == told | {"reason": "it takes no writes: database or disk is full"}
    assert api.as_().post("/resource", a_resource()).status_code == 201
    assert ready() == {"status": "pass", "schema": "current"}


# Clocks that jump


def test_tokens_are_judged_by_the_clock_as_it_is_after_a_jump(api: Api) -> None:
    session = api.as_()
    token = session.token()
    for jump in (timedelta(hours=-1), timedelta(hours=1) + timedelta(days=1)):
        api.clock.forward(jump)
        assert session.get("/resource", token=token).status_code == 401
        assert session.post("/resource", a_resource(), token=token).status_code == 401
        assert session.get("/resource").status_code == 200
        assert session.post("/resource", a_resource()).status_code == 201


def test_writes_go_on_and_keep_their_records_when_the_clock_jumps(
    api: Api, tmp_path: Path
) -> None:
    session = api.as_().with_(idempotency_key="before")
    made = session.post("/resource", a_resource())
    for jump in (timedelta(hours=-1), timedelta(days=1)):
        api.clock.forward(jump)
        answer = api.as_().post("/resource", a_resource("after"))
        assert [r["outcome"] for r in api.account_of(answer)] == ["committed"]
    again = session.post("/resource", a_resource())
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["id"] == made.json()["id"]
    api.clock.forward(timedelta(days=1))
    assert "idempotency-replayed" not in session.post("/resource", a_resource()).headers
    assert len(_tables(tmp_path / "loapi.db")[1]) == 4
