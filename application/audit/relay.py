"""Moves audit records from the journal into the ledger and on to the sink, each exactly once."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from application.audit.canonical import leaf_hash
from application.audit.lease import Lease
from application.audit.ledger import Tree
from application.audit.notary import Notary
from application.audit.pace import Pace
from application.audit.ports import Entry, InPlace, Ledger, Overtaken, Waiting
from application.audit.record import SealedRecord
from application.errors import Tampered
from application.ports import AuditSink, Clock, Journal

BATCH = 500
"""How many records are sealed and delivered at a time at most."""

IN_PLACE = 2_000
"""How many, where they stand in their sink already: what is fixed about a batch counts for more."""

KEEPS_HOUSE = 60.0
"""Seconds between two rounds of housekeeping."""

COMPLAINS = 60.0
"""Seconds between two log lines that say the same."""

LOG = logging.getLogger("loapi.audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayStatus:
    """How the relay is doing."""

    leader: bool
    depth: int
    """Records that wait."""
    age: timedelta
    """How long the oldest of them has waited."""
    last_index: int | None
    """The last place in the log that is taken, as the leader knows it."""
    certified: int | None
    """The size of the tree whose checkpoint was sent last, as the leader knows it."""
    error: str | None
    """Why the last step failed."""
    tampered: bool
    """Whether it failed because records were altered; none passes until that is mended."""


def _nothing(_: object) -> None:
    """Do nothing."""


@dataclass(kw_only=True)
class Relay:
    """Seals, delivers and clears; each in a commit of its own, so that a crash only repeats.

    Any number of relays may run: one leads, and one that was overtaken seals nothing more.
    """

    journal: Journal
    ledger: Ledger
    sink: AuditSink
    lease: Lease
    notary: Notary
    clock: Clock
    in_place: InPlace | None = None
    """The same sink, where the records of this journal stand in it already."""
    keep_house: Callable[[datetime], None] = _nothing
    at: Callable[[str], None] = _nothing
    """Called with a name between any two commits: where tests crash."""
    tick: Callable[[], float] = time.monotonic
    batch: int | None = None
    """How many records are taken at a time at most; None: BATCH, or IN_PLACE where they stand."""
    trouble: Callable[[Exception], None] = _nothing
    """Called with an error as often as the log is told of it."""
    sealed: int = field(default=0, init=False)
    """How many records this relay has sealed."""
    _tree: Tree | None = field(default=None, init=False)
    """The tree as a leader has committed it; None: it does not lead, or has to look again."""
    _error: Exception | None = field(default=None, init=False)
    _said: str = field(default="", init=False)
    _said_at: float = field(default=float("-inf"), init=False)
    _house_kept: float = field(default=float("-inf"), init=False)
    _pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.tick)

    def run_until(self, stop: Event) -> None:
        """Do all that comes until told to stop; then let another take over at once."""
        while not stop.is_set():
            stop.wait(self.turn())
        try:
            self.lease.release()
        except Exception as error:  # pylint: disable=broad-except  # it runs out by itself
            self._complain(error)

    def turn(self) -> float:
        """Do what is due now, whatever fails; give the seconds until there may be more to do."""
        try:
            if rest := self._pace.rest():
                self._keep_lead()
                return rest
            moved = self.step()
        except Exception as error:  # pylint: disable=broad-except  # it is told, and tried again
            self._complain(error)
            return self._pace.failed()
        if self._tree is None:
            return self._pace.stood_by()
        return self._pace.moved(moved, self._most())

    def step(self) -> int:
        """Take one batch from the journal to the sink; give how many records that were."""
        if (tree := self._lead()) is None:
            return 0
        waiting = self._waiting()
        if waiting:
            self._deliver(self._sealed(tree, waiting))
        self._error = None
        self._certify(idle=not waiting)
        self._keep_house()
        return len(waiting)

    @property
    def leads(self) -> bool:
        """Whether this is the one relay that seals."""
        return self._tree is not None

    def status(self) -> RelayStatus:
        """Tell how it is going."""
        oldest = self.journal.pending(1)
        tree = self._tree
        return RelayStatus(
            leader=tree is not None,
            depth=self.journal.depth(),
            age=self.clock() - oldest[0].occurred_at if oldest else timedelta(0),
            last_index=tree.size - 1 if tree and tree.size else None,
            certified=self.notary.certified,
            error=str(self._error) if self._error else None,
            tampered=isinstance(self._error, Tampered),
        )

    def _lead(self) -> Tree | None:
        """Take or keep the lease; a new leader reads the tree that it is to go on with."""
        if not self.lease.hold():
            self._tree = None
        elif self._tree is None:
            tree = self.ledger.tree()
            self.notary.begin(tree)
            self._tree = tree
        return self._tree

    def _keep_lead(self) -> None:
        """Let records wait, but not the lease and the checkpoint."""
        if self._lead() is not None:
            self._certify(idle=False)

    def _most(self) -> int:
        if self.batch is not None:
            return self.batch
        return BATCH if self.in_place is None else IN_PLACE

    def _waiting(self) -> Sequence[Waiting]:
        if self.in_place is not None:
            return self.in_place.waiting(self._most())
        records = self.journal.pending(self._most())
        return [Waiting(record.id, leaf_hash(record), record) for record in records]

    def _sealed(self, tree: Tree, waiting: Sequence[Waiting]) -> Sequence[tuple[Entry, Waiting]]:
        """Give records with their places in the log; those that have none get the next ones."""
        places = self.ledger.entries([each.record_id for each in waiting])
        settled = [(places[each.record_id], each) for each in waiting if each.record_id in places]
        for place, each in settled:
            if each.leaf != place.leaf:
                raise Tampered(f"record {each.record_id} was altered after it was sealed")
        unsealed = [each for each in waiting if each.record_id not in places]
        fresh = [
            Entry(each.record_id, index, each.leaf)
            for index, each in enumerate(unsealed, tree.size)
        ]
        if fresh:
            self._seal(tree, fresh)
        settled.sort(key=lambda pair: pair[0].index)
        return [*settled, *zip(fresh, unsealed, strict=True)]

    def _seal(self, tree: Tree, entries: Sequence[Entry]) -> None:
        grown = tree.extended(entry.leaf for entry in entries)
        self.at("before-seal")
        # Where this fails, the outcome may be unknown; the ledger will tell.
        self._tree = None
        try:
            self.ledger.seal(self.lease.holder, grown, entries)
        except Overtaken:
            self.lease.release()
            raise
        self._tree = grown
        self.sealed += len(entries)
        self.at("after-seal")

    def _deliver(self, sealed: Sequence[tuple[Entry, Waiting]]) -> None:
        given = [
            SealedRecord(place.index, place.leaf, each.record)
            for place, each in sealed if each.record is not None
        ]
        if given:
            self.sink.deliver(given)
        standing = [each for _, each in sealed if each.record is None]
        if self.in_place is not None and standing:
            self.in_place.settle(standing)
        self.at("after-deliver")
        if given:
            self.journal.clear([each.record for each in given])
        self.at("after-clear")

    def _certify(self, *, idle: bool) -> None:
        """Sign a checkpoint if one is due; records do not wait for one that cannot be sent."""
        if self._tree is None:
            return
        try:
            if self.notary.certify(self._tree, idle=idle):
                self.at("after-checkpoint")
        except Exception as error:  # pylint: disable=broad-except  # it is told, and tried again
            self._complain(error)

    def _keep_house(self) -> None:
        if self.tick() - self._house_kept >= KEEPS_HOUSE:
            self._house_kept = self.tick()
            self.keep_house(self.clock())

    def _complain(self, error: Exception) -> None:
        """Keep an error for the status, and log it unless the log has just said so."""
        self._error = error
        said = f"{type(error).__name__}: {error}"
        if said == self._said and self.tick() - self._said_at < COMPLAINS:
            return
        self._said, self._said_at = said, self.tick()
        level = logging.CRITICAL if isinstance(error, Tampered) else logging.WARNING
        LOG.log(level, "the relay could not go on: %s", said)
        self.trouble(error)
