"""The unit of work that every store shares: it answers, notes changes, and explains them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from application.audit.record import (
    AuditRecord,
    Change,
    Operation,
    Origin,
    Outcome,
    account,
    added,
    changed,
    removed,
)
from application.identities import new_id
from application.query import Link, Operator, Page, Query, Term, merged
from domain.drafts import altered
from domain.errors import Conflict
from domain.model import Kind, Record, key_of, key_text, kind_name, same

MOST_BESIDE = 1_000_000
"""The most records that are linked to what one unit changes."""

MOST_CHANGES = 200
"""How many changes one audit record tells of, so that it fits every sink."""

Key = tuple[type[Record], tuple[Any, ...]]


class Source(Protocol):
    """A store's records as they are committed."""

    def get(self, kind: type[Kind], key: tuple[Any, ...]) -> Kind | None:
        """Give the record with this key, or None."""

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for."""


@dataclass(frozen=True, slots=True)
class Write:
    """One record's way from what was stored (None: nothing) to what is to be (None: nothing)."""

    before: Record | None
    after: Record | None

    @property
    def record(self) -> Record:
        """The record in its last form."""
        found = self.after or self.before
        assert found is not None, "a write has a record on one side at least"
        return found

    @property
    def is_idle(self) -> bool:
        """Whether nothing has to be done: it was noted, and taken back."""
        if self.before is None or self.after is None:
            return self.before is self.after
        return same(self.before, self.after)

    @property
    def operation(self) -> Operation:
        """What happens to the record."""
        if self.before is None:
            return Operation.ADD
        return Operation.REMOVE if self.after is None else Operation.CHANGE

    @property
    def change(self) -> Change:
        """The account of this write."""
        if self.before is None:
            return added(self.record)
        if self.after is None:
            return removed(self.before)
        return changed(self.before, self.after)


@dataclass(slots=True)
class Unit:
    """A unit of work over a store; it is the Reading and the Work of the use cases."""

    source: Source
    now: datetime
    _got: dict[Key, Record] = field(default_factory=dict)
    _pending: dict[Key, Record | None] = field(default_factory=dict)

    def get(self, kind: type[Kind], *key: Any) -> Kind | None:
        """Give the record with this key as this unit leaves it."""
        if (kind, key) in self._pending:
            return self._pending[kind, key]  # type: ignore[return-value]  # keyed by kind
        record = self.source.get(kind, key)
        if record is not None:
            self._got.setdefault((kind, key), record)
        return record

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for as this unit leaves them."""
        if not self._pending:
            return self._found(kind, query)
        pending: dict[tuple[Any, ...], Any] = self._beside_links(kind, query) | {
            key: record for (of, key), record in self._pending.items() if of is kind
        }
        wider = replace(query, limit=query.limit + len(pending)) if pending else query
        page = self._found(kind, wider)
        return merged(page, pending, query, self._exists) if pending else page

    def new_id(self) -> UUID:
        """Make an identity that sorts by time."""
        return new_id(self.now)

    def add(self, record: Kind) -> Kind:
        """Note a new record and give it with its first version."""
        kind, key = at = type(record), key_of(record)
        gone = self._got.get(at)
        if self._pending.get(at, gone) is not None:
            raise Conflict(f"There is a {kind_name(kind)} '{key_text(key)}' already.")
        fresh: Kind = altered(record, version=gone.version + 1 if gone else 1)
        self._pending[at] = fresh
        return fresh

    def change(self, record: Kind) -> Kind:
        """Note the new form of a record that this unit has got."""
        kind, key = type(record), key_of(record)
        current = self._current(kind, key)
        if same(record, current):
            return record
        version = current.version if (kind, key) in self._pending else current.version + 1
        fresh: Kind = altered(record, version=version)
        self._pending[kind, key] = fresh
        return fresh

    def remove(self, record: Kind) -> None:
        """Note that a record that this unit has got is to go."""
        kind, key = type(record), key_of(record)
        self._current(kind, key)
        self._pending[kind, key] = None

    def writes(self) -> Sequence[Write]:
        """Give what the store has to do, each record once, in the order of first mention."""
        pairs = [Write(self._got.get(key), after) for key, after in self._pending.items()]
        return [write for write in pairs if not write.is_idle]

    def records(self, origin: Origin, writes: Sequence[Write]) -> list[AuditRecord]:
        """Give the account of what a unit writes: one record, or several where it is very much."""
        changes = tuple(write.change for write in writes)
        parts = _parts(changes)
        ids = sorted([self.new_id() for _ in parts])
        return [
            account(record_id, self.now, origin, Outcome.COMMITTED, changes=part)
            for record_id, part in zip(ids, parts, strict=True)
        ]

    def _current(self, kind: type[Kind], key: tuple[Any, ...]) -> Kind:
        record = self._noted(kind, key)
        if record is None:
            raise LookupError(f"this unit has not got {kind_name(kind)} {key_text(key)}")
        return record

    def _noted(self, kind: type[Kind], key: tuple[Any, ...]) -> Kind | None:
        found: Any = self._pending.get((kind, key), self._got.get((kind, key)))
        noted: Kind | None = found
        return noted

    def _found(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give what is stored, and note it as got: in its first form where it moved meanwhile."""
        page = self.source.find(kind, query)
        for record in page.items:
            self._got.setdefault((kind, key_of(record)), record)
        return page

    def _beside_links(self, kind: type[Kind], query: Query) -> dict[tuple[Any, ...], Kind]:
        """Give the stored records that meet the query, or fail it, by a change noted here."""
        found: dict[tuple[Any, ...], Kind] = {}
        for link in {term.link for clause in query.clauses for term in clause if term.link}:
            if values := self._noted_values(link):
                beside = Query(limit=MOST_BESIDE).where(link.by, *values)
                found |= {key_of(record): record for record in self._found(kind, beside).items}
        return found

    def _noted_values(self, link: Link) -> set[Any]:
        """Give the values by which records that this unit changes are linked, before and after."""
        keys = [key for key in self._pending if key[0] is link.kind]
        forms = [form for key in keys for form in (self._got.get(key), self._pending[key]) if form]
        return {getattr(form, link.by) for form in forms}

    def _exists(self, link: Link, term: Term, record: Record) -> bool:
        same = Term(link.by, Operator.EQ, (getattr(record, link.by),))
        return bool(self.find(link.kind, Query(clauses=((same,), (term,)), limit=1)).items)


def _parts(changes: tuple[Change, ...]) -> list[tuple[Change, ...]]:
    starts = range(0, max(1, len(changes)), MOST_CHANGES)
    return [changes[start:start + MOST_CHANGES] for start in starts]


@dataclass(frozen=True, slots=True)
class Reader:
    """A Reading over a store that notes nothing."""

    source: Source
    now: datetime

    def get(self, kind: type[Kind], *key: Any) -> Kind | None:
        """Give the record with this key, or None."""
        return self.source.get(kind, key)

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for."""
        return self.source.find(kind, query)
