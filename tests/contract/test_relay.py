"""The relay seals and delivers every record once, wherever it dies and whoever goes on."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from adapters.memory.audit import MemoryAuditSink, MemoryJournal
from adapters.memory.ledger import MemoryLeaseRow, MemoryLedger
from adapters.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from adapters.signing.emission import CheckpointFile
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.housekeeping import CLOCKS_DIFFER, Housekeeping
from adapters.sql.journal import Backlog, SqlJournal
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from adapters.sql.migrate import upgrade
from adapters.sql.runner import SqlRunner
from adapters.sql.sqlite import open_sqlite
from adapters.sql.standing import SqlStanding
from adapters.sql.tables import audit_leaf, audit_record, audit_tree, journal, spent_token
from application.audit.canonical import leaf_hash
from application.audit.checkpoint import Checkpoint, opened
from application.audit.lease import LASTS, Lease
from application.audit.ledger import (
    Tree,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)
from application.audit.notary import EVERY_SECONDS, Notary
from application.audit.pace import FIRST_LOOK, GATHERS, LATER_LOOK, STANDS_BY
from application.audit.ports import LeaseRow, Ledger, Overtaken
from application.audit.record import AuditRecord, SealedRecord
from application.audit.relay import Relay
from application.audit.trail import Trail
from application.errors import Tampered, TokenReplayed
from application.ports import AuditSink, Journal, SpentToken, Work
from application.query import Order, Query
from tests.contract.conftest import errand
from tests.contract.test_sinks import RECORDS, a_record
from tests.support.in_time import PATIENCE

SIGNER = Ed25519Signer("loapi.test/audit", b"7" * 32)
VERIFIER = Ed25519Verifier(SIGNER.verifier_key)
STEPS = [
    "before-seal", "after-seal", "before-emit", "after-checkpoint", "after-deliver", "after-clear",
]
BATCH = 7
OLDEST_FIRST = Query(order=(Order("id"),), limit=100)


class Killed(BaseException):
    """The process dies here."""


def dying_at(step: str, occurrence: int) -> Callable[[str], None]:
    """Give what kills a relay as it comes to a step for the n-th time."""
    left = occurrence

    def die(name: str) -> None:
        nonlocal left
        left -= name == step
        if name == step and left == 0:
            raise Killed

    return die


@dataclass
class House:
    """A journal, a ledger and a sink, and the relays that run over them."""

    journal: Journal
    ledger: Ledger
    sink: AuditSink
    row: LeaseRow
    commit: Callable[[Sequence[AuditRecord]], None]
    """Puts records in the journal as a runner does."""
    now: datetime = datetime(2026, 11, 24, tzinfo=timezone.utc)
    ticks: float = 0.0
    emitted: list[str] = field(default_factory=list)

    def relay(self, name: str = "one", at: Callable[[str], None] | None = None) -> Relay:
        """Start a relay; its clocks stand still until `forward`."""
        hook = at or (lambda step: None)

        def emit(note: str) -> None:
            hook("before-emit")
            self.emitted.append(note)

        clock: Callable[[], datetime] = lambda: self.now
        tick: Callable[[], float] = lambda: self.ticks
        return Relay(
            journal=self.journal,
            ledger=self.ledger,
            sink=self.sink,
            lease=Lease(self.row, name, clock, tick),
            notary=Notary(self.ledger, SIGNER, emit, clock, tick),
            clock=clock,
            at=hook,
            tick=tick,
            batch=BATCH,
        )

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds

    def drain(self, relay: Relay) -> None:
        """Let a relay work until nothing is left, and its last checkpoint is signed."""
        while relay.step():
            pass
        self.forward(EVERY_SECONDS)
        relay.step()

    def verify(self, records: Sequence[AuditRecord]) -> None:
        """Check all: nothing lost or doubled, places dense, leaves and roots true."""
        sealed = list(self.sink.scan(0, 10**9))
        assert [each.index for each in sealed] == list(range(len(records)))
        assert {each.record.id: each.record for each in sealed} == {r.id: r for r in records}
        assert [leaf_hash(each.record) for each in sealed] == [each.leaf for each in sealed]
        assert list(self.ledger.leaf_hashes(0, len(sealed))) == [each.leaf for each in sealed]
        tree = Tree().extended(each.leaf for each in sealed)
        assert self.ledger.tree() == tree
        latest = self.ledger.latest_checkpoint()
        assert latest and opened(latest, VERIFIER) == Checkpoint.of(SIGNER.name, tree)
        assert self.emitted[-1] == latest
        assert self.journal.depth() == 0


@pytest.fixture(
    name="house",
    params=[
        "memory", "sqlite", "sqlite in place", "oracle", "oracle in place",
    ],
)
def any_house(
    request: pytest.FixtureRequest, oracle: Callable[[Path], Database], tmp_path: Path
) -> Iterator[House]:
    """Give empty parts of each kind; in place: the journal's records stand in the sink."""
    if request.param == "memory":
        waiting, row = MemoryJournal(), MemoryLeaseRow()
        yield House(waiting, MemoryLedger(row), MemoryAuditSink(), row, waiting.append)
        return
    kind, _, place = request.param.partition(" ")
    database = oracle(tmp_path) if kind == "oracle" else _sqlite(tmp_path)
    yield _sql_house(database, in_place=place == "in place")
    database.close()


