"""Whatever the sink does, writes go on up to a limit, and every record arrives once in the end."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.dynamodb.audit import DynamoDbAuditSink
from adapters.dynamodb.table import init_table
from adapters.signing.ed25519 import Ed25519Signer
from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from adapters.sql.migrate import upgrade
from adapters.sql.runner import SqlRunner
from adapters.sql.sqlite import open_sqlite
from application.audit.canonical import leaf_hash
from application.audit.lease import Lease
from application.audit.ledger import Tree
from application.audit.notary import Notary
from application.audit.record import Origin
from application.audit.relay import Relay
from application.errors import Unavailable
from application.ports import Errand, Work
from domain.resource import Resource
from entrypoints.container.wiring import now
from entrypoints.settings import AuditSinkName
from tests.dynamodb_server import REGION, Server, dynamodb
from tests.fault import drill
from tests.http.serving import Api, a_resource, problem, serving, template
from tests.support.in_time import PATIENCE, in_time

SIGNER = Ed25519Signer("loapi.test/faults", b"5" * 32)
DEADLINE = 1.0
"""Seconds within which the sink is told a batch."""

FAULTY_SECONDS = 1.0
SLOWEST_WRITE = 1.0
"""Seconds that a write may take whatever the sink does."""

FAULTS: dict[str, dict[str, Any]] = {
    "down": {"kind": "refused"},
    "silent": {"kind": "silence", "seconds": 3},
    "slow": {"kind": "delay", "seconds": 0.3},
    "trickle": {"kind": "trickle", "seconds": 0.05},
    "throttle": {"kind": "throttle", "probability": 0.5},
    "error": {"kind": "error", "probability": 0.5},
    "partial": {"kind": "partial", "probability": 0.7},
    "lost": {"kind": "lost", "probability": 0.3},
    "failed late": {"kind": "failed_late", "probability": 0.3},
    "doubled": {"kind": "doubled", "probability": 0.5},
    "garbage": {"kind": "garbage", "probability": 0.5},
    "forged": {"kind": "forged", "probability": 0.5},
    "corrupt": {"kind": "corrupt", "probability": 0.5},
    "page": {"kind": "page", "probability": 0.5},
}


@pytest.fixture(name="server", scope="module")
def a_server() -> Iterator[Server]:
    # pylint: disable-next=contextmanager-generator-missing-cleanup  # pytest ends its fixtures
    with dynamodb("moto") as running:
        yield running


@pytest.fixture(name="table")
def a_table(server: Server) -> Iterator[str]:
    name = f"audit-{uuid4()}"
    init_table(name, region=REGION, endpoint=server.url, protected=False)
    yield name
    server.heal()


@dataclass
class House:
    """A runner that writes, and a relay that delivers to DynamoDB beside it."""

    database: Database
    sink: DynamoDbAuditSink
    acked: dict[UUID, float] = field(default_factory=dict)
    """The seconds that each write took."""

    def __post_init__(self) -> None:
        self.journal = SqlJournal(self.database, sink_is_database=False)
        self.ledger = SqlLedger(self.database)
        self.runner = SqlRunner(self.database, self.journal, now)
        notary = Notary(self.ledger, SIGNER, lambda note: None, now)
        lease = Lease(SqlLeaseRow(self.database), "one", now)
        self.relay = Relay(
            journal=self.journal, ledger=self.ledger, sink=self.sink, lease=lease, notary=notary,
            clock=now, batch=100,
        )

    def write_for(self, seconds: float) -> None:
        """Write one record after another."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            origin = Origin(request_id=uuid4().hex, action="resource.create")
            began = time.monotonic()
            done = asyncio.run(self.runner.write(Errand(origin=origin), _make))
            self.acked[done.value.id] = time.monotonic() - began
            time.sleep(0.02)

    def check(self) -> None:
        """Check that every write is in the sink once, where the ledger says."""
        sealed = list(self.sink.scan(0, drill.EVERYTHING))
        assert [each.index for each in sealed] == list(range(len(sealed)))
        told = [UUID(change.key) for each in sealed for change in each.record.changes]
        assert len(told) == len(set(told)), "a write was told twice"
        assert set(told) == set(self.acked)
        assert [leaf_hash(each.record) for each in sealed] == [each.leaf for each in sealed]
        assert list(self.ledger.leaf_hashes(0, len(sealed))) == [each.leaf for each in sealed]
        assert self.ledger.tree() == Tree().extended(each.leaf for each in sealed)


def met(server: Server) -> int:
    """Count the calls that a fault has met."""
    return sum(server.seen()["met"].values())


def _make(work: Work) -> Resource:
    return work.add(Resource(id=work.new_id(), name="any"))


