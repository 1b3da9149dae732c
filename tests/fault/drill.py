"""A served loapi that drills break, writers that keep account, and the invariants afterwards."""

import http.client
import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from adapters.sql.audit import SqlAuditSink
from adapters.sql.sqlite import open_sqlite
from application.audit.canonical import leaf_hash
from application.audit.checkpoint import Checkpoint
from application.audit.ledger import Tree
from entrypoints.container.keys import mint
from entrypoints.home import Home, StoredKey
from entrypoints.settings import RATE_LIMITS
from tests.support.in_time import PATIENCE
from tests.support.log_lines import faults_in
from tests.support.stocked import copied

ROOT = Path(__file__).parents[2]
PATH = "/api/v1/resource/"
CLIENT, USER = "prepay", "U1001"
WRITERS = 4

KILLS = int(os.environ.get("LOAPI_TEST_DRILL_KILLS", "3"))
"""How many times a drill that is repeated breaks the service."""

SEED = int(os.environ.get("LOAPI_TEST_DRILL_SEED", secrets.randbelow(10**6)))
"""What the moments are drawn from; printed by each drill."""

EVERYTHING = 10**9

UNLIMITED = {
    "LOAPI_RATE_LIMITS": ",".join(f"{name}=1000000/second" for name in RATE_LIMITS)
}
"""What lets writers write as fast as they can."""

_NUMBERS = count(1)


def dice(drill: str) -> random.Random:
    """Give the chance of one drill, and print how to have it again."""
    print(f"\n{drill}: LOAPI_TEST_DRILL_SEED={SEED}")
    return random.Random(f"{drill} {SEED}")


# What is served


def command(home: Path, *arguments: str, module: str = "entrypoints.cli", **options: Any) -> Any:
    """Start `loapi` in a process group of its own; what it says goes to a file in its home."""
    said = {name: value for name, value in os.environ.items() if not name.startswith("LOAPI_")}
    environment = {**said, "LOAPI_HOME": str(home), **UNLIMITED, **options.pop("environment", {})}
    with open(home / "said.txt", "ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True, **options,
        )


@dataclass
class Service:
    """`loapi serve` over one home, through any number of deaths."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.home / "loapi.db"

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self.process is not None, "start it first"
        return self.process.pid

    def start(self, *before: str, module: str = "entrypoints.cli") -> float:
        """Start it, and give the seconds until it is ready; `before` goes before `serve`."""
        self.port = self.port or _free_port()
        arguments = (*before, "serve", "--port", str(self.port))
        self.process = command(
            self.home, *arguments, module=module, environment=self.environment
        )
        began = time.monotonic()
        wait_for(self._ready, PATIENCE, "the service does not come up")
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill the whole process group."""
        assert self.process is not None, "start it first"
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_server(self) -> None:
        """Kill the server only; its relay notices that."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def wait_dead(self) -> int:
        """Wait until the server is dead; give how it ended."""
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def relay(self) -> int:
        """Give the process of its relay, once there is one."""
        wait_for(self._children, PATIENCE, "no relay runs beside the server")
        return self._children()[0]

    def _children(self) -> list[int]:
        tasks = Path(f"/proc/{self.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in task.read_text().split()]

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "said.txt").read_text()[-3000:]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)
        with closing(connection):
            try:
                connection.request("GET", "/health/ready")
                return connection.getresponse().status == 200
            except OSError:
                return False


@contextmanager
def served(template: Path, home: Path, **environment: str) -> Iterator[Service]:
    """Serve over a copy of the template until the end of the block."""
    service = Service(copied(template, home), environment)
    try:
        service.start()
        yield service
    finally:
        end_group(service.process)
    wrong = faults_in(home / "said.txt", killed=True)
    assert not wrong, "\n".join(wrong[:20])


def end_group(process: "subprocess.Popen[bytes] | None") -> None:
    """Kill what is left of a process group that was started here."""
    if process is None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the database's write lock for as long as the block lasts, beside every other process."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=PATIENCE)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_for(done: Callable[[], Any], seconds: float, otherwise: str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, otherwise
        time.sleep(0.03)


# Who writes


@dataclass(frozen=True)
class Answer:
    """What came back for a write, if anything."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The last word of the problem's type."""
        return str(self.body.get("type", "")).rpartition(":")[2] if self.body else ""


NEVER_SENT, NEVER_ANSWERED = Answer(-1), Answer(0)


