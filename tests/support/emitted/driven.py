"""Uses everything in adapters/sql on a database, so that what is sent can be noted."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from adapters.signing.ed25519 import Ed25519Signer
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.examination import SqlPlaces, SqlShelf, SqlWaiting
from adapters.sql.housekeeping import Housekeeping
from adapters.sql.journal import Backlog, SqlJournal
from adapters.sql.key_use import SqlKeyUseStore
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from adapters.sql.migrate import is_current
from adapters.sql.runner import SqlRunner
from adapters.sql.sighting import look_at
from adapters.sql.standing import SqlStanding
from adapters.sql.tables import audit_record
from adapters.sql.together import MOST_TOGETHER, Together
from application.audit.canonical import leaf_hash
from application.audit.lease import Lease
from application.audit.notary import Notary
from application.audit.ports import Holding, Overtaken
from application.audit.record import AuditRecord, Outcome, SealedRecord
from application.audit.relay import Relay
from application.errors import Tampered, TokenReplayed
from application.ports import ANSWERS_KEPT, IdempotencyKey, Reading, SpentToken, Work
from application.query import Operator, Order, Query, Term
from domain.dataset import Dataset
from domain.holiday import CalendarName, Holiday
from domain.loan import Loan
from domain.model import uuid7
from domain.payoff import Payoff
from domain.payoff_status import PayoffStatus
from domain.resource import Resource
from tests.contract.conftest import NOON, SettableClock, a_resource, errand

NUMBERS = count(1)
LATER = NOON + timedelta(hours=1)
UP, DOWN = (Order("id"),), (Order("id", descending=True),)


def use_everything(database: Database) -> None:
    """Call what the service calls, in the ways that make it send other statements."""
    is_current(database)
    look_at(database)
    asyncio.run(_use_runner(database))
    _use_together(database)
    _use_keys_and_house(database)
    _use_lease(database)
    _use_relay(database, in_place=True)
    _use_relay(database, in_place=False)
    _use_ledger(database)
    _use_sink(database)
    _verify(database)


def a_record(at: datetime = NOON, **facts: Any) -> AuditRecord:
    """Make an audit record."""
    number = next(NUMBERS)
    given: dict[str, Any] = {
        "id": uuid7(int(at.timestamp() * 1000), lambda bits: number % (1 << bits)),
        "occurred_at": at, "outcome": Outcome.COMMITTED, "client_id": "prepay", "user_id": "U1001",
        "request_id": f"request-{number}", "action": "payoff.request", "entities": ("payoff/1",),
    }
    return AuditRecord(**given | facts)


async def _use_runner(database: Database) -> None:
    clock = SettableClock()
    journal = SqlJournal(database, sink_is_database=True)
    runners = [
        SqlRunner(database, journal, clock, Backlog(database, most=99, oldest=3 * ANSWERS_KEPT))
        for _ in range(2)
    ]
    one, other = runners
    try:
        first = a_resource(version=1)
        token = SpentToken(client_id="prepay", token_id="t1", expires_at=LATER)
        key = IdempotencyKey(client_id="prepay", key="k1", fingerprint=b"f" * 32)
        await one.write(errand(token=token, idempotency=key), _add, first)
        await one.write(errand(idempotency=key), _add, first)
        clock.forward(ANSWERS_KEPT)
        await one.write(errand(idempotency=key), _add, a_resource(version=1))
        with suppress(TokenReplayed):
            await other.write(errand(token=token), _fail)
        await one.write(errand(), _change, first)
        await one.write(errand(), _remove, replace(first, name="changed", version=2))
        await one.read(_find)
        await one.record(a_record())
    finally:
        for runner in runners:
            runner.close()


def _add(work: Work, record: Resource) -> Resource:
    work.add(record)
    return record


def _change(work: Work, record: Resource) -> None:
    current = work.get(Resource, record.id)
    assert current is not None
    work.change(replace(current, name="changed"))


def _remove(work: Work, record: Resource) -> None:
    current = work.get(Resource, record.id)
    assert current is not None
    work.remove(current)


def _fail(_work: Work) -> None:
    raise LookupError


def _find(reading: Reading) -> None:
    reading.find(Resource, Query(order=(Order("created_at"), Order("id"))))


def _use_together(database: Database) -> None:
    """Ask as a batch does: records by key, and lists of several shapes and numbers."""
    both = Query(order=(Order("date"), Order("code"))).where("calendar", *CalendarName)
    with database.reading() as connection:
        together = Together(connection)
        loans = [(f"{number:010}",) for number in range(MOST_TOGETHER)]
        together.run_all([partial(together.get, Loan, number) for number in loans])
        for several, kind, query in ((2, Holiday, both), (MOST_TOGETHER + 3, Dataset, Query())):
            queries = [replace(query, limit=limit) for limit in range(1, several + 1)]
            together.run_all([partial(together.find, kind, one) for one in queries])
        payoffs = Query().where("status", *PayoffStatus).and_(Term("days", Operator.GTE, (1,)))
        alike = [payoffs.where("loan_number", number) for (number,) in loans]
        together.run_all([partial(together.find, Payoff, one) for one in alike])


def _use_keys_and_house(database: Database) -> None:
    uses = SqlKeyUseStore(database)
    for at in (NOON, LATER):
        uses.keep({"k1": at})
    uses.last()
    Housekeeping(database)(NOON + timedelta(days=9))


def _use_lease(database: Database) -> None:
    row = SqlLeaseRow(database)
    mine, theirs = Holding("one", NOON), Holding("two", LATER)
    for seen, put in ((None, mine), (mine, theirs), (theirs, None)):
        assert row.swap(seen, put)
    row.read()


def _use_relay(database: Database, *, in_place: bool) -> None:
    journal = SqlJournal(database, sink_is_database=in_place)
    with database.writing() as connection:
        journal.append(connection, [a_record(LATER, user_id=f"U{n}") for n in range(9)])
    _ask_journal(database, journal)
    sink = SqlAuditSink(database, in_place=in_place)
    relay = _relay(database, journal, sink, SqlStanding(database) if in_place else None)
    relay.status()
    while relay.step():
        pass
    relay.lease.release()


def _relay(
    database: Database, journal: SqlJournal, sink: SqlAuditSink, in_place: SqlStanding | None
) -> Relay:
    ledger, ticks = SqlLedger(database), count(step=10.0)
    clock, tick = SettableClock(), partial(next, ticks)
    signer = Ed25519Signer("loapi.test/audit", b"7" * 32)
    emitted: list[str] = []
    return Relay(
        journal=journal, ledger=ledger, sink=sink, in_place=in_place, clock=clock, tick=tick,
        lease=Lease(SqlLeaseRow(database), "one", clock, tick),
        notary=Notary(ledger, signer, emitted.append, clock, tick),
    )


def _ask_journal(database: Database, journal: SqlJournal) -> None:
    waiting = journal.pending(1)[0]
    journal.get(waiting.id)
    journal.depth()
    for query in _about(waiting.id):
        journal.find(query)
    backlog = Backlog(database, most=5, oldest=timedelta(days=1))
    backlog.refuses(NOON)
    backlog.is_growing(NOON)


def _about(record_id: UUID) -> Iterator[Query]:
    """Give questions to the trail: each field, each bound, some fields together, each order."""
    between = (
        Term("occurred_at", Operator.GTE, (NOON,)), Term("occurred_at", Operator.LT, (LATER,)),
    )
    for order in (UP, DOWN):
        every = Query(order=order, limit=5)
        timed = every.and_(between[0]).and_(between[1])
        for asked in (every, timed, timed.where("user_id", "U1", "U2")):
            yield asked
            yield replace(asked, after=(record_id,))
        yield every.where("entities", "payoff/1").where("outcome", *Outcome).where("action", "a")
        yield every.where("request_id", *(f"request-{number}" for number in range(50)))
        for by in (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE):
            yield every.and_(Term("occurred_at", by, (NOON,)))


def _use_ledger(database: Database) -> None:
    ledger = SqlLedger(database)
    tree = ledger.tree()
    list(ledger.leaf_hashes(0, tree.size))
    note = ledger.latest_checkpoint()
    assert note is not None and list(ledger.checkpoints())
    ledger.keep_checkpoint(tree.size + 1, note, NOON)
    with suppress(Overtaken):
        ledger.seal("nobody", tree, [])


def _use_sink(database: Database) -> None:
    sink = SqlAuditSink(database)
    sealed = list(sink.scan(0, 100))
    sink.deliver(sealed)
    with suppress(Tampered):
        fresh = a_record()
        sink.deliver([SealedRecord(sealed[0].index, leaf_hash(fresh), fresh)])
    sink.get(sealed[0].record.id)
    for query in _about(sealed[0].record.id):
        sink.find(query)


def _verify(database: Database) -> None:
    places, shelf = SqlPlaces(database), SqlShelf(database)
    tree = places.tree()
    list(places.checkpoints())
    places.latest_checkpoint()
    for _ in places.places(0, tree.size):
        pass
    places.where(b"0" * 32)
    places.beyond(tree.size)
    list(places.strays())
    places.span(None, None)
    places.span(UUID(int=1), UUID(int=2**128 - 1))
    SqlWaiting(database).leaves(0, tree.size)
    # Another spelling of the same list, then a word that no outcome is.
    for spoilt in ("entities = ' [\"payoff/1\"]'", "outcome = 'unheard of'"):
        with database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE {audit_record.name} SET {spoilt}")
        shelf.leaves(0, tree.size)
