"""Checkpoints on the way through a log, from the log itself and from a second place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from heapq import merge

from application.audit.checkpoint import SIGNED_BY, BadCheckpoint, Checkpoint

_WHOLE = re.compile(rf"{SIGNED_BY}\S+ [A-Za-z0-9+/]{{91}}=\n")
"""A signature line that was not cut off: 68 bytes in base64."""


class Source(Enum):
    """Where a checkpoint comes from."""

    LOG = "in the log"
    WITNESS = "in the second place"


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint whose signature is still to be verified."""

    size: int
    root: bytes
    source: Source
    note: str


def marks_of(notes: Iterable[str], source: Source, origin: str) -> Iterator[Mark]:
    """Read notes in their order; one that cannot be read has size 0.

    Of the second place, what a crash has left of a note and other logs' notes are left out.
    """
    for note in notes:
        text, _, signatures = note.rpartition("\n\n")
        try:
            found = Checkpoint.parsed(f"{text}\n")
        except BadCheckpoint:
            found = Checkpoint("", 0, b"")
        ours = found.origin == origin and _WHOLE.search(signatures)
        if source is Source.LOG or ours:
            yield Mark(found.size, found.root, source, note)


class Marks:
    """The marks of all sources by size; those that come later than a larger one stay behind it."""

    def __init__(self, *sources: Iterable[Mark]) -> None:
        self._marks = merge(*sources, key=lambda mark: mark.size)
        self._next: Mark | None = None

    def until(self, size: int) -> Iterator[Mark]:
        """Give those up to a size that have not been given yet."""
        while True:
            if self._next is None:
                self._next = next(self._marks, None)
            if self._next is None or self._next.size > size:
                return
            mark, self._next = self._next, None
            yield mark
