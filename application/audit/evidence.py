"""What a verification looks at, and what it finds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from application.audit.ledger import Tree

UNREADABLE = b""
"""Stands for the leaf of a record that cannot be read, or whose seal contradicts it."""


class Kind(StrEnum):
    """What is wrong with a log."""

    ALTERED = "altered"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    TRUNCATED = "truncated"
    """Everything from an index on is gone, and the log itself says that there was more."""
    ROLLED_BACK = "rolled back"
    """The log agrees with itself, and the second place knows of another or a longer one."""
    FORGED = "forged checkpoint"
    """The log's key has not signed a checkpoint."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong first."""

    kind: Kind
    index: int | None
    """The first bad index; None for a record that never had a place."""
    until: int | None
    """The first bad index is before this one: beside `index` where it is known exactly."""
    detail: str


class Fault(Exception):
    """Ends a verification."""

    def __init__(self, kind: Kind, index: int | None, until: int | None, detail: str) -> None:
        super().__init__(detail)
        self.finding = Finding(kind, index, until, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a verification ended."""

    start: int
    """The first index that was looked at; 0 but for a part of a log."""
    count: int
    """How many records are sound, from `start` on; where something is wrong, those up to the last
    checkpoint before it."""
    size: int
    """The index behind the last of them."""
    root: bytes
    """The root of the tree of that size."""
    certified: int
    """The size up to which the log's own checkpoints vouch for it."""
    witnessed: int | None
    """The size up to which the second place does; None where none was asked."""
    waiting: int
    """How many of them are in the journal still, on their way to the sink."""
    finding: Finding | None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.finding is None


class Placed(NamedTuple):
    """A place of the log as it is stated; from a tampered one, values may be of any type."""

    at: int
    leaf: bytes
    record_id: Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Places beside each other in order of appearance."""

    indexes: Sequence[int]
    leaves: Sequence[bytes]
    """What the log states."""
    records: Sequence[bytes | None]
    """The leaves that the records themselves give; None where there is no record."""
    waiting: int = 0


class Evidence(Protocol):
    """A log under examination: live, or exported."""

    def start(self) -> Tree:
        """Give the tree before the first record that is here."""

    def tree(self) -> Tree | None:
        """Give the tree that is stored, if one is; raises ValueError where it is none."""

    def batches(self, start: int, stop: int) -> Iterator[Batch]:
        """Give what stands from one index to before another; an export, all that follows."""

    def window(self, start: int, stop: int) -> Iterable[Placed]:
        """Give the places alone."""

    def where(self, leaf: bytes) -> int | None:
        """Give the first place that states this leaf."""

    def checkpoints(self) -> Iterable[str]:
        """Give every note that is kept with the log, by size."""

    def latest_checkpoint(self) -> str | None:
        """Give the one of the largest size."""

    def beyond(self, size: int) -> int | None:
        """Give an index that is taken at or behind a size, though no tree has it."""

    def strays(self) -> Iterable[tuple[Kind, str]]:
        """Tell of records without a place that wait for none, and of lost ones that did."""


class Places(Protocol):
    """The ledger's places, as they are stored."""

    def tree(self) -> Tree:
        """Give the tree; raises ValueError where it is none."""

    def places(self, start: int, stop: int) -> Iterator[Sequence[Placed]]:
        """Give the places from one index to before another, in order, a thousand at a time."""

    def where(self, leaf: bytes) -> int | None:
        """Give the first place that states this leaf."""

    def checkpoints(self) -> Iterable[str]:
        """Give every note, by size."""

    def latest_checkpoint(self) -> str | None:
        """Give the note of the largest size."""

    def beyond(self, size: int) -> int | None:
        """Give an index that is taken at or behind a size, though no tree has it."""

    def strays(self) -> Iterable[tuple[Kind, UUID]]:
        """Tell of records without a place that wait for none, and of lost ones that did."""


class Shelf(Protocol):
    """Records of a log; there may be several shelves."""

    def leaves(self, start: int, stop: int) -> Mapping[int, bytes]:
        """Make the leaves of the records anew that stand in a range of indexes.

        UNREADABLE stands for a record that is not what it was sealed as, whatever it is.
        """
