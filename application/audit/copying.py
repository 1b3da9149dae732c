"""Copies the history of the trail from sink to sink, each record into its own place."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from application.audit.canonical import leaf_hash
from application.audit.ledger import Tree
from application.audit.record import SealedRecord
from application.ports import AuditSink

AT_ONCE = 500
"""Records that are copied at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a migration did, and whether the copy is whole."""

    size: int
    """How many places the log had when it began."""
    copied: int
    there: int
    """Records that the target had already."""
    missing: int
    """Places whose record neither the sources nor the target have."""
    root: bytes
    """The root over the leaves of the records in the target, made anew."""
    expected: bytes
    """The root over the ledger's leaves."""

    @property
    def whole(self) -> bool:
        """Whether the target now has every record, and each as it was sealed."""
        return self.missing == 0 and self.root == self.expected


def copy(
    sources: Sequence[AuditSink],
    target: AuditSink,
    tree: Tree,
    progress: Callable[[int], None],
    *,
    again: bool = False,
) -> Copied:
    """Bring what the target lacks of a log into it, in order of index; doing it again goes on.

    With `again`, what stands there is delivered too, for the sake of what questions need beside
    it: the database may hold records whose index was never written, since another sink was in
    use when they were delivered. Raises Tampered where the target has another record in a place.
    """
    copied = there = 0
    for start in range(0, tree.size, AT_ONCE):
        stop = min(start + AT_ONCE, tree.size)
        held = {each.index for each in target.scan(start, stop)}
        if again or len(held) < stop - start:
            found = list(gathered(sources, start, stop))
            if due := [each for each in found if again or each.index not in held]:
                target.deliver(due)
            copied += sum(each.index not in held for each in found)
        there += len(held)
        progress(stop)
    return Copied(
        size=tree.size,
        copied=copied,
        there=there,
        missing=tree.size - copied - there,
        root=Tree().extended(_leaves(target, tree.size)).root(),
        expected=tree.root(),
    )


def gathered(sources: Iterable[AuditSink], start: int, stop: int) -> Iterator[SealedRecord]:
    """Give the records that any of the sources has, in order of index."""
    found: dict[int, SealedRecord] = {}
    for source in sources:
        if len(found) < stop - start:
            found = {each.index: each for each in source.scan(start, stop)} | found
    yield from (found[index] for index in sorted(found))


def _leaves(target: AuditSink, size: int) -> Iterator[bytes]:
    return (leaf_hash(each.record) for each in target.scan(0, size))