@dataclass
class Book:
    """What the writers know of each write, by its name, which is its idempotency key too."""

    acked: dict[str, str] = field(default_factory=dict)
    """The id that was answered."""
    refused: dict[str, Answer] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    resolved: Counter[str] = field(default_factory=Counter)
    """How unknown outcomes turned out: "kept" or "made"."""

    def note(self, name: str, answer: Answer) -> None:
        """Note how a write ended for whom it was sent by."""
        if answer.status == 201:
            self.acked[name] = answer.body["id"]
            self.unknown.discard(name)
        elif answer == NEVER_ANSWERED or answer.word in ("outcome-unknown", "key-in-flight"):
            self.unknown.add(name)
        elif name not in self.unknown:
            self.refused[name] = answer

    def told(self) -> str:
        """Tell the counts."""
        words = Counter(answer.word or "not sent" for answer in self.refused.values())
        return (
            f"{len(self.acked)} acked, {sum(words.values())} refused {dict(words)}, "
            f"{sum(self.resolved.values())} unknown {dict(self.resolved)}"
        )


class Writer:
    """Makes resources, one after another over one connection."""

    def __init__(self, service: Service, book: Book) -> None:
        self._service = service
        self._book = book
        self._key = Home(service.home).keys()[CLIENT]
        self._connection: http.client.HTTPConnection | None = None

    def write(self, name: str) -> Answer:
        """Make a resource of this name, and note the answer."""
        answer = self._sent(name)
        self._book.note(name, answer)
        return answer

    def read(self, path: str = PATH) -> Answer:
        """Read."""
        return self._asked("GET", path, None, {})

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _sent(self, name: str) -> Answer:
        body = json.dumps({"name": name, "attributes": {"drill": name}})
        headers = {"content-type": "application/json", "idempotency-key": name}
        return self._asked("POST", PATH, body, headers)

    def _asked(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        try:
            connection = self._connected()
        except OSError:
            return NEVER_SENT
        try:
            headers = headers | {"authorization": f"Bearer {token(self._key)}"}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
            named = {name.lower(): value for name, value in response.getheaders()}
            if response.will_close:
                self.close()
            return Answer(response.status, json.loads(text), named)
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return NEVER_ANSWERED

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            fresh = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=PATIENCE)
            fresh.connect()
            self._connection = fresh
        return self._connection


def token(key: StoredKey) -> str:
    """Mint a token that nobody has used."""
    return mint(
        key.key, key.key_id, CLIENT, "loapi-development", USER, None, 120, int(time.time()),
        secrets.token_urlsafe(16),
    )


