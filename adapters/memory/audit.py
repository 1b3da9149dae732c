"""The journal and the sink in memory."""

from collections.abc import Sequence
from uuid import UUID

from application.audit.record import AuditRecord
from application.errors import Tampered
from application.query import Link, Page, Query, Term, select
from domain.model import Record


class MemoryTrail:
    """Audit records by id; it is a sink, and what a journal is made of."""

    def __init__(self) -> None:
        self._records: dict[UUID, AuditRecord] = {}

    def deliver(self, records: Sequence[AuditRecord]) -> None:
        """Keep records; raises Tampered where another record has the id of one."""
        for record in records:
            if self._records.setdefault(record.id, record) != record:
                raise Tampered(f"the sink holds another record under {record.id}")

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail."""
        return select(list(self._records.values()), query, _no_links)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""
        return self._records.get(record_id)

    def depth(self) -> int:
        """Count the records."""
        return len(self._records)

    def pending(self, limit: int) -> Sequence[AuditRecord]:
        """Give the oldest records, in order of id."""
        return [self._records[key] for key in sorted(self._records)[:limit]]

    def clear(self, records: Sequence[AuditRecord]) -> None:
        """Forget records."""
        for record in records:
            self._records.pop(record.id, None)


def _no_links(_link: Link, _term: Term, _record: Record) -> bool:
    raise LookupError("audit records are linked to nothing")
