"""The grants on Oracle are what the service's statements need, and no more than that."""

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event

from adapters.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.deployment.accounts import Account
from adapters.sql.deployment.check import needs_of
from adapters.sql.deployment.grants import APP, AUDITOR, READER, Act, grants_sql, privileges
from adapters.sql.deployment.steps import VERSION_TABLE
from adapters.sql.examination import SqlPlaces, SqlShelf, SqlWaiting
from adapters.sql.housekeeping import Housekeeping
from adapters.sql.journal import Backlog, SqlJournal
from adapters.sql.key_use import SqlKeyUseStore
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from adapters.sql.migrate import is_current
from adapters.sql.runner import SqlRunner
from adapters.sql.tables import METADATA
from application import clients, imports, locations, payoffs, reference, resources, users
from application.audit.lease import Lease
from application.audit.live import LiveLog
from application.audit.notary import Notary
from application.audit.relay import Relay
from application.audit.trail import Trail
from application.audit.verify import Verification
from application.ports import ANSWERS_KEPT, IdempotencyKey, SpentToken
from application.query import Operator, Order, Query, Term
from domain.client import Client, ClientKey, KeyState
from domain.franchise import Franchise
from domain.model import Record
from domain.payoff_status import PayoffStatus
from entrypoints.container.datasets import demo_data, demo_portfolio, reference_data
from entrypoints.container.deployment import LISTINGS
from tests.contract.conftest import NOON, Rig, SettableClock, a_resource, errand, opened_copy
from tests.contract.test_runner import CALLER, FED, a_payoff
from tests.contract.test_sinks import a_record
from tests.support.sqlplus import read

FRANCHISES = [one for one in demo_data(NOON.date()) if isinstance(one, Franchise)]
PORTFOLIO = [one for one in demo_data(NOON.date()) if not isinstance(one, Franchise)]

SIGNER = Ed25519Signer("loapi.test/audit", b"7" * 32)

Acts = Mapping[str, Act]

KNOWN = {VERSION_TABLE, *METADATA.tables}
COLUMNS = {column.name for table in METADATA.tables.values() for column in table.columns}

CHANGE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
VERBS = {"INSERT INTO": Act.INSERT, "UPDATE": Act.UPDATE, "DELETE FROM": Act.DELETE}
OURS = re.compile(r"\s*(INSERT|UPDATE|DELETE|SELECT|WITH|MERGE|REPLACE)\b")

NOTHING = Act(0)


def acts_of(statement: str) -> Iterator[tuple[str, Act]]:
    """Give what a statement does with which tables.

    A table is read where a statement names it, since no column has the name of a table; what is
    only changed is named once, or in front of its own columns.
    """
    change = CHANGE.match(statement)
    if not OURS.match(statement) or change and change[2].startswith("sqlite_"):
        return
    if change:
        yield change[2], VERBS[change[1]]
    for name in KNOWN & set(re.findall(r"\w+", statement)):
        if change is None or name != change[2] or "SELECT" in statement:
            yield name, Act.READ


@dataclass
class Observed:
    """What was done to which tables."""

    acts: dict[str, Act] = field(default_factory=lambda: defaultdict(lambda: NOTHING))

    def note(self, statement: str) -> None:
        """Note a statement."""
        for table, act in acts_of(statement):
            self.acts[table] |= act