class Load:
    """Writers at work until told to stop."""

    def __init__(self, service: Service, book: Book, writers: int = WRITERS) -> None:
        self._stop = threading.Event()
        self._book = book
        self._threads = [
            threading.Thread(target=self._write, args=(Writer(service, book),))
            for _ in range(writers)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def await_acked(self, more: int = 20) -> None:
        """Wait until some more writes were answered."""
        goal = len(self._book.acked) + more
        wait_for(lambda: len(self._book.acked) >= goal, PATIENCE, "nothing is acknowledged")

    def _write(self, writer: Writer) -> None:
        while not self._stop.is_set():
            answer = writer.write(f"drill-{next(_NUMBERS)}")
            if answer.status != 201:
                self._stop.wait(0.02)
        writer.close()


def resolve(service: Service, book: Book) -> None:
    """Send every write of unknown outcome again under its key until it is answered."""
    writer = Writer(service, book)
    for name in sorted(book.unknown):
        until = time.monotonic() + PATIENCE
        while (answer := writer.write(name)).status != 201:
            assert time.monotonic() < until, (name, answer)
            time.sleep(0.05)
        replayed = answer.headers.get("idempotency-replayed") == "true"
        book.resolved["kept" if replayed else "made"] += 1
    writer.close()


# What must be so


@dataclass(frozen=True)
class Found:
    """What stands in the database, read past all our code."""

    rows: Mapping[bytes, str]
    """Names of resources that writers made, by id."""
    made: Sequence[tuple[bytes, str]]
    """Which id the records of such writes tell of, and which name."""
    records: frozenset[bytes]
    leaves: Sequence[tuple[int, bytes]]
    journal: frozenset[bytes]
    checkpoint: int

    @classmethod
    def of(cls, database: Path) -> "Found":
        """Read one state."""
        opened = sqlite3.connect(database, isolation_level=None, timeout=PATIENCE)
        with closing(opened) as connection:
            connection.execute("BEGIN")
            ask = connection.execute
            committed = ask(
                "SELECT changes FROM audit_record WHERE outcome = 'committed'"
                " AND action = 'resource.create'"
            )
            changes = [change for (text,) in committed for change in json.loads(text)]
            return cls(
                dict(ask("SELECT id, name FROM named_resource WHERE name LIKE 'drill-%'")),
                [(UUID(c["key"]).bytes, c["fields"]["name"]["after"]) for c in changes],
                frozenset(each for (each,) in ask("SELECT id FROM audit_record")),
                ask("SELECT log_index, record_id FROM audit_leaf ORDER BY log_index").fetchall(),
                frozenset(each for (each,) in ask("SELECT record_id FROM journal")),
                ask("SELECT max(tree_size) FROM audit_checkpoint").fetchone()[0] or 0,
            )


def check_writes(database: Path, book: Book) -> Found:
    """Check I1, I2, I3 and I5, and that nothing stands beside the way to the sink."""
    found = Found.of(database)
    names = Counter(found.rows.values())
    ids = {name: UUID(bytes=key) for key, name in found.rows.items()}
    lost = {name for name, id in book.acked.items() if ids.get(name) != UUID(id)}
    assert not lost, f"I1: {len(lost)} acknowledged writes are gone"
    assert not book.refused.keys() & names.keys(), "I1: a refused write was made"
    assert not [name for name, times in names.items() if times > 1], "I5: a key wrote twice"
    told = Counter(found.made)
    assert set(told) >= set(found.rows.items()), "I2: a write has no record"
    assert set(told) <= set(found.rows.items()), "I3: a record has no write"
    assert set(told.values()) <= {1}, "I2: a write has two records"
    indexes = [index for index, _ in found.leaves]
    sealed = [record for _, record in found.leaves]
    assert indexes == list(range(len(indexes))), "I4: the log has a hole, or a place twice"
    assert len(set(sealed)) == len(sealed), "I4: a record has two places"
    assert found.records == found.journal.union(sealed), "I4: a record was forgotten"
    return found


def check(database: Path, book: Book) -> Found:
    """Wait for the relay to come to an end, and check I1 to I6."""
    assert not book.unknown, f"{len(book.unknown)} outcomes are still unknown"
    await_drained(database)
    found = check_writes(database, book)
    assert not found.journal
    assert frozenset(record for _, record in found.leaves) == found.records, "I4"
    check_root(database)
    return found


def await_drained(database: Path, seconds: float = PATIENCE) -> None:
    """Wait until every record is sealed and delivered, and the log's end is certified."""

    def drained() -> bool:
        with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection:
            ask = connection.execute
            waiting = ask("SELECT count(*) FROM journal").fetchone()[0]
            size = ask("SELECT max(log_index) + 1 FROM audit_leaf").fetchone()[0]
            certified = ask("SELECT max(tree_size) FROM audit_checkpoint").fetchone()[0]
        return bool(waiting == 0 and size == certified)

    wait_for(drained, seconds, "the journal is not drained")


def sealed_until_now(database: Path) -> int:
    """Count the leaves."""
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection:
        found: int = connection.execute("SELECT count(*) FROM audit_leaf").fetchone()[0]
    return found


def check_root(database: Path) -> None:
    """Check I6: the records as they stand give the root that was certified last."""
    opened = open_sqlite(f"sqlite:///{database}")
    try:
        sealed = list(SqlAuditSink(opened).scan(0, EVERYTHING))
    finally:
        opened.close()
    tree = Tree().extended(leaf_hash(each.record) for each in sealed)
    with closing(sqlite3.connect(database)) as connection:
        newest = "SELECT note FROM audit_checkpoint ORDER BY tree_size DESC LIMIT 1"
        (note,) = connection.execute(newest).fetchone()
    text = note.partition("\n\n")[0] + "\n"
    said = Checkpoint.parsed(text)
    assert (said.size, said.root) == (tree.size, tree.root()), "I6: the root is another"


def verify(home: Path) -> str:
    """Let `loapi audit verify` have its say; give what it tells."""
    done = subprocess.run(
        [sys.executable, "-m", "entrypoints.cli", "audit", "verify", "--json"],
        cwd=ROOT, env=os.environ | {"LOAPI_HOME": str(home)}, capture_output=True, text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
