"""Records in dictionaries."""

from collections.abc import Sequence
from typing import Any

from application.query import Link, Operator, Page, Query, Term, select
from application.unit import Write
from domain.errors import Conflict
from domain.model import Kind, Record, as_stored, key_of, key_text, kind_name
from domain.payoff import Payoff
from domain.payoff_status import OPEN


class MemoryStore:
    """Keeps every record that it is given, by kind and key."""

    def __init__(self) -> None:
        self._records: dict[type[Record], dict[tuple[Any, ...], Any]] = {}

    def get(self, kind: type[Kind], key: tuple[Any, ...]) -> Kind | None:
        """Give the record with this key, or None."""
        found: Kind | None = self._records.get(kind, {}).get(key)
        return found

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for."""
        return select(list(self._records.get(kind, {}).values()), query, self._exists)

    def apply(self, writes: Sequence[Write]) -> None:
        """Do what a unit of work noted; all of it or, on a Conflict, nothing."""
        for write in writes:
            self._refuse_double(write)
        self._refuse_second_open([write for write in writes if isinstance(write.record, Payoff)])
        for write in writes:
            records = self._records.setdefault(type(write.record), {})
            if write.after is None:
                del records[key_of(write.record)]
            else:
                records[key_of(write.after)] = as_stored(write.after)

    def _refuse_double(self, write: Write) -> None:
        kind, key = type(write.record), key_of(write.record)
        if write.before is None and key in self._records.get(kind, {}):
            raise Conflict(f"There is a {kind_name(kind)} '{key_text(key)}' already.")

    def _refuse_second_open(self, writes: Sequence[Write]) -> None:
        """Keep a loan to one open payoff, as SQL's unique index does."""
        left = self._records.get(Payoff, {}) | {key_of(w.record): w.after for w in writes}
        loans = [found.loan_number for found in left.values() if found and found.status in OPEN]
        if writes and len(set(loans)) < len(loans):
            raise Conflict("A record that is there already excludes this one.")

    def _exists(self, link: Link, term: Term, record: Record) -> bool:
        same = Term(link.by, Operator.EQ, (getattr(record, link.by),))
        return bool(self.find(link.kind, Query(clauses=((same,), (term,)), limit=1)).items)
