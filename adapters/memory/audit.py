"""The journal and the sink in memory."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from application.audit.record import AuditRecord, SealedRecord
from application.audit.trail import no_links
from application.errors import Tampered
from application.query import Page, Query, select


class MemoryJournal:
    """Undelivered records by id."""

    def __init__(self) -> None:
        self._records: dict[UUID, AuditRecord] = {}

    def append(self, records: Sequence[AuditRecord]) -> None:
        """Keep records until they are delivered."""
        self._records |= {record.id: record for record in records}

    def pending(self, limit: int) -> Sequence[AuditRecord]:
        """Give the oldest undelivered records, in order of id."""
        return [self._records[key] for key in sorted(self._records)[:limit]]

    def clear(self, records: Sequence[AuditRecord]) -> None:
        """Forget records that the sink has."""
        for record in records:
            self._records.pop(record.id, None)

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail from the undelivered records."""
        return select(list(self._records.values()), query, no_links)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one undelivered record."""
        return self._records.get(record_id)

    def depth(self) -> int:
        """Count the undelivered records."""
        return len(self._records)


class MemoryAuditSink:
    """Delivered records by id."""

    def __init__(self) -> None:
        self._sealed: dict[UUID, SealedRecord] = {}
        self._ids: dict[int, UUID] = {}

    def deliver(self, sealed: Sequence[SealedRecord]) -> None:
        """Keep records; those it has already are left alone.

        Raises Tampered, and keeps nothing, where it has another record, or another seal, under
        the same id.
        """
        for each in sealed:
            kept = self._sealed.get(each.record.id, each)
            if kept != each or self._ids.get(each.index, each.record.id) != each.record.id:
                raise Tampered(f"the sink holds another record under {each.record.id}")
        self._sealed |= {each.record.id: each for each in sealed}
        self._ids |= {each.index: each.record.id for each in sealed}

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail."""
        return select([each.record for each in self._sealed.values()], query, no_links)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""
        sealed = self._sealed.get(record_id)
        return None if sealed is None else sealed.record

    def scan(self, start: int, stop: int) -> Iterator[SealedRecord]:
        """Give the records whose log index is from `start` to before `stop`, in order."""
        for index in sorted(index for index in self._ids if start <= index < stop):
            yield self._sealed[self._ids[index]]
