"""Signs checkpoints when they are due, keeps them and sends them to a second place."""

import time
from collections.abc import Callable

from application.audit.checkpoint import Checkpoint, CheckpointSigner, signed
from application.audit.ledger import Tree
from application.audit.ports import Ledger
from application.errors import Tampered
from application.ports import Clock

EVERY_SECONDS = 2.5
"""How long records that come in without a pause wait for a checkpoint."""

LEAST_SECONDS = 1.0
"""How far checkpoints are apart where records come in with pauses."""

Emit = Callable[[str], None]
"""Sends a note where the database's administrators cannot reach it."""


class Notary:
    """Certifies the tree of one leader."""

    def __init__(
        self,
        ledger: Ledger,
        signer: CheckpointSigner,
        emit: Emit,
        clock: Clock,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._signer = signer
        self._emit = emit
        self._clock = clock
        self._tick = tick
        self._tried_at = -EVERY_SECONDS
        self.certified: int | None = None
        """The size of the tree whose checkpoint was sent last."""

    def begin(self, tree: Tree) -> None:
        """Check the tree of which one becomes the leader; its checkpoint will be sent again.

        Raises Tampered where the tree is smaller than its own checkpoint says.
        """
        note = self._ledger.latest_checkpoint()
        kept = Checkpoint.parsed(note.partition("\n\n")[0] + "\n").size if note else 0
        if tree.size < kept:
            raise Tampered(f"the ledger ends at {tree.size}, its checkpoint at {kept}")
        self.certified = None if tree.size else 0

    def certify(self, tree: Tree, *, idle: bool) -> bool:
        """Sign, keep and send a checkpoint if one is due; `idle`: no more records wait."""
        waited = self._tick() - self._tried_at
        due = waited >= (LEAST_SECONDS if idle else EVERY_SECONDS)
        if tree.size == self.certified or not due:
            return False
        self._tried_at = self._tick()
        note = signed(Checkpoint.of(self._signer.name, tree), self._signer)
        self._ledger.keep_checkpoint(tree.size, note, self._clock())
        self._emit(note)
        self.certified = tree.size
        return True