@contextmanager
def relaying(house: House) -> Iterator[None]:
    """Let the relay run until the end of the block."""
    stop = threading.Event()
    thread = threading.Thread(target=house.relay.run_until, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture(name="house")
def a_house(server: Server, table: str, tmp_path: Path) -> Iterator[House]:
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    upgrade(database)
    sink = DynamoDbAuditSink(table, region=REGION, endpoint=server.url, deadline=DEADLINE)
    with closing(sink):
        house = House(database, sink)
        yield house
        house.runner.close()
        database.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_sink_holds_no_write_up_and_has_all_once_it_is_well(
    house: House, server: Server, fault: str
) -> None:
    seed = random.Random(f"{fault} {drill.SEED}").randrange(2**32)
    with relaying(house):
        server.fault(**FAULTS[fault], seed=seed)
        house.write_for(FAULTY_SECONDS)
        drill.wait_for(lambda: met(server), PATIENCE, "the fault met nobody")
        waited = house.journal.depth()
        server.heal()
        house.write_for(0.2)
        drill.wait_for(lambda: house.journal.depth() == 0, PATIENCE, "it is not drained")
    house.check()
    print(f"{fault} (LOAPI_TEST_DRILL_SEED={drill.SEED}): met {met(server)}, {waited} waited")
    in_time(max(house.acked.values()), SLOWEST_WRITE)


def test_faults_in_random_turns_lose_and_double_nothing(house: House, server: Server) -> None:
    chance = drill.dice("faults in turns")
    with relaying(house):
        for _ in range(drill.KILLS):
            fault = chance.choice(sorted(FAULTS))
            server.fault(**FAULTS[fault], seed=chance.randrange(2**32))
            house.write_for(chance.uniform(0.2, 1.0))
        server.heal()
        drill.wait_for(lambda: house.journal.depth() == 0, PATIENCE, "it is not drained")
    house.check()


MOST_WAITING = 20


@pytest.fixture(name="api")
def an_api(
    server: Server, table: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    stocked = template("sqlite", tmp_path_factory.mktemp("stocked"))
    with serving(
        "sqlite", stocked, tmp_path, audit_sink=AuditSinkName.DYNAMODB, audit_backlog=MOST_WAITING,
        dynamodb_table=table, dynamodb_region=REGION, dynamodb_endpoint=server.url,
    ) as api:
        yield api


def test_writes_are_refused_while_more_than_the_limit_waits_and_taken_again_after(
    api: Api, server: Server, table: str, tmp_path: Path
) -> None:
    database = open_sqlite(f"sqlite:///{tmp_path}/loapi.db")
    journal = SqlJournal(database, sink_is_database=False)
    ledger, row = SqlLedger(database), SqlLeaseRow(database)
    # A busy machine may take seconds for a portion; being refused takes no time.
    sink = DynamoDbAuditSink(table, region=REGION, endpoint=server.url, deadline=10.0)
    with closing(database), closing(sink):
        relay = Relay(
            journal=journal, ledger=ledger, sink=sink, lease=Lease(row, "one", now),
            notary=Notary(ledger, SIGNER, lambda note: None, now), clock=now, batch=MOST_WAITING,
        )
        _drain(relay)
        server.fault("refused")
        relay.turn()
        started = time.monotonic()
        answers = _written_until(api, refused=True)
        assert MOST_WAITING <= len(answers)
        # The limit is looked at once a second; how much is written by then is the machine's.
        seconds = time.monotonic() - started
        assert api.as_().get("/resource").status_code == 200
        server.heal()
        _drain(relay)
        _written_until(api, refused=False)
        _drain(relay)
        sealed = list(sink.scan(0, drill.EVERYTHING))
    assert [each.index for each in sealed] == list(range(ledger_size(tmp_path)))
    in_time(seconds, 5)


def _drain(relay: Relay) -> None:
    """Deliver all that waits; the server on a busy machine may be late for one portion."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if not relay.step():
                return
        except Unavailable:
            continue
    raise AssertionError("what waits was not delivered in time")


def ledger_size(folder: Path) -> int:
    """Count the leaves in the database of a folder."""
    return drill.sealed_until_now(folder / "loapi.db")


def _written_until(api: Api, *, refused: bool) -> list[int]:
    """Write until a write is refused for what waits, or until none is; give the answers."""
    answers: list[int] = []
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = api.as_().post("/resource", a_resource())
        answers.append(answer.status_code)
        if answer.status_code == 503:
            problem(answer, 503, "audit-backlog")
            assert answer.headers["retry-after"]
        else:
            assert answer.status_code == 201, answer.text
        if (answer.status_code == 503) == refused:
            return answers
    raise AssertionError(answers[-5:])