@pytest.fixture(name="database", params=["sqlite", "oracle"])
def a_database(
    request: pytest.FixtureRequest, oracle: Callable[[Path], Database], tmp_path: Path
) -> Iterator[Database]:
    database = oracle(tmp_path) if request.param == "oracle" else _sqlite(tmp_path)
    yield database
    database.close()


def _sqlite(folder: Path) -> Database:
    database = open_sqlite(f"sqlite:///{folder}/loapi.db")
    upgrade(database)
    return database


def _sql_house(database: Database, *, in_place: bool = True) -> House:
    waiting = SqlJournal(database, sink_is_database=in_place)

    def commit(records: Sequence[AuditRecord]) -> None:
        with database.writing() as connection:
            waiting.append(connection, records)

    row = SqlLeaseRow(database)
    return House(waiting, SqlLedger(database), SqlAuditSink(database), row, commit)


def test_every_record_reaches_the_sink_in_its_place(house: House) -> None:
    house.commit(RECORDS)
    house.drain(house.relay())
    house.verify(RECORDS)
    assert [each.record for each in house.sink.scan(0, 99)] == RECORDS


def test_a_record_that_is_committed_late_gets_a_later_place(house: House) -> None:
    relay = house.relay()
    house.commit(RECORDS[5:])
    house.drain(relay)
    house.commit(RECORDS[:5])
    house.drain(relay)
    house.verify(RECORDS)
    assert [each.record for each in house.sink.scan(55, 60)] == RECORDS[:5]


@pytest.mark.parametrize("occurrence", [1, 2, 3])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_loses_and_doubles_nothing(
    house: House, step: str, occurrence: int
) -> None:
    committed = 30
    house.commit(RECORDS[:committed])
    doomed = house.relay("doomed", dying_at(step, occurrence))
    with pytest.raises(Killed):
        for _ in range(30):
            doomed.step()
            house.commit([RECORDS[committed]])
            committed += 1
            house.forward(1.0)
    heir = house.relay("heir")
    assert not heir.step()
    house.forward(LASTS.total_seconds())
    house.drain(heir)
    house.verify(RECORDS[:committed])


@pytest.mark.parametrize("seed", range(8))
def test_crashes_one_after_the_other_lose_and_double_nothing(house: House, seed: int) -> None:
    chance = random.Random(seed)

    def die(_name: str) -> None:
        if chance.random() < 0.15:
            raise Killed

    waiting = list(RECORDS)
    for life in range(60):
        relay = house.relay(f"life {life}", die)
        house.forward(LASTS.total_seconds())
        relay.step()
        house.forward(LASTS.total_seconds())
        try:
            while not waiting or chance.random() < 0.9:
                count = chance.randrange(9)
                if some := waiting[:count]:
                    del waiting[:count]
                    house.commit(some)
                if not relay.step() and not waiting:
                    break
        except Killed:
            pass
    house.commit(waiting)
    last = house.relay("last")
    last.step()
    house.forward(LASTS.total_seconds())
    house.drain(last)
    house.verify(RECORDS)


