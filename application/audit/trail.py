"""Questions to the audit trail, answered from the journal and the sink as if they were one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from application.audit.record import AuditRecord
from application.ports import AuditSink, Journal
from application.query import Link, Operator, Page, Query, Term, select
from domain.model import Record, uuid7

LATEST = 2**48 - 1
"""The last millisecond that an identity can name."""

APART = timedelta(seconds=1)
"""How far a record's time and the time in its identity may be apart: both are of one reading."""


@dataclass(frozen=True, slots=True)
class Trail:
    """The whole audit trail; whoever has written sees the record at once."""

    journal: Journal
    sink: AuditSink

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question; its clauses and order are those that an AuditSink understands."""
        # In this order: what leaves the journal meanwhile is in the sink by then.
        waiting = self.journal.find(query)
        kept = self.sink.find(query)
        found = {record.id: record for record in (*waiting.items, *kept.items)}
        page = select(list(found.values()), replace(query, clauses=()), no_links)
        return Page(page.items, page.more or waiting.more or kept.more)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record, or None."""
        return self.journal.get(record_id) or self.sink.get(record_id)


def no_links(_link: Link, _term: Term, _record: Record) -> bool:
    """Refuse a question that looks at linked records: the trail has none."""
    raise LookupError("audit records are linked to nothing")


def id_range(query: Query) -> tuple[UUID | None, UUID | None]:
    """Give the ids between which the bounds on `occurred_at` leave records; None: no bound.

    Both ends belong to the range, which may be a little wider than the bounds.
    """
    bounds = [
        (term.operator, term.values[0])
        for clause in query.clauses
        for term in clause
        if term.field == "occurred_at" and len(clause) == 1
    ]
    lows = [_id_at(at - APART, 0) for by, at in bounds if by in _FROM]
    highs = [_id_at(at + APART, 1) for by, at in bounds if by in _TO]
    return max(lows, default=None), min(highs, default=None)


_FROM = (Operator.GT, Operator.GTE)
_TO = (Operator.LT, Operator.LTE)


def _id_at(at: datetime, bit: int) -> UUID:
    """Give the least or the greatest identity of a millisecond."""
    milliseconds = min(max(0, int(at.timestamp() * 1000)), LATEST)
    return uuid7(milliseconds, lambda bits: bit * ((1 << bits) - 1))
