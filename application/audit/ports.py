"""What the relay needs from outside, beside the journal and the sink."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.audit.ledger import Tree
from application.audit.record import AuditRecord


class Overtaken(Exception):
    """Another relay holds the lease, or the tree is no longer the one that was to grow."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record's place in the log."""

    record_id: UUID
    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for its place in the log, or for what comes behind that."""

    record_id: UUID
    leaf: bytes
    record: AuditRecord | None = None
    """None: it stands in its sink already, and its leaf is of what stands there."""
    terms: Sequence[str] = ()
    """What questions can name of a record that stands there, each as "field=value"."""


class InPlace(Protocol):
    """A sink in which records stand from their commit on; it has to be told what they name."""

    def waiting(self, limit: int) -> Sequence[Waiting]:
        """Give the oldest undelivered records, in order of id.

        Raises Tampered where one is gone.
        """

    def settle(self, sealed: Sequence[Waiting]) -> None:
        """Let questions find records that stand here, and no longer wait; all or nothing.

        What they name may be known already.
        """


class Ledger(Protocol):
    """Keeps the tree, its leaves and its checkpoints."""

    def tree(self) -> Tree:
        """Give the tree as it is committed."""

    def entries(self, record_ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
        """Give the places of those of the records that are sealed."""

    def seal(self, holder: str, grown: Tree, entries: Sequence[Entry]) -> None:
        """Commit the entries behind the last ones, and the tree grown by them; all or nothing.

        Raises Overtaken, and changes nothing, unless `holder` holds the lease when this
        commits and the tree ends where the entries begin. Raises Tampered where an index or a
        record has an entry that the tree does not know of.
        """

    def leaf_hashes(self, start: int, stop: int) -> Iterable[bytes]:
        """Give the leaf hashes from one index to before another.

        Raises Tampered where one of them is missing.
        """

    def keep_checkpoint(self, size: int, note: str, at: datetime) -> None:
        """Commit a checkpoint; one of the same size that is there already stays."""

    def latest_checkpoint(self) -> str | None:
        """Give the note of the largest size, or None."""

    def checkpoints(self) -> Iterable[str]:
        """Give every note, by size."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Who leads, and a time that each renewal moves."""

    holder: str
    expires_at: datetime


class LeaseRow(Protocol):
    """The one row that relays compete for."""

    def read(self) -> Holding | None:
        """Give what is committed."""

    def swap(self, seen: Holding | None, put: Holding | None) -> bool:
        """Put another value in the place of exactly the one seen; False where it is another.

        None stands for no row.
        """