def test_one_of_two_relays_leads(house: House) -> None:
    one, two = house.relay("one"), house.relay("two")
    house.commit(RECORDS)
    assert one.step() == BATCH
    for _ in range(20):
        assert not two.step()
        house.forward(1.0)
        assert one.step() or house.journal.depth() == 0
    assert (one.status().leader, two.status().leader) == (True, False)
    house.verify(RECORDS)


def test_another_takes_over_within_ten_seconds_of_the_leaders_death(house: House) -> None:
    one, two = house.relay("one"), house.relay("two")
    house.commit(RECORDS)
    one.step()
    for _ in range(5):
        house.forward(STANDS_BY)
        one.step()
        two.step()
    seconds = 0.0
    while not two.step():
        house.forward(STANDS_BY)
        seconds += STANDS_BY
    assert LASTS.total_seconds() - 2 <= seconds <= 10 - STANDS_BY


def test_another_takes_over_at_once_when_the_leader_stops(house: House) -> None:
    one, two = house.relay("one"), house.relay("two")
    house.commit(RECORDS)
    stopped = threading.Event()
    stopped.set()
    one.step()
    assert not two.step()
    one.run_until(stopped)
    assert two.step()


def test_a_paused_leader_that_was_overtaken_seals_nothing(house: House) -> None:
    heir = house.relay("heir")

    def pause(name: str) -> None:
        if name == "before-seal" and heir.status().last_index is None:
            heir.step()
            house.forward(LASTS.total_seconds())
            assert heir.step() == BATCH

    paused = house.relay("paused", pause)
    house.commit(RECORDS)
    with pytest.raises(Overtaken):
        paused.step()
    assert not paused.step()
    house.drain(heir)
    house.verify(RECORDS)


def test_a_leader_that_is_paused_before_it_delivers_does_no_harm(house: House) -> None:
    heir = house.relay("heir")

    def pause(name: str) -> None:
        if name == "after-seal" and not heir.status().leader:
            heir.step()
            house.forward(LASTS.total_seconds())
            while heir.step():
                pass

    paused = house.relay("paused", pause)
    house.commit(RECORDS)
    paused.step()
    assert not paused.step()
    house.drain(heir)
    house.verify(RECORDS)


def test_clocks_that_jump_neither_depose_a_leader_nor_keep_a_dead_one(house: House) -> None:
    one, two = house.relay("one"), house.relay("two")
    house.commit(RECORDS)
    one.step()
    house.now += timedelta(days=1)
    assert one.step() and not two.step()
    house.forward(3)
    assert one.step() and not two.step()
    house.now -= timedelta(days=3)
    house.forward(3)
    assert one.step() and not two.step()
    house.forward(LASTS.total_seconds())
    assert two.step()


def test_a_lease_is_kept_by_clocks_that_stand_still(house: House) -> None:
    leases = [Lease(house.row, name, lambda: house.now, lambda: house.ticks) for name in "ab"]
    held = []
    for _ in range(10):
        held.append([lease.hold() for lease in leases])
        house.ticks += 2.5
    assert held == [[True, False]] * 10


def test_checkpoints_come_while_records_do_and_each_follows_from_the_one_before(
    house: House,
) -> None:
    relay = house.relay()
    for number in range(40):
        house.commit([RECORDS[number]])
        relay.step()
        house.forward(0.5)
    sizes = [opened(note, VERIFIER).size for note in house.emitted]
    assert sizes == [1, 6, 11, 16, 21, 26, 31, 36]
    assert list(house.ledger.checkpoints()) == house.emitted
    heads = [opened(note, VERIFIER) for note in house.emitted]
    for one, two in zip(heads, heads[1:]):
        proof = consistency_proof(one.size, two.size, house.ledger.leaf_hashes)
        check_consistency(one.size, two.size, proof, one.root, two.root)
    last = heads[-1]
    for each in house.sink.scan(0, last.size):
        path = inclusion_proof(each.index, last.size, house.ledger.leaf_hashes)
        check_inclusion(each.index, last.size, leaf_hash(each.record), path, last.root)


