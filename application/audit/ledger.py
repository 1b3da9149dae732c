"""The tree over the audit trail (RFC 6962): what it commits to, and the proofs that it does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

NODE = b"\x01"
"""What stands before two hashes when they are hashed into one (RFC 6962, section 2.1)."""

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()

Leaves = Callable[[int, int], Iterable[bytes]]
"""Gives the leaf hashes from one index to before another, in order."""


class BadProof(Exception):
    """A proof does not prove what it is meant to."""


@dataclass(frozen=True, slots=True)
class Tree:
    """All that a tree needs to grow, and to be known by its root: a hash for each bit of its size.

    `frontier` holds the roots of its perfect subtrees, the largest (and oldest) first.
    """

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.frontier) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} has not {len(self.frontier)} subtrees")

    def extended(self, leaves: Iterable[bytes]) -> "Tree":
        """Give the tree with more leaf hashes behind its last."""
        size, frontier = self.size, list(self.frontier)
        for leaf in leaves:
            whole, carry = leaf, size
            while carry & 1:
                whole = node_hash(frontier.pop(), whole)
                carry >>= 1
            frontier.append(whole)
            size += 1
        return Tree(size, tuple(frontier))

    def root(self) -> bytes:
        """Give the Merkle tree hash, 32 bytes."""
        if not self.frontier:
            return EMPTY_ROOT
        *others, root = self.frontier
        for left in reversed(others):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """Give the frontier as bytes."""
        return b"".join(self.frontier)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Tree":
        """Give the tree of `packed()`; raises ValueError where the two do not fit."""
        starts = range(0, len(packed), HASH_BYTES)
        return cls(size, tuple(packed[start : start + HASH_BYTES] for start in starts))


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of two subtrees side by side."""
    return sha256(NODE + left + right).digest()


def inclusion_proof(index: int, size: int, leaves: Leaves) -> list[bytes]:
    """Prove that the tree of this size has the leaf at an index; reads each other leaf once."""
    if not 0 <= index < size:
        raise IndexError(f"a tree of {size} has no leaf {index}")
    start, stop, path = 0, size, list[bytes]()
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_root(leaves, middle, stop))
            stop = middle
        else:
            path.append(_root(leaves, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(first: int, second: int, leaves: Leaves) -> list[bytes]:
    """Prove that the tree of the first size is the beginning of the tree of the second."""
    if not 0 <= first <= second:
        raise IndexError(f"a tree of {second} does not begin with one of {first}")
    start, stop, path = 0, second, list[bytes]()
    while 0 < first < stop:
        middle = start + _split(stop - start)
        if first <= middle:
            path.append(_root(leaves, middle, stop))
            stop = middle
        else:
            path.append(_root(leaves, start, middle))
            start = middle
    if start > 0:
        path.append(_root(leaves, start, stop))
    return path[::-1]


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise BadProof unless the tree with this size and root has the leaf at the index."""
    if not 0 <= index < size:
        raise BadProof(f"a tree of {size} has no leaf {index}")
    inner, border = _steps(index, size)
    whole = _climbed(leaf, proof[:inner], index)
    if len(proof) != inner + border or _beside(whole, proof[inner:]) != root:
        raise BadProof(f"the proof does not lead from leaf {index} to the root of {size}")


def check_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Raise BadProof unless the tree of the first size and root is the beginning of the other."""
    if not 0 <= first <= second:
        raise BadProof(f"a tree of {second} does not begin with one of {first}")
    if first in (0, second):
        known = not proof and first_root == (second_root if first else EMPTY_ROOT)
    else:
        known = _grows(first, second, proof, first_root) == second_root
    if not known:
        raise BadProof(f"the tree of {first} is not the beginning of the tree of {second}")


def _grows(first: int, second: int, proof: Sequence[bytes], first_root: bytes) -> bytes | None:
    """Give the second root that a proof leads to, or None where it contradicts the first."""
    height = (first & -first).bit_length() - 1
    # A first tree that is perfect is its own starting point, and left out of the proof.
    start, *path = [first_root, *proof] if first == 1 << height else [*proof] or [b""]
    inner, border = _steps(first - 1, second)
    inner -= height
    turns = first - 1 >> height
    left = [node for level, node in enumerate(path[:inner]) if turns >> level & 1]
    if len(path) != inner + border or _beside(start, left + path[inner:]) != first_root:
        return None
    return _beside(_climbed(start, path[:inner], turns), path[inner:])


def _steps(index: int, size: int) -> tuple[int, int]:
    """Count a leaf's steps to the root: below where the way to the last leaf joins, and above."""
    inner = (index ^ size - 1).bit_length()
    return inner, (index >> inner).bit_count()


def _climbed(whole: bytes, path: Sequence[bytes], turns: int) -> bytes:
    """Hash upwards; where a bit of `turns` is set, the sibling is on the left."""
    for level, sibling in enumerate(path):
        pair = (sibling, whole) if turns >> level & 1 else (whole, sibling)
        whole = node_hash(*pair)
    return whole


def _beside(whole: bytes, path: Sequence[bytes]) -> bytes:
    """Hash upwards along the right edge of the tree."""
    for sibling in path:
        whole = node_hash(sibling, whole)
    return whole


def _split(size: int) -> int:
    """Give the largest power of two that is less than a size."""
    return 1 << (size - 1).bit_length() - 1


def _root(leaves: Leaves, start: int, stop: int) -> bytes:
    return Tree().extended(leaves(start, stop)).root()
