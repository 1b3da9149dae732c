"""The log of a running service, wherever its records are kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from application.audit.canonical import leaf_hash
from application.audit.evidence import UNREADABLE, Batch, Kind, Placed, Places, Shelf
from application.audit.ledger import Tree
from application.errors import Tampered
from application.ports import AuditSink


@dataclass(frozen=True, slots=True)
class SinkShelf:
    """The records in any sink, read as everyone reads them."""

    sink: AuditSink

    def leaves(self, start: int, stop: int) -> Mapping[int, bytes]:
        """Make the leaves of the records in a range of indexes anew."""
        try:
            return self._leaves(start, stop)
        except Tampered:
            if stop - start > 1:
                middle = (start + stop) // 2
                return {**self.leaves(start, middle), **self.leaves(middle, stop)}
            return {start: UNREADABLE}

    def _leaves(self, start: int, stop: int) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for each in self.sink.scan(start, stop):
            leaf = leaf_hash(each.record)
            sound = each.leaf == leaf and each.index not in found
            found[each.index] = leaf if sound else UNREADABLE
        return found


@dataclass(frozen=True, slots=True)
class LiveLog:
    """The ledger's places with the records on the shelves.

    A record is there if one shelf has it; where several have it, each has to be sound.
    """

    ledger: Places
    shelves: Sequence[Shelf]
    journal: Shelf
    """The records that are sealed, and that no sink has confirmed yet."""

    def start(self) -> Tree:
        """Begin with the first record."""
        return Tree()

    def tree(self) -> Tree | None:
        """Give the tree that is stored."""
        return self.ledger.tree()

    def batches(self, start: int, stop: int) -> Iterator[Batch]:
        """Give the places from one index to before another with their records."""
        for places in self.ledger.places(start, stop):
            found = self._found(places)
            lacking = [place for place in places if place.at not in found]
            late: Mapping[int, bytes] = {}
            if lacking:
                # In this order: what leaves the journal meanwhile is in a sink by then.
                late = self._on(self.journal, lacking)
                found = {**late, **found, **self._found(lacking)}
            indexes = [place.at for place in places]
            leaves = [place.leaf for place in places]
            yield Batch(indexes, leaves, [*map(found.get, indexes)], len(late))

    def window(self, start: int, stop: int) -> Iterable[Placed]:
        """Give the places alone."""
        for places in self.ledger.places(start, stop):
            yield from places

    def where(self, leaf: bytes) -> int | None:
        """Give the first place that states this leaf."""
        return self.ledger.where(leaf)

    def checkpoints(self) -> Iterable[str]:
        """Give every note in the database, by size."""
        return self.ledger.checkpoints()

    def latest_checkpoint(self) -> str | None:
        """Give the one of the largest size."""
        return self.ledger.latest_checkpoint()

    def beyond(self, size: int) -> int | None:
        """Give an index that is taken though the tree does not have it."""
        return self.ledger.beyond(size)

    def strays(self) -> Iterable[tuple[Kind, str]]:
        """Tell of records without a place that wait for none, and of lost ones that did."""
        return [(kind, str(record_id)) for kind, record_id in self.ledger.strays()]

    def _found(self, places: Sequence[Placed]) -> Mapping[int, bytes]:
        """Give the records' leaves; of those that shelves disagree on, one that is wrong."""
        first, *others = [self._on(shelf, places) for shelf in self.shelves]
        for other in others:
            stated = {place.at: place.leaf for place in places}
            wrong = {at: leaf for at, leaf in other.items() if leaf != stated.get(at)}
            first = {**other, **first, **wrong}
        return first

    @staticmethod
    def _on(shelf: Shelf, places: Sequence[Placed]) -> Mapping[int, bytes]:
        return shelf.leaves(places[0].at, places[-1].at + 1)