def test_a_checkpoint_comes_at_once_when_records_cease(house: House) -> None:
    relay = house.relay()
    house.commit(RECORDS[:2])
    relay.step()
    house.commit(RECORDS[2:4])
    relay.step()
    house.forward(1.0)
    relay.step()
    assert [opened(note, VERIFIER).size for note in house.emitted] == [2, 4]


def test_a_second_place_that_fails_holds_no_record_up_and_gets_the_next(house: House) -> None:
    broken = True

    def fail(name: str) -> None:
        if name == "before-emit" and broken:
            raise OSError("disk full")

    relay = house.relay("one", fail)
    house.commit(RECORDS)
    while relay.step():
        pass
    assert house.journal.depth() == 0 and not house.emitted
    broken = False
    house.drain(relay)
    house.verify(RECORDS)


class Grudging:
    """A sink that fails while it is told to."""

    def __init__(self, sink: AuditSink) -> None:
        self.sink = sink
        self.error: Exception | None = None
        self.asked = 0

    def deliver(self, sealed: Sequence[SealedRecord]) -> None:
        """Fail, or deliver."""
        self.asked += 1
        if self.error:
            raise self.error
        self.sink.deliver(sealed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sink, name)


def test_a_sink_that_is_down_is_asked_ever_more_rarely_until_it_is_back(house: House) -> None:
    grudging = Grudging(house.sink)
    grudging.error = ConnectionError("away")
    relay = replace(house.relay(), sink=grudging)
    rival = house.relay("rival")
    house.commit(RECORDS)
    waited = 0.0
    while waited < 600:
        rest = relay.turn()
        assert 0 <= rest <= STANDS_BY
        house.forward(max(rest, 0.001))
        waited += max(rest, 0.001)
        assert not rival.step()
    assert 100 < grudging.asked < 600
    status = relay.status()
    assert (status.error, status.tampered, status.depth) == ("away", False, len(RECORDS))
    assert status.age == house.now - RECORDS[0].occurred_at
    assert opened(house.emitted[-1], VERIFIER).size == BATCH
    grudging.error = None
    for _ in range(40):
        house.forward(relay.turn())
    assert relay.status().error is None
    house.drain(relay)
    house.verify(RECORDS)


def test_a_forged_record_in_the_sink_stops_the_relay_and_is_told(house: House) -> None:
    relay = house.relay()
    house.commit(RECORDS[:BATCH])
    house.sink.deliver([SealedRecord(3, b"x" * 32, RECORDS[50])])
    relay.turn()
    assert relay.status().tampered
    assert house.journal.depth() == BATCH


def test_the_relay_looks_again_at_once_soon_or_after_a_while(house: House) -> None:
    relay = house.relay()
    assert relay.turn() == pytest.approx(FIRST_LOOK * 1.1)
    for _ in range(20):
        pause = relay.turn()
    assert pause == LATER_LOOK
    house.commit(RECORDS[:BATCH])
    assert relay.turn() == 0.0
    house.commit(RECORDS[BATCH:BATCH + 2])
    assert relay.turn() == GATHERS
    assert house.relay("two").turn() == STANDS_BY


@pytest.mark.parametrize(("in_place", "most"), [(False, 500), (True, 2_000)])
def test_a_relay_takes_more_at_a_time_where_records_stand_in_their_sink(
    tmp_path: Path, in_place: bool, most: int
) -> None:
    database = _sqlite(tmp_path)
    house = _sql_house(database, in_place=in_place)
    standing = SqlStanding(database) if in_place else None
    house.commit([a_record(number) for number in range(most + 1)])
    relay = replace(house.relay(), batch=None, in_place=standing)
    assert [relay.step(), relay.step()] == [most, 1]
    database.close()


def test_status_tells_the_last_place_and_checkpoint(house: House) -> None:
    relay = house.relay()
    idle = relay.status()
    assert (idle.leader, idle.last_index, idle.certified, idle.depth) == (False, None, None, 0)
    house.commit(RECORDS)
    house.drain(relay)
    status = relay.status()
    assert (status.leader, status.last_index, status.certified) == (True, 59, 60)
    assert (status.depth, status.age, status.error) == (0, timedelta(0), None)


