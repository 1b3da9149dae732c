"""Says what has become of a log where it does not fit; slow, since it is seldom asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from application.audit.checkpoint import BadCheckpoint, Checkpoint, CheckpointVerifier, opened
from application.audit.evidence import UNREADABLE, Evidence, Fault, Kind, Placed
from application.audit.ledger import Tree
from application.audit.marks import Mark, Source

WIDEST = 2_000
"""How many records between two checkpoints are tried one by one."""

MOST_MOVED = 60
"""How many records that stand out of order are tried in each other's places."""

Line = tuple[int, bytes, bytes | None]
"""An index, the leaf that is stated there, and the one that the record there gives."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Looks at a log again, for the reason of what was found."""

    log: Evidence

    def cut_off(self, size: int, end: int, certain: int) -> Fault:
        """Judge a log that ends before its tree or its own checkpoints do.

        Where somebody closed the gap behind a removed one, that is one from `certain` on.
        """
        detail = f"of {end} records, those from {size} are gone"
        if certain < size:
            detail += f", or as many between {certain} and {size}"
        return Fault(Kind.TRUNCATED, size, size + 1, detail)

    def unsound(self, expected: int, line: Line, end: int) -> Fault:
        """Judge the first place that is not what it should be."""
        index, leaf, record = line
        if index < expected:
            return self._repeated(index, leaf)
        if index > expected:
            return self._skipped(expected, end)
        if record is None:
            return self._missing(expected, end)
        return self._other(expected, record)

    def unlike(self, fitting: Tree, mark: Mark, agreed: int, key: CheckpointVerifier) -> Fault:
        """Judge the stretch from a checkpoint that fits to one that does not.

        `agreed`: the last size of which the second place says the same.
        """
        start, stop = fitting.size, max(mark.size, fitting.size + 1)
        if mark.source is Source.WITNESS and self._is_signed_beyond(fitting, mark, key):
            detail = "the log's own checkpoints fit, and those of the second place do not"
            return Fault(Kind.ROLLED_BACK, agreed, max(mark.size, agreed + 1), detail)
        if mark.size - start <= WIDEST:
            if (extra := self._extra(fitting, mark)) is not None:
                return extra
            if (moved := self._moved(fitting, mark)) is not None:
                return moved
        detail = f"the leaves do not give the root of the checkpoint of {mark.size}"
        return Fault(self._by_count(), start, stop, detail)

    def root_at(self, size: int) -> bytes:
        """Give the root of a smaller tree, from the beginning."""
        start = self.log.start()
        leaves = (place.leaf for place in self.log.window(start.size, size))
        return start.extended(leaves).root()

    def _repeated(self, index: int, leaf: bytes) -> Fault:
        same = [place for place in self.log.window(index, index + 1) if place.leaf == leaf]
        kind = Kind.DUPLICATED if len(same) > 1 else Kind.INSERTED
        return Fault(kind, index, index + 1, f"index {index} is there more than once")

    def _skipped(self, index: int, end: int) -> Fault:
        for _ in self.log.window(index, index + 1):
            return Fault(Kind.REORDERED, index, index + 1, "it stands behind later ones")
        return self._missing(index, end)

    def _missing(self, index: int, end: int) -> Fault:
        """Judge a place without a record, or an index without a place."""
        for batch in self.log.batches(index, end):
            if any(record is not None for record in batch.records):
                return Fault(Kind.REMOVED, index, index + 1, "there is no record")
        return self.cut_off(index, end, index)

    def _other(self, index: int, record: bytes) -> Fault:
        """Judge a record that gives another leaf than its place states."""
        place = None if record == UNREADABLE else self.log.where(record)
        if place is None:
            detail = "the record is not the one that was sealed"
            return Fault(Kind.ALTERED, index, index + 1, detail)
        whole = any(
            found == record
            for batch in self.log.batches(place, place + 1)
            for at, found in zip(batch.indexes, batch.records, strict=True)
            if at == place
        )
        kind = Kind.DUPLICATED if whole else Kind.REORDERED
        return Fault(kind, index, index + 1, f"the record of index {place} stands here")

    def _by_count(self) -> Kind:
        """Judge by the number of places, where nothing else tells."""
        size = self._claimed()
        if self.log.beyond(size) is not None:
            return Kind.INSERTED
        ends = any(True for _ in self.log.window(size - 1, size))
        return Kind.ALTERED if ends else Kind.REMOVED

    def _claimed(self) -> int:
        """Give the size that the log claims to have."""
        note = self.log.latest_checkpoint()
        sizes = [0]
        try:
            sizes.append(Checkpoint.parsed(note.partition("\n\n")[0] + "\n").size if note else 0)
            stored = self.log.tree()
            sizes.append(stored.size if stored else 0)
        except (BadCheckpoint, ValueError, TypeError):
            pass
        return max(sizes)

    def _is_signed_beyond(self, fitting: Tree, mark: Mark, key: CheckpointVerifier) -> bool:
        """Tell whether a checkpoint of the log itself fits, at the mark's size or behind it."""
        for note in self.log.checkpoints():
            try:
                own = opened(note, key)
            except BadCheckpoint:
                return False
            if own.size >= mark.size:
                leaves = (place.leaf for place in self.log.window(fitting.size, own.size))
                return fitting.extended(leaves).root() == own.root
        return False

    def _extra(self, fitting: Tree, mark: Mark) -> Fault | None:
        """Find the record without which the rest fits."""
        leaves = [place.leaf for place in self.log.window(fitting.size, mark.size + 1)]
        before = fitting
        for at, leaf in enumerate(leaves):
            without = before.extended(leaves[at + 1 :])
            if without.size == mark.size and without.root() == mark.root:
                index = fitting.size + at + (leaf in leaves[at + 1 : at + 2])
                twice = leaves.count(leaf) > 1 or self.log.where(leaf) != index
                kind = Kind.DUPLICATED if twice else Kind.INSERTED
                return Fault(kind, index, index + 1, "without it, the rest fits")
            before = before.extended([leaf])
        return None

    def _moved(self, fitting: Tree, mark: Mark) -> Fault | None:
        """Find two records that fit in each other's places, among those out of order."""
        leaves = [place.leaf for place in self.log.window(fitting.size, mark.size)]
        suspects = list(self._out_of_order(fitting.size))
        for here in suspects:
            at = here.at - fitting.size
            for there in suspects if at < len(leaves) else ():
                swapped = leaves.copy()
                swapped[at] = there.leaf
                if there.at < mark.size:
                    swapped[there.at - fitting.size] = here.leaf
                if fitting.extended(swapped).root() == mark.root:
                    index = min(here.at, there.at)
                    detail = f"{here.at} and {there.at} stand in each other's places"
                    return Fault(Kind.REORDERED, index, index + 1, detail)
        return None

    def _out_of_order(self, start: int) -> Iterator[Placed]:
        """Give places beside which ids, which are made in order of time, go back."""
        count = 0
        for one, other in pairwise(self.log.window(start, self._claimed())):
            named = isinstance(one.record_id, bytes) and isinstance(other.record_id, bytes)
            if named and one.record_id > other.record_id:
                yield from (one, other)
                count += 2
            if count >= MOST_MOVED:
                return