@contextmanager
def observing(database: Database) -> Iterator[Observed]:
    """Note every statement that a database gets."""
    observed = Observed()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        observed.note(statement)

    engines = (database.writing_engine, database.reading_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield observed
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@dataclass
class Work:
    """A day of the service on one database: everything that it does, once."""

    database: Database
    clock: SettableClock = field(default_factory=SettableClock)
    done: list[Callable[..., Any]] = field(default_factory=list)
    """The use cases that were run."""

    def __post_init__(self) -> None:
        journal = SqlJournal(self.database, sink_is_database=True)
        backlog = Backlog(self.database, most=1000, oldest=timedelta(days=9))
        self.runner = SqlRunner(self.database, journal, self.clock, backlog)
        self.rig = Rig(self.runner, self.clock, journal)
        self.sink = SqlAuditSink(self.database, in_place=True)
        self.ledger = SqlLedger(self.database)
        self.journal = journal

    def do(self, use_case: Callable[..., Any], *arguments: Any) -> Any:
        """Run a use case that writes."""
        self.done.append(use_case)
        return self.rig.do(use_case, *arguments)

    def serve(self) -> None:
        """Do what callers ask for."""
        self.read_lists()
        self.keep_resources()
        self.pay_off()
        self.rig.read(users.show, CALLER, CALLER.user)
        self.rig.read(users.roles, CALLER.user)
        self.rig.read(users.of_subject, "nobody")
        self.rig.read(locations.show, CALLER, 900101)
        self.rig.read(reference.editions)

    def read_lists(self) -> None:
        """Ask for every list, by each of its filters and in each of its orders."""
        for listing in LISTINGS:
            for name in listing.filters:
                query = Query().and_(Term(name, Operator.NULL, (False,)))
                self.rig.read(reference.search, listing.kind, query)
            for name in listing.sorts:
                query = Query(order=listing.complete((Order(name),)))
                self.rig.read(reference.search, listing.kind, query)
        self.rig.read(users.search, CALLER, Query(order=users.LISTING.order))

    def keep_resources(self) -> None:
        """Make resources, change and remove them, with a token and an idempotency key."""
        first = self.do(resources.create, CALLER, a_resource())
        self.do(resources.amend, CALLER, first.id, 1, lambda one: replace(one, name="b"))
        self.do(resources.replace_with, CALLER, first.id, 2, replace(first, name="c"))
        self.do(resources.remove, CALLER, first.id, 3)
        token = SpentToken(client_id="prepay", token_id="1", expires_at=NOON)
        key = IdempotencyKey(client_id="prepay", key="1", fingerprint=b"1" * 32)
        for _ in range(2):
            asked = errand(token=token, idempotency=key)
            self.rig.write(asked, resources.create, CALLER, a_resource())
            self.clock.forward(ANSWERS_KEPT + timedelta(seconds=1))
            token = replace(token, token_id="2")

    def pay_off(self) -> None:
        """Ask for a payoff and move it on."""
        payoff = self.do(payoffs.request, CALLER, a_payoff(), FED)
        self.do(payoffs.move, CALLER, payoff.id, 1, PayoffStatus.CANCELLED)

    def administer(self) -> None:
        """Do what an operator does at the command line."""
        is_current(self.database)
        self.keep_clients()
        for records in reference_data().values():
            self.bring_in(records()[:2])
        self.bring_in(FRANCHISES[:2])
        uses = SqlKeyUseStore(self.database)
        for minutes in range(2):
            uses.keep({"k1": NOON + timedelta(minutes=minutes)})
        uses.last()

    def bring_in(self, records: Sequence[Record]) -> None:
        """Bring records in, twice with a change between."""
        self.do(imports.bring_in, records)
        self.clock.forward(timedelta(seconds=1))
        self.do(imports.bring_in, [_altered(record) for record in records])

    def keep_clients(self) -> None:
        """Register a client, and go through all that becomes of its keys."""
        def key(name: str) -> ClientKey:
            return ClientKey(
                key_id=name, client_id="shop", algorithm="HS256", sealed="-", state=KeyState.ACTIVE
            )

        self.do(clients.register, Client(client_id="shop", scopes=()), key("a"))
        self.do(clients.rotate, key("b"), timedelta(hours=1))
        self.do(clients.revoke, "a")
        self.do(clients.add_key, key("c"))
        self.do(clients.activate, "c")
        self.do(clients.retire, "c", timedelta(hours=1))
        self.do(clients.seal_anew, "c", lambda _name, sealed: sealed + "-")
        self.do(clients.limit, "shop", ("write=5/minute",))
        self.rig.read(clients.everyone)
        self.rig.read(clients.holder, "a")

    def keep_the_trail(self) -> None:
        """Seal, deliver, certify, ask and forget, with the sink here and with one elsewhere."""
        elsewhere = SqlJournal(self.database, sink_is_database=False)
        with self.database.writing() as connection:
            elsewhere.append(connection, [a_record(1)])
        lease = Lease(SqlLeaseRow(self.database), "one", self.clock)
        notary = Notary(self.ledger, SIGNER, _Nowhere(), self.clock)
        relay = Relay(
            journal=self.journal, ledger=self.ledger, sink=self.sink, lease=lease, notary=notary,
            clock=self.clock, keep_house=Housekeeping(self.database),
        )
        while relay.step():
            relay.status()
        sealed = list(self.sink.scan(0, 1000))
        self.sink.deliver(sealed)
        SqlAuditSink(self.database).deliver(sealed)
        trail = Trail(self.journal, self.sink)
        for name in ("entities", "request_id"):
            query = Query(order=(Order("id"),)).where(name, "x").where("outcome", "committed")
            trail.find(query)
        trail.get(sealed[0].record.id)
        SqlJournal(self.database, sink_is_database=False).clear([a_record(1)])
        lease.release()

    def verify(self) -> None:
        """Verify the log."""
        shelves = [SqlShelf(self.database)]
        log = LiveLog(SqlPlaces(self.database), shelves, SqlWaiting(self.database))
        Verification(log=log, key=Ed25519Verifier(SIGNER.verifier_key), witness=None).run()
        is_current(self.database)

    def export(self) -> None:
        """Read what a bundle and a proof are made of."""
        SqlPlaces(self.database).span(None, None)
        sealed = list(self.sink.scan(0, 10))
        self.sink.get(sealed[0].record.id)
        list(self.ledger.leaf_hashes(0, 1))
        list(self.ledger.checkpoints())


class _Nowhere:
    """A second place of checkpoints that has none."""

    def __call__(self, note: str) -> None:
        """Take a note."""


def _altered(record: Record) -> Record:
    names = {"title", "name", "notes"} & set(record.__dataclass_fields__)
    changed: Record = replace(record, **{names.pop(): "Altered"})
    return changed


@pytest.fixture(name="day", params=["sqlite", "oracle"])
def a_day(
    request: pytest.FixtureRequest,
    empty_sqlite: Path,
    oracle: Callable[[Path], Database],
    tmp_path: Path,
) -> Iterator[Work]:
    """Give a database that others have filled."""
    on_sqlite = request.param == "sqlite"
    database = opened_copy(empty_sqlite, tmp_path) if on_sqlite else oracle(tmp_path)
    day = Work(database)
    day.rig.do(imports.bring_in, PORTFOLIO)
    holidays = reference_data()["holiday"]()
    day.rig.do(imports.bring_in, [one for one in holidays if getattr(one, "date").year == 2026])
    yield day
    day.runner.close()
    database.close()


def granted(account: Account) -> dict[str, set[str]]:
    """Give the privileges that the script gives an account, by table."""
    grant = re.compile(rf"GRANT (.*) ON LOAPI_OWNER\.(\w+) TO {account}")
    found = (grant.fullmatch(each) for each in read(grants_sql()).statements)
    return {each[2]: set(each[1].split(", ")) for each in found if each}


def use_cases(*modules: ModuleType) -> set[Callable[..., Any]]:
    """Give the functions that write."""
    return {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        and "Work" in {getattr(each.annotation, "__name__", each.annotation)
                       for each in inspect.signature(function).parameters.values()}
    }


def test_no_column_is_called_as_a_table_is() -> None:
    assert not KNOWN & COLUMNS


def test_the_service_may_do_what_it_does_and_nothing_else(day: Work) -> None:
    with observing(day.database) as observed:
        day.administer()
        day.serve()
        day.keep_the_trail()
        day.verify()
    assert dict(observed.acts) == dict(APP)
    modules = (clients, imports, locations, payoffs, reference, resources, users)
    assert set(day.done) == use_cases(*modules), "a use case that writes is not run here"


def test_loading_the_demo_portfolio_takes_what_only_that_gets(
    empty_sqlite: Path, tmp_path: Path
) -> None:
    database = opened_copy(empty_sqlite, tmp_path)
    day = Work(database)
    with observing(database) as observed:
        for days in range(2):
            day.rig.do(imports.bring_in, demo_data(NOON.date() + timedelta(days=days)))
        for kind in ("locations", "users", "accesses", "loans"):
            records = getattr(demo_portfolio(date(2026, 1, 1)), kind)
            day.rig.do(imports.bring_in, [_with_another_text(one) for one in records[:2]])
    day.runner.close()
    database.close()
    needs = needs_of(Account.APP, with_demo=True)
    assert needs is not None
    assert not {t: act for t, act in observed.acts.items() if act & ~needs[t]}
    more = {table: acts for table, acts in needs.items() if acts != APP[table]}
    assert set(more) == {"loan", "location", "user_account", "user_location"}
    assert {table: observed.acts[table] & ~APP[table] for table in more} == {
        table: Act.INSERT | Act.UPDATE for table in more
    }


def _with_another_text(record: Record) -> Record:
    changes: dict[str, Any] = {
        "name": "Altered", "last_name": "Altered", "borrower_name": "Altered", "roles": ("viewer",),
    }
    name = next(name for name in changes if name in record.__dataclass_fields__)
    changed: Record = replace(record, **{name: changes[name]})
    return changed


def test_an_auditor_reads_what_verification_reads_and_no_more(day: Work) -> None:
    day.serve()
    day.keep_the_trail()
    with observing(day.database) as observed:
        day.verify()
        day.export()
    assert set(observed.acts.values()) == {Act.READ}
    assert set(AUDITOR) - set(observed.acts) == {"audit_term"}
    assert set(observed.acts) <= set(AUDITOR)
    assert set(AUDITOR.values()) == {Act.READ}
    assert {name for name in AUDITOR if not name.startswith("audit_")} == {VERSION_TABLE, "journal"}


@pytest.mark.parametrize("account", [Account.APP, Account.READER, Account.AUDITOR])
def test_the_script_grants_what_each_account_needs(account: Account) -> None:
    needs = needs_of(account)
    assert needs is not None
    assert granted(account) == {table: set(privileges(acts)) for table, acts in needs.items()}


@pytest.mark.parametrize("account", list(Account))
@pytest.mark.parametrize("table", ["audit_record", "audit_leaf", "audit_checkpoint"])
def test_nobody_may_change_what_was_recorded(account: Account, table: str) -> None:
    assert not granted(account).get(table, set()) & {"UPDATE", "DELETE", "SELECT"}


def test_people_who_look_see_no_keys_and_lock_nothing() -> None:
    assert set(READER.values()) == {Act.READ}
    assert not {"client_key", "kept_answer", "spent_token", "journal"} & set(READER)


def test_looking_for_rows_to_change_takes_more_than_read() -> None:
    assert privileges(Act.READ) == ("READ",)
    assert privileges(Act.READ | Act.INSERT) == ("READ", "INSERT")
    assert privileges(Act.READ | Act.UPDATE) == ("SELECT", "UPDATE")
    assert privileges(Act.READ | Act.INSERT | Act.DELETE) == ("SELECT", "INSERT", "DELETE")


@pytest.mark.parametrize(
    ("statement", "acts"),
    [
        ("SELECT lease.holder FROM lease WHERE lease.name = ?", {"lease": Act.READ}),
        ("UPDATE lease SET holder=? WHERE lease.name = ?", {"lease": Act.UPDATE}),
        ("INSERT INTO journal (record_id) VALUES (?)", {"journal": Act.INSERT}),
        (
            "SELECT a.term FROM audit_term AS a, journal WHERE EXISTS (SELECT 1 FROM audit_record)",
            {"audit_term": Act.READ, "journal": Act.READ, "audit_record": Act.READ},
        ),
        (
            "DELETE FROM journal WHERE record_id IN (SELECT id FROM audit_record)",
            {"journal": Act.DELETE | Act.READ, "audit_record": Act.READ},
        ),
        ("PRAGMA table_info(journal)", {}),
    ],
)
def test_a_statement_is_understood(statement: str, acts: Acts) -> None:
    observed = Observed()
    observed.note(statement)
    assert observed.acts == acts
