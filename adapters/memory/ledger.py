"""The ledger and the lease in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from application.audit.ledger import Tree
from application.audit.ports import Entry, Holding, Overtaken
from application.errors import Tampered


class MemoryLeaseRow:
    """The row that relays of one process compete for."""

    def __init__(self) -> None:
        self._holding: Holding | None = None

    def read(self) -> Holding | None:
        """Give who holds the lease."""
        return self._holding

    def swap(self, seen: Holding | None, put: Holding | None) -> bool:
        """Put another value in the place of exactly the one seen."""
        if self._holding != seen:
            return False
        self._holding = put
        return True


class MemoryLedger:
    """Keeps every promise of the Ledger port for as long as the process lives."""

    def __init__(self, lease: MemoryLeaseRow) -> None:
        self._lease = lease
        self._tree = Tree()
        self._entries: list[Entry] = []
        self._notes: dict[int, tuple[str, datetime]] = {}

    def tree(self) -> Tree:
        """Give the tree."""
        return self._tree

    def entries(self, record_ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
        """Give the places of those of the records that are sealed."""
        wanted = set(record_ids)
        return {entry.record_id: entry for entry in self._entries if entry.record_id in wanted}

    def seal(self, holder: str, grown: Tree, entries: Sequence[Entry]) -> None:
        """Append the entries and keep the tree grown by them."""
        holding = self._lease.read()
        if holding is None or holding.holder != holder or entries[0].index != self._tree.size:
            raise Overtaken("another relay leads")
        if self.entries([entry.record_id for entry in entries]):
            raise Tampered("a record is sealed already")
        self._entries += entries
        self._tree = grown

    def leaf_hashes(self, start: int, stop: int) -> Iterable[bytes]:
        """Give the leaf hashes from one index to before another."""
        if stop > len(self._entries):
            raise Tampered(f"the ledger has no leaf {len(self._entries)}")
        return (entry.leaf for entry in self._entries[start:stop])

    def keep_checkpoint(self, size: int, note: str, at: datetime) -> None:
        """Keep a checkpoint; one of the same size that is there already stays."""
        self._notes.setdefault(size, (note, at))

    def latest_checkpoint(self) -> str | None:
        """Give the note of the largest size, or None."""
        return self._notes[max(self._notes)][0] if self._notes else None

    def checkpoints(self) -> Iterable[str]:
        """Give every note, by size."""
        return (self._notes[size][0] for size in sorted(self._notes))
