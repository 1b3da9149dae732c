"""Questions to the trail: what the sink has, and what is still on its way there."""

from datetime import datetime
from uuid import UUID

from application.audit.record import AuditRecord, Outcome
from application.ports import AuditSink, Journal
from application.query import Filter, Listing, Operator, Order, Page, Query

LISTING = Listing(
    kind=AuditRecord,
    filters=(),
    sorts=("id",),
    order=(Order("id", descending=True),),
    more_filters={
        "entity": Filter("entities", str),
        "client_id": Filter("client_id", str),
        "user_id": Filter("user_id", str),
        "request_id": Filter("request_id", str),
        "action": Filter("action", str),
        "outcome": Filter("outcome", Outcome),
        "occurred_at": Filter(
            "occurred_at",
            datetime,
            operators=(Operator.GT, Operator.GTE, Operator.LT, Operator.LTE),
        ),
    },
    or_groups=False,
)


class Trail:
    """Answers from journal and sink together, so that a writer sees its own write at once."""

    def __init__(self, journal: Journal, sink: AuditSink) -> None:
        self._journal = journal
        self._sink = sink

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question, in order of id."""
        # The journal first: a record that moves to the sink meanwhile is then seen twice, not
        # missed.
        undelivered = self._journal.find(query)
        delivered = self._sink.find(query)
        both = {record.id: record for record in (*undelivered.items, *delivered.items)}
        newest_first = bool(query.order) and query.order[0].descending
        ids = sorted(both, reverse=newest_first)
        more = undelivered.more or delivered.more or len(ids) > query.limit
        return Page(tuple(both[record_id] for record_id in ids[: query.limit]), more)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""
        return self._journal.get(record_id) or self._sink.get(record_id)