def test_whoever_writes_sees_the_record_before_and_after_its_delivery(house: House) -> None:
    trail, relay = Trail(house.journal, house.sink), house.relay()
    house.commit(RECORDS[:20])
    mine = (RECORDS[1], RECORDS[8], RECORDS[15])
    for _ in range(5):
        assert trail.find(OLDEST_FIRST.where("user_id", "U1")).items == mine
        assert trail.get(RECORDS[15].id) == RECORDS[15]
        assert trail.find(OLDEST_FIRST).items == tuple(RECORDS[:20])
        relay.step()


@pytest.mark.parametrize("descending", [True, False])
def test_pages_of_the_trail_join_where_journal_and_sink_do(house: House, descending: bool) -> None:
    trail, relay = Trail(house.journal, house.sink), house.relay()
    house.commit(RECORDS[:40:2])
    house.drain(relay)
    house.commit(RECORDS[1:40:2])
    relay.step()
    query = Query(order=(Order("id", descending=descending),), limit=3)
    found: list[AuditRecord] = []
    while (page := trail.find(query)).more:
        found += page.items
        query = replace(query, after=(found[-1].id,))
    found += page.items
    assert found == sorted(RECORDS[:40], key=lambda r: r.id, reverse=descending)


def test_housekeeping_is_called_once_a_minute(house: House) -> None:
    rounds: list[datetime] = []
    relay = replace(house.relay(), keep_house=rounds.append)
    for _ in range(125):
        relay.step()
        house.forward(1.0)
    assert [at - rounds[0] for at in rounds] == [timedelta(minutes=n) for n in range(3)]


def test_a_tree_smaller_than_its_checkpoint_is_an_alarm(database: Database) -> None:
    house = _sql_house(database)
    house.commit(RECORDS)
    house.drain(house.relay())
    with database.writing() as connection:
        connection.execute(delete(audit_leaf).where(audit_leaf.c.log_index >= 50))
        shorter = Tree().extended(house.ledger.leaf_hashes(0, 50))
        connection.execute(
            update(audit_tree).values(size=shorter.size, frontier=shorter.packed()))
    house.forward(1)
    heir = house.relay("one")
    with pytest.raises(Tampered, match="50"):
        heir.step()


def test_a_record_altered_between_seal_and_delivery_is_an_alarm(database: Database) -> None:
    house = _sql_house(database)

    def die(name: str) -> None:
        if name == "after-seal":
            raise Killed

    house.commit(RECORDS[:3])
    with pytest.raises(Killed):
        house.relay("one", die).step()
    with database.writing() as connection:
        connection.execute(update(audit_record).values(user_id="U9"))
    with pytest.raises(Tampered, match="after it was sealed"):
        house.relay("one").step()


def test_a_record_that_vanishes_before_it_is_sealed_is_an_alarm(database: Database) -> None:
    house = _sql_house(database)
    house.commit(RECORDS[:3])
    with database.writing() as connection:
        connection.execute(delete(audit_record).where(audit_record.c.id == RECORDS[1].id))
    with pytest.raises(Tampered, match="gone"):
        house.relay().step()


def test_entries_that_the_tree_does_not_know_are_an_alarm(database: Database) -> None:
    house = _sql_house(database)
    house.commit(RECORDS[:3])
    forged = {"log_index": 1, "record_id": RECORDS[9].id, "leaf_hash": b"x" * 32}
    with database.writing() as connection:
        connection.execute(insert(audit_leaf), forged)
    with pytest.raises(Tampered, match="does not know"):
        house.relay().step()
    assert house.ledger.tree() == Tree()


def test_a_gap_in_the_ledger_is_an_alarm(database: Database) -> None:
    house = _sql_house(database)
    house.commit(RECORDS)
    house.drain(house.relay())
    with database.writing() as connection:
        connection.execute(delete(audit_leaf).where(audit_leaf.c.log_index == 17))
    with pytest.raises(Tampered, match="no leaf 17"):
        list(house.ledger.leaf_hashes(0, 60))
    with pytest.raises(Tampered, match="no leaf 60"):
        list(house.ledger.leaf_hashes(20, 61))


