"""Audit records that are committed with their change and wait for delivery."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import repeat
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    delete,
    func,
    select,
)

from adapters.sql.binding import at_most, in_lists, is_one_of
from adapters.sql.database import Database
from adapters.sql.inserting import insert_records, insert_rows
from adapters.sql.store import record_of
from adapters.sql.tables import audit_record, journal
from application.audit.record import AuditRecord
from application.audit.trail import id_range, no_links
from application.errors import Tampered
from application.query import Page, Query
from application.query import select as choose

READ_AT_ONCE = 1_000
"""How many records a question to the trail reads at a time."""

ASKED_EVERY = timedelta(seconds=1)
"""How old an answer about the backlog may be."""

LONGEST_ASKED = 2.0
"""Seconds that the database may take to give it: writes and readiness wait for it."""

_WAITING = select(journal.c.record_id, journal.c.body, *audit_record.c).join_from(
    journal,
    audit_record,
    and_(audit_record.c.id == journal.c.record_id, journal.c.body.is_(None)),
    isouter=True,
)
_CLEAR = delete(journal).where(is_one_of(journal.c.record_id))
_BY_AGE = select(journal.c.record_id).order_by(journal.c.record_id).limit(at_most(1))


class SqlJournal:
    """The table journal.

    With the database as sink a record stands in audit_record from its commit on, and the
    journal holds its id only; with any other sink the journal holds the record.
    """

    def __init__(self, database: Database, *, sink_is_database: bool) -> None:
        self._database = database.doing("audit.journal")
        self._sink_is_database = sink_is_database

    def append(self, connection: Connection, records: Sequence[AuditRecord]) -> None:
        """Write records in the transaction of the changes that they explain."""
        if not records:
            return
        if self._sink_is_database:
            insert_records(connection, audit_record, records)
        bodies = repeat(None) if self._sink_is_database else records
        insert_rows(connection, journal, [*zip((record.id for record in records), bodies)])

    def pending(self, limit: int) -> Sequence[AuditRecord]:
        """Give the oldest undelivered records, in order of id."""
        with self._database.reading() as connection:
            return read_waiting(connection, limit)

    def clear(self, records: Sequence[AuditRecord]) -> None:
        """Forget records that the sink has."""
        ids = [record.id for record in records]
        with self._database.writing() as connection:
            clear_waiting(connection, ids)

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail from the undelivered records."""
        found: list[AuditRecord] = []
        with self._database.reading() as connection:
            for records in _portions(connection, query):
                page = choose(records, query, no_links)
                found += page.items
                if page.more or len(found) > query.limit:
                    return Page(tuple(found[: query.limit]), True)
        return Page(tuple(found))

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one undelivered record."""
        with self._database.reading() as connection:
            found = read_waiting(connection, 1, journal.c.record_id == record_id)
        return found[0] if found else None

    def depth(self) -> int:
        """Count the undelivered records."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(journal)).scalar_one()


WARNING_SHARE = 0.8
"""The share of the backlog's limit from which readiness warns (NIST SP 800-53, AU-5)."""


class Backlog:
    """Says when so much waits for delivery that no more may be written: audit or nothing."""

    def __init__(
        self,
        database: Database,
        *,
        most: int,
        oldest: timedelta,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow `most` records to wait, and the oldest of them so long."""
        self._database = database.doing("audit.backlog", LONGEST_ASKED)
        self._most = most
        self._oldest = oldest
        self._tick = tick
        self._asked_at = float("-inf")
        self._refuses = False
        self._waited = timedelta(0)

    def refuses(self, now: datetime) -> bool:
        """Tell whether writes are to be refused; it asks the database once a second at most."""
        if self._tick() - self._asked_at >= ASKED_EVERY.total_seconds():
            self._asked_at = self._tick()
            with self._database.reading() as connection:
                self._refuses = self._is_beyond(1.0, connection, now)
        return self._refuses

    def is_growing(self, now: datetime) -> bool:
        """Tell whether four fifths of what may wait do wait: time to look after the relay."""
        with self._database.reading() as connection:
            return self._is_beyond(WARNING_SHARE, connection, now)

    def waited(self) -> timedelta:
        """Give how long the oldest record had waited when this was last asked of the database."""
        return self._waited

    def _is_beyond(self, share: float, connection: Connection, now: datetime) -> bool:
        oldest = connection.execute(_BY_AGE).scalar()
        self._waited = timedelta(0)
        if oldest is None:
            return False
        waited = timedelta(milliseconds=now.timestamp() * 1000 - (oldest.int >> 80))
        self._waited = max(waited, timedelta(0))
        passed = bindparam("passed_over", int(self._most * share), type_=Integer)
        beyond = connection.execute(_BY_AGE.offset(passed)).scalar()
        return waited > self._oldest * share or beyond is not None


def _portions(connection: Connection, query: Query) -> Iterator[list[AuditRecord]]:
    """Read what a question may be about, in its order, until nobody asks for more."""
    low, high = id_range(query)
    descending = bool(query.order) and query.order[0].descending
    if query.after is not None and descending:
        high = query.after[0] if high is None else min(high, query.after[0])
    elif query.after is not None:
        low = query.after[0] if low is None else max(low, query.after[0])
    bounds = [journal.c.record_id >= low] if low else []
    bounds += [journal.c.record_id <= high] if high else []
    past: list[ColumnElement[bool]] = []
    while records := read_waiting(connection, READ_AT_ONCE, *bounds, *past, descending=descending):
        yield records
        if len(records) < READ_AT_ONCE:
            return
        last = records[-1].id
        past = [journal.c.record_id < last if descending else journal.c.record_id > last]


def clear_waiting(connection: Connection, ids: Sequence[UUID]) -> None:
    """Forget in this transaction that records wait."""
    for some in in_lists(ids):
        connection.execute(_CLEAR, {"several": some})


def read_waiting(
    connection: Connection,
    limit: int,
    *where: ColumnElement[bool],
    descending: bool = False,
) -> list[AuditRecord]:
    """Read the oldest undelivered records, or the newest; raises Tampered where one is gone."""
    by_id = journal.c.record_id.desc() if descending else journal.c.record_id.asc()
    rows = connection.execute(_WAITING.where(*where).order_by(by_id).limit(at_most(limit)))
    found = []
    for record_id, body, standing, *others in rows:
        if body is None and standing is None:
            raise Tampered(f"record {record_id} is gone, and was not sealed yet")
        found.append(body or record_of(AuditRecord, (standing, *others), audit_record))
    return found
