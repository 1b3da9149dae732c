"""Verifies a log: every record against its leaf, every leaf against the signed checkpoints."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from application.audit.checkpoint import BadCheckpoint, CheckpointVerifier, opened
from application.audit.diagnosis import Diagnosis
from application.audit.evidence import Batch, Evidence, Fault, Finding, Kind, Verdict
from application.audit.ledger import Tree
from application.audit.marks import Mark, Marks, Source, marks_of

REMEMBERED = 8
"""How many notes are known to be signed: most come from both places, one after the other."""

Notes = Callable[[], Iterable[str]]
Progress = Callable[[int], None]


def _silent(_size: int) -> None:
    """Tell nobody."""


@dataclass(kw_only=True)
class Verification:
    """One examination of a log, from its first record to its last; it stops at the first fault.

    It holds a thousand records at a time, and writers may go on meanwhile: what comes after it
    has begun is left for the next one.
    """

    log: Evidence
    key: CheckpointVerifier
    witness: Notes | None = None
    """Gives the notes of the second place, in the order in which they came there."""
    progress: Progress = _silent
    """Told now and then how far the log is verified."""
    _tree: Tree = field(default_factory=Tree, init=False)
    _fitting: Tree = field(default_factory=Tree, init=False)
    """The tree at the last checkpoint that has fitted."""
    _vouched: dict[Source, int] = field(default_factory=dict, init=False)
    """The size of the largest checkpoint of each source that has fitted."""
    _waiting: int = field(default=0, init=False)
    _signed: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED), init=False)
    _suspicion: Fault | None = field(default=None, init=False)
    """A fault in the last checkpoint, told unless there is one before it."""

    def run(self) -> Verdict:
        """Tell whether the log is whole, and if not, what is wrong first."""
        first = self._tree = self._fitting = self.log.start()
        try:
            self._examine()
        except Fault as fault:
            return self._verdict(first.size, self._fitting, fault.finding)
        return self._verdict(first.size, self._tree, None)

    def _verdict(self, start: int, sound: Tree, finding: Finding | None) -> Verdict:
        return Verdict(
            start=start,
            count=sound.size - start,
            size=sound.size,
            root=sound.root(),
            certified=self._vouched.get(Source.LOG, start),
            witnessed=self._vouched.get(Source.WITNESS, start) if self.witness else None,
            waiting=self._waiting,
            finding=finding,
        )

    def _examine(self) -> None:
        # In this order: what a note speaks of was in the tree before the note was made.
        witnessed = self._top(Source.WITNESS, self.witness() if self.witness else ())
        latest = self.log.latest_checkpoint()
        certified = self._top(Source.LOG, [latest] if latest else ())
        stored = self._stored_tree()
        end = max(stored.size if stored else 0, certified)
        self._read(end, certified)
        if self._tree.size < end:
            raise self._diagnosis().cut_off(self._tree.size, end, self._fitting.size)
        self._check_end(stored, witnessed)

    def _read(self, end: int, certified: int) -> None:
        marks = Marks(*map(self._marks, Source))
        for batch in self.log.batches(self._tree.size, end):
            sound = _sound(batch, self._tree.size)
            self._grow(batch.leaves[:sound], marks, certified)
            self._waiting += batch.waiting
            if sound < len(batch.indexes):
                line = (batch.indexes[sound], batch.leaves[sound], batch.records[sound])
                raise self._diagnosis().unsound(self._tree.size, line, end)
            self.progress(self._tree.size)
        self._grow((), marks, certified)

    def _grow(self, leaves: Sequence[bytes], marks: Marks, certified: int) -> None:
        """Let the tree grow by leaves, and compare it with every checkpoint on the way."""
        begun = self._tree.size
        for mark in marks.until(begun + len(leaves)):
            taken = self._tree.size - begun
            due = max(taken, mark.size - begun)
            self._tree = self._tree.extended(leaves[taken:due])
            self._compare(mark, certified)
        self._tree = self._tree.extended(leaves[self._tree.size - begun :])

    def _compare(self, mark: Mark, certified: int) -> None:
        late = mark.size < self._fitting.size
        root = self._diagnosis().root_at(mark.size) if late else self._tree.root()
        if root != mark.root:
            agreed = self._vouched.get(Source.WITNESS, 0)
            raise self._diagnosis().unlike(self._fitting, mark, agreed, self.key)
        lacking = mark.source is Source.WITNESS and self._vouched.get(Source.LOG) != mark.size
        if lacking and not late and mark.size <= certified:
            detail = f"the checkpoint of {mark.size} is gone from the log; the second place has it"
            raise Fault(Kind.REMOVED, mark.size - 1, mark.size, detail)
        if not late:
            self._fitting = self._tree
        self._vouched[mark.source] = max(self._vouched.get(mark.source, 0), mark.size)

    def _check_end(self, stored: Tree | None, witnessed: int) -> None:
        size, since = self._tree.size, self._fitting.size
        if size < witnessed:
            detail = f"the log has {size} records, and the second place vouches for {witnessed}"
            raise Fault(Kind.ROLLED_BACK, size, size + 1, detail)
        if self._suspicion:
            raise self._suspicion
        if stored is not None and stored != self._tree:
            detail = "the tree that is stored is not the tree of the leaves"
            raise Fault(Kind.ALTERED, since, max(size, since + 1), detail)
        if (extra := self.log.beyond(size)) is not None:
            raise Fault(Kind.INSERTED, extra, extra + 1, "no tree has ever had this index")
        for kind, record in self.log.strays():
            raise Fault(kind, None, None, f"record {record}, which is in no place of the log")

    def _top(self, source: Source, notes: Iterable[str]) -> int:
        """Give the size of the largest checkpoint of a source, if it is signed."""
        marks = marks_of(notes, source, self.key.name)
        largest = max(marks, key=lambda mark: mark.size, default=None)
        if largest is None:
            return 0
        try:
            self._open(largest)
        except Fault as fault:
            self._suspicion = self._suspicion or fault
            return 0
        return largest.size

    def _stored_tree(self) -> Tree | None:
        try:
            return self.log.tree()
        except (ValueError, TypeError):
            detail = "the tree that is stored cannot be read"
            self._suspicion = self._suspicion or Fault(Kind.ALTERED, 0, None, detail)
            return None

    def _marks(self, source: Source) -> Iterator[Mark]:
        """Give the signed marks of a source; those before a part of a log are no matter of it."""
        begun = self._fitting.size
        if source is Source.LOG:
            notes = self.log.checkpoints()
        else:
            notes = self.witness() if self.witness else ()
        for mark in marks_of(notes, source, self.key.name):
            if mark.size >= begun or source is Source.LOG:
                self._open(mark)
                yield mark

    def _open(self, mark: Mark) -> None:
        """Raise a Fault unless the log's key has signed a mark."""
        if mark.note in self._signed:
            return
        try:
            opened(mark.note, self.key)
        except BadCheckpoint as error:
            at = self._fitting.size
            until = max(at + 1, mark.size)
            detail = f"a checkpoint {mark.source.value}: {error}"
            raise Fault(Kind.FORGED, at, until, detail) from None
        self._signed.append(mark.note)

    def _diagnosis(self) -> Diagnosis:
        return Diagnosis(self.log)


def _sound(batch: Batch, begun: int) -> int:
    """Count the places at the beginning of a batch that are what they should be."""
    count = len(batch.indexes)
    if batch.leaves == batch.records and batch.indexes == [*range(begun, begun + count)]:
        return count
    lines = zip(batch.indexes, batch.leaves, batch.records, strict=True)
    for at, (index, leaf, record) in enumerate(lines):
        if index != begun + at or leaf != record:
            return at
    return count