def test_the_journal_drains_into_another_sink_and_the_index_goes_on(database: Database) -> None:
    house = _sql_house(database, in_place=True)
    house.commit(RECORDS[:30])
    relay = house.relay()
    relay.step()
    house.commit(RECORDS[30:40])
    other = replace(_sql_house(database, in_place=False), sink=MemoryAuditSink())
    relay.lease.release()
    other.commit(RECORDS[40:])
    other.drain(other.relay("other"))
    before, after = list(house.sink.scan(0, BATCH)), list(other.sink.scan(0, 99))
    assert [each.index for each in before + after] == list(range(60))
    assert {each.record.id for each in before + after} == {record.id for record in RECORDS}


def test_writes_are_refused_past_the_backlog_and_allowed_again(database: Database) -> None:
    house, ticks = _sql_house(database), [0.0]
    backlog = Backlog(database, most=10, oldest=timedelta(minutes=15), tick=lambda: ticks[0])
    now = RECORDS[0].occurred_at
    assert not backlog.refuses(now)
    house.commit(RECORDS[:10])
    assert not backlog.refuses(now + timedelta(hours=1))
    ticks[0] += 1
    assert backlog.refuses(now + timedelta(hours=1))
    ticks[0] += 1
    assert not backlog.refuses(now)
    house.commit(RECORDS[10:11])
    ticks[0] += 1
    assert backlog.refuses(now)
    house.drain(house.relay())
    ticks[0] += 1
    assert not backlog.refuses(now)


def test_housekeeping_drops_what_has_expired_and_nothing_else(database: Database) -> None:
    now = RECORDS[0].occurred_at
    with database.writing() as connection:
        connection.execute(
            insert(spent_token),
            [
                {"client_id": "c", "token_id": str(n), "expires_at": now + timedelta(seconds=n)}
                for n in range(-50, 50)
            ],
        )
    Housekeeping(database)(now + CLOCKS_DIFFER)
    with database.reading() as connection:
        left = connection.scalars(select(spent_token.c.expires_at)).all()
    assert min(left) == now + timedelta(seconds=1) and len(left) == 49


def test_a_token_is_remembered_while_a_late_host_may_take_it(database: Database) -> None:
    kept, late = SqlJournal(database, sink_is_database=True), RECORDS[0].occurred_at
    token = SpentToken(client_id="c", token_id="t", expires_at=late + timedelta(seconds=1))
    runner, other = (SqlRunner(database, kept, lambda: late) for _ in range(2))
    try:
        asyncio.run(runner.write(errand(token=token), _nothing))
        Housekeeping(database)(late + CLOCKS_DIFFER)
        with pytest.raises(TokenReplayed):
            asyncio.run(other.write(errand(token=token), _nothing))
    finally:
        runner.close()
        other.close()


def _nothing(_work: Work) -> None:
    """Change nothing."""


def test_the_journal_of_a_late_host_does_not_read_all_history(database: Database) -> None:
    house = _sql_house(database)
    house.commit(RECORDS)
    house.drain(house.relay())
    late = a_record(-100_000)
    house.commit([late, a_record(100_000)])
    assert house.journal.pending(1) == [late]
    with database.writing() as connection:
        connection.execute(delete(journal))


def test_a_running_relay_moves_what_comes_and_stops_when_told(
    database: Database, tmp_path: Path
) -> None:
    house = _sql_house(database)
    file = CheckpointFile(tmp_path / "checkpoints")
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    relay = Relay(
        journal=house.journal,
        ledger=house.ledger,
        sink=house.sink,
        lease=Lease(house.row, "real", clock),
        notary=Notary(house.ledger, SIGNER, file, clock),
        clock=clock,
        keep_house=Housekeeping(database),
    )
    stop = threading.Event()
    running = threading.Thread(target=relay.run_until, args=(stop,))
    running.start()
    for record in RECORDS:
        house.commit([record])
    deadline = time.monotonic() + PATIENCE
    while relay.status().certified != len(RECORDS) and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    running.join()
    house.emitted = list(file.notes())
    house.verify(RECORDS)
    assert house.row.read() is None
