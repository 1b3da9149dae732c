"""Proofs for outsiders: that the log holds a record, and that it has only ever grown."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from application.audit.canonical import LEAF, canonical, canonical_json
from application.audit.checkpoint import BadCheckpoint, Checkpoint, CheckpointVerifier, opened
from application.audit.ledger import (
    BadProof,
    Tree,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)
from application.audit.ports import Ledger
from application.audit.record import AuditRecord

INCLUSION = "loapi inclusion proof 1"
CONSISTENCY = "loapi consistency proof 1"


class NotCertified(Exception):
    """No checkpoint vouches for it, or not yet."""


def prove(ledger: Ledger, record: AuditRecord) -> dict[str, Any]:
    """Prove that the tree of the latest checkpoint has a record; raises NotCertified."""
    entry = ledger.entries([record.id]).get(record.id)
    note = ledger.latest_checkpoint()
    size = size_of(note) if note else 0
    if entry is None or entry.index >= size:
        raise NotCertified(f"no checkpoint vouches for record {record.id} yet; try again in 5 s")
    return {
        "format": INCLUSION,
        "index": entry.index,
        "record": json.loads(canonical(record)),
        "proof": _encoded(inclusion_proof(entry.index, size, ledger.leaf_hashes)),
        "checkpoint": note,
    }


def check_proof(proof: Mapping[str, Any], key: CheckpointVerifier) -> Checkpoint:
    """Give the checkpoint whose tree has the record, by the public key alone.

    Raises BadProof unless it does.
    """
    try:
        checkpoint = opened(proof["checkpoint"], key)
        leaf = sha256(LEAF + canonical_json(proof["record"]).encode()).digest()
        path = [b64decode(node, validate=True) for node in proof["proof"]]
        check_inclusion(int(proof["index"]), checkpoint.size, leaf, path, checkpoint.root)
    except (KeyError, ValueError, TypeError, AttributeError, BadCheckpoint) as error:
        raise BadProof(f"this is no proof: {error}") from None
    return checkpoint


def consistency(ledger: Ledger, first: int, second: int) -> dict[str, Any]:
    """Prove that the log of the first size is the beginning of that of the second.

    Raises BadProof where it is not, by the roots that the checkpoints of these sizes sign.
    """
    sized = ((size_of(note), note) for note in ledger.checkpoints())
    notes = {size: note for size, note in sized if size in (first, second)}
    roots = [
        Checkpoint.parsed(_text(notes[size])).root if size in notes
        else Tree().extended(ledger.leaf_hashes(0, size)).root()
        for size in (first, second)
    ]
    path = consistency_proof(first, second, ledger.leaf_hashes)
    check_consistency(first, second, path, roots[0], roots[1])
    return {
        "format": CONSISTENCY,
        "first": {"size": first, "root": _encoded(roots)[0], "checkpoint": notes.get(first)},
        "second": {"size": second, "root": _encoded(roots)[1], "checkpoint": notes.get(second)},
        "proof": _encoded(path),
    }


def size_of(note: str) -> int:
    """Give the size that a note speaks of; 0 where it cannot be read."""
    try:
        return Checkpoint.parsed(_text(note)).size
    except BadCheckpoint:
        return 0


def _text(note: str) -> str:
    return note.rpartition("\n\n")[0] + "\n"


def _encoded(hashes: Sequence[bytes]) -> list[str]:
    return [b64encode(each).decode() for each in hashes]
