"""Another word in LOAPI_AUDIT_SINK and a restart: nothing is lost, and the index counts on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.dynamodb.audit import DynamoDbAuditSink
from adapters.dynamodb.table import init_table
from adapters.memory.audit import MemoryAuditSink
from adapters.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.examination import SqlPlaces, SqlShelf, SqlWaiting
from adapters.sql.journal import SqlJournal
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from application.audit.copying import copy
from application.audit.evidence import Kind, Shelf, Verdict
from application.audit.lease import Lease
from application.audit.live import LiveLog, SinkShelf
from application.audit.notary import Notary
from application.audit.record import AuditRecord
from application.audit.relay import Relay
from application.audit.verify import Verification
from application.ports import AuditSink
from application.query import Operator, Query, Term
from tests.contract.conftest import opened_copy
from tests.contract.test_sinks import a_record
from tests.dynamodb_server import REGION, dynamodb

SIGNER = Ed25519Signer("loapi.test/audit", b"7" * 32)
PHASE = 20
"""Records that each configuration writes; half of them are left for the next one."""


class Service:
    """The service over its restarts, each with a sink."""

    def __init__(self, database: Database, other: AuditSink) -> None:
        self.database = database
        self.other = other
        self.notes: list[str] = []
        self.written: list[AuditRecord] = []
        self._ticks = 0.0

    def run(self, sink_is_database: bool, drains: int) -> None:
        """Start, write, deliver some and stop."""
        journal = SqlJournal(self.database, sink_is_database=sink_is_database)
        relay = self._relay(journal, sink_is_database)
        some = [a_record(len(self.written) + each) for each in range(PHASE)]
        with self.database.writing() as connection:
            journal.append(connection, some)
        self.written += some
        for _ in range(drains):
            self._ticks += 10
            relay.step()
        relay.lease.release()

    def verify(self, *shelves: Shelf) -> Verdict:
        log = LiveLog(SqlPlaces(self.database), shelves, SqlWaiting(self.database))
        key = Ed25519Verifier(SIGNER.verifier_key)
        return Verification(log=log, key=key, witness=lambda: self.notes).run()

    def _relay(self, journal: SqlJournal, sink_is_database: bool) -> Relay:
        clock: Callable[[], datetime] = lambda: datetime(2026, 11, 24, tzinfo=timezone.utc)
        tick: Callable[[], float] = lambda: self._ticks
        ledger = SqlLedger(self.database)
        here = SqlAuditSink(self.database, in_place=True)
        return Relay(
            journal=journal,
            ledger=ledger,
            sink=here if sink_is_database else self.other,
            lease=Lease(SqlLeaseRow(self.database), "one", clock, tick),
            notary=Notary(ledger, SIGNER, self.notes.append, clock, tick),
            clock=clock,
            tick=tick,
            batch=5,
        )


@pytest.fixture(name="other", params=["memory", "dynamodb"])
def another_sink(request: pytest.FixtureRequest) -> Iterator[AuditSink]:
    """Give an empty sink that is not the database."""
    if request.param == "memory":
        yield MemoryAuditSink()
        return
    # pylint: disable-next=contextmanager-generator-missing-cleanup  # pytest ends its fixtures
    with dynamodb("moto") as server:
        table = f"loapi-{uuid4().hex}"
        init_table(table, region=REGION, endpoint=server.url, protected=False)
        with closing(DynamoDbAuditSink(table, region=REGION, endpoint=server.url)) as sink:
            yield sink


@pytest.fixture(name="service", params=["sqlite", "oracle"])
def a_service(
    request: pytest.FixtureRequest, empty_sqlite: Path, tmp_path: Path, other: AuditSink
) -> Iterator[Service]:
    if request.param == "sqlite":
        database = opened_copy(empty_sqlite, tmp_path)
    else:
        database = request.getfixturevalue("oracle")(tmp_path)
    yield Service(database, other)
    database.close()


def indexes(sink: AuditSink) -> list[int]:
    return [each.index for each in sink.scan(0, 10_000)]


def _switched(service: Service, order: Sequence[bool]) -> None:
    """Start with each sink in turn, each time with a backlog from before; drain at the end."""
    for sink_is_database in order[:-1]:
        service.run(sink_is_database, drains=2)
    service.run(order[-1], drains=40)


@pytest.mark.parametrize("order", [(True, False, True), (False, True, False)])
def test_a_switch_loses_nothing_and_the_index_counts_on(
    service: Service, order: Sequence[bool]
) -> None:
    _switched(service, order)
    here, other = SqlAuditSink(service.database), service.other
    kept = {each.index: each.record for sink in (here, other) for each in sink.scan(0, 10_000)}
    assert sorted(kept) == list(range(len(service.written)))
    assert {r.id: r for r in kept.values()} == {r.id: r for r in service.written}
    assert len({record.id for record in kept.values()}) == len(kept)
    assert SqlJournal(service.database, sink_is_database=True).depth() == 0


@pytest.mark.parametrize("order", [(True, False, True), (False, True, False)])
def test_both_sinks_together_verify_and_the_other_alone_does_not(
    service: Service, order: Sequence[bool]
) -> None:
    _switched(service, order)
    here: Shelf = SqlShelf(service.database)
    other: Shelf = SinkShelf(service.other)
    for shelves in ([here, other], [other, here]):
        verdict = service.verify(*shelves)
        assert verdict.finding is None
        assert verdict.count == verdict.certified == verdict.witnessed == len(service.written)
    found = service.verify(other).finding
    first = next(at for at in range(61) if at not in indexes(service.other))
    assert found and found.kind in (Kind.REMOVED, Kind.TRUNCATED) and found.index == first


def test_a_record_altered_in_the_other_sink_alone_is_found(service: Service) -> None:
    _switched(service, (True, False, True))
    forged = MemoryAuditSink()
    sealed = list(service.other.scan(0, 10_000))
    bad = sealed[3]
    forged.deliver(sealed[:3] + sealed[4:])
    changed = type(bad)(bad.index, bad.leaf, a_record(999))
    forged.deliver([changed])
    found = service.verify(SqlShelf(service.database), SinkShelf(forged)).finding
    assert found and (found.kind, found.index) == (Kind.ALTERED, bad.index)


def test_history_is_copied_and_then_stands_alone(service: Service) -> None:
    _switched(service, (True, False))
    here, tree = SqlAuditSink(service.database), SqlLedger(service.database).tree()
    seen: list[int] = []
    done = copy([here], service.other, tree, seen.append)
    assert done.whole and done.missing == 0 and done.copied and seen[-1] == tree.size
    assert service.verify(SinkShelf(service.other)).finding is None
    again = copy([here], service.other, tree, seen.append)
    assert again.whole and (again.copied, again.there) == (0, tree.size)


def test_a_copy_that_was_broken_off_goes_on(service: Service) -> None:
    _switched(service, (True, False, True))
    here, tree = SqlAuditSink(service.database), SqlLedger(service.database).tree()
    part = copy([service.other], MemoryAuditSink(), tree, lambda _: None)
    assert not part.whole and part.missing and part.root != part.expected
    done = copy([service.other], here, tree, lambda _: None, again=True)
    assert done.whole
    for record in service.written:
        asked = Query(clauses=((Term("request_id", Operator.EQ, (record.request_id,)),),))
        assert here.find(asked).items == (record,)
    assert service.verify(SqlShelf(service.database)).finding is None
