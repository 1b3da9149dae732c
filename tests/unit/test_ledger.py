"""The ledger's tree, its proofs and its checkpoints, against published answers and the RFC."""

import base64
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from adapters.signing.emission import CheckpointFile
from application.audit.checkpoint import BadCheckpoint, Checkpoint, key_hash, opened, signed
from application.audit.ledger import (
    EMPTY_ROOT,
    BadProof,
    Tree,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)

PUBLISHED_LEAVES = [
    sha256(b"\0" + bytes.fromhex(data)).digest()
    for data in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The leaves that implementations of RFC 6962 test with."""

PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots of the first 0 to 8 of them (certificate-transparency's own tests)."""

PUBLISHED_GROWTH = {
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
"""Published proofs that the tree of one size is the beginning of the tree of another."""

MOST = 70
SIZES = st.integers(0, MOST)
LEAVES = [sha256(b"leaf %d" % number).digest() for number in range(MOST)]


def leaves(start: int, stop: int) -> Iterable[bytes]:
    return iter(LEAVES[start:stop])


def root(size: int) -> bytes:
    return Tree().extended(LEAVES[:size]).root()


def by_definition(of: list[bytes]) -> bytes:
    """Give MTH as RFC 6962, section 2.1 defines it, over leaf hashes."""
    if len(of) < 2:
        return of[0] if of else sha256().digest()
    split = 1
    while split * 2 < len(of):
        split *= 2
    halves = by_definition(of[:split]) + by_definition(of[split:])
    return sha256(b"\1" + halves).digest()


def path_by_definition(index: int, of: list[bytes]) -> list[bytes]:
    """Give PATH as RFC 6962, section 2.1.1 defines it."""
    if len(of) == 1:
        return []
    split = 1
    while split * 2 < len(of):
        split *= 2
    if index < split:
        return [*path_by_definition(index, of[:split]), by_definition(of[split:])]
    return [*path_by_definition(index - split, of[split:]), by_definition(of[:split])]


def growth_by_definition(first: int, of: list[bytes], known: bool = True) -> list[bytes]:
    """Give SUBPROOF as RFC 6962, section 2.1.2 defines it."""
    if first == len(of):
        return [] if known else [by_definition(of)]
    split = 1
    while split * 2 < len(of):
        split *= 2
    if first <= split:
        return [*growth_by_definition(first, of[:split], known), by_definition(of[split:])]
    rest = growth_by_definition(first - split, of[split:], False)
    return [*rest, by_definition(of[:split])]


@pytest.mark.parametrize("size", range(9))
def test_the_published_trees_have_their_published_roots(size: int) -> None:
    assert Tree().extended(PUBLISHED_LEAVES[:size]).root().hex() == PUBLISHED_ROOTS[size]


@pytest.mark.parametrize("sizes", PUBLISHED_GROWTH)
def test_the_published_proofs_of_growth_are_ours(sizes: tuple[int, int]) -> None:
    first, second = sizes
    published = [bytes.fromhex(node) for node in PUBLISHED_GROWTH[sizes]]
    roots = [bytes.fromhex(PUBLISHED_ROOTS[size]) for size in sizes]
    made = consistency_proof(first, second, lambda a, b: PUBLISHED_LEAVES[a:b])
    assert made == published
    check_consistency(first, second, published, *roots)


def test_the_empty_tree_has_the_digest_of_nothing() -> None:
    assert Tree().root() == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(SIZES, max_size=6))
def test_a_tree_grows_alike_in_any_portions(cuts: list[int]) -> None:
    ends = sorted({*cuts, MOST})
    tree = Tree()
    for start, stop in zip([0, *ends], ends):
        tree = tree.extended(LEAVES[start:stop])
        assert tree.root() == by_definition(LEAVES[:stop])
        assert Tree.unpacked(tree.size, tree.packed()) == tree


@pytest.mark.parametrize(("size", "packed"), [(0, b"x" * 32), (3, b"x" * 32), (1, b"")])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="subtrees"):
        Tree.unpacked(size, packed)


@given(st.integers(1, MOST).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_inclusion_is_proven_as_the_rfc_defines_it(where: tuple[int, int]) -> None:
    index, size = where
    proof = inclusion_proof(index, size, leaves)
    assert proof == path_by_definition(index, LEAVES[:size])
    check_inclusion(index, size, LEAVES[index], proof, root(size))


@given(SIZES, SIZES)
def test_growth_is_proven_as_the_rfc_defines_it(one: int, other: int) -> None:
    first, second = sorted((one, other))
    proof = consistency_proof(first, second, leaves)
    if first:
        assert proof == growth_by_definition(first, LEAVES[:second])
    check_consistency(first, second, proof, root(first), root(second))


@given(st.integers(1, MOST), st.data())
def test_no_altered_proof_of_inclusion_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, leaf = inclusion_proof(index, size, leaves), LEAVES[index]
    other = sha256(b"another").digest()
    forged: list[tuple[int, int, bytes, list[bytes], bytes]] = [
        (index, size, other, proof, root(size)),
        (index, size, leaf, proof, other),
        (index, size, leaf, [*proof, other], root(size)),
        (index, size, leaf, [other, *proof], root(size)),
        (size, size, leaf, proof, root(size)),
        (-1, size, leaf, proof, root(size)),
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        forged.append((index, size, leaf, proof[:at] + proof[at + 1:], root(size)))
        forged.append((index, size, leaf, [*proof[:at], other, *proof[at + 1:]], root(size)))
        forged.append((index ^ 1, size, leaf, proof, root(size)))
    for each in forged:
        with pytest.raises(BadProof):
            check_inclusion(*each)


@given(SIZES, SIZES, st.data())
def test_no_altered_proof_of_growth_holds(one: int, two: int, data: st.DataObject) -> None:
    first, second = sorted((one, two))
    proof, other = consistency_proof(first, second, leaves), sha256(b"another").digest()
    forged: list[tuple[int, int, list[bytes], bytes, bytes]] = [
        (first, second, [*proof, other], root(first), root(second)),
        (first, second, proof, other, root(second)),
        (second + 1, second, proof, root(first), root(second)),
        (-1, second, proof, root(first), root(second)),
    ]
    if first:
        forged.append((first, second, proof, root(first), other))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        forged.append((first, second, proof[:at] + proof[at + 1:], root(first), root(second)))
        altered = [*proof[:at], other, *proof[at + 1:]]
        forged.append((first, second, altered, root(first), root(second)))
        forged.append((first, second, [], root(first), root(second)))
    for each in forged:
        with pytest.raises(BadProof):
            check_consistency(*each)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(index, size, leaves)


@pytest.mark.parametrize(("first", "second"), [(4, 3), (-1, 3)])
def test_a_tree_does_not_grow_backwards(first: int, second: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(first, second, leaves)


GO_PRIVATE_KEY = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_VERIFIER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SEAL = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
"""The key, text and signature that Go's sumdb/note, the first implementation, is tested with."""

SIGNER = Ed25519Signer("loapi.test/audit", b"7" * 32)
VERIFIER = Ed25519Verifier(SIGNER.verifier_key)
CHECKPOINT = Checkpoint.of(SIGNER.name, Tree().extended(LEAVES))
NOTE = signed(CHECKPOINT, SIGNER)
SIGNATURE = NOTE.splitlines()[-1]


def test_keys_and_signatures_are_those_of_the_first_implementation() -> None:
    signer = Ed25519Signer("PeterNeumann", GO_PRIVATE_KEY)
    assert signer.verifier_key == GO_VERIFIER_KEY
    seal = key_hash(signer.name, signer.public_key) + signer.sign(GO_TEXT.encode())
    assert base64.b64encode(seal).decode() == GO_SEAL
    assert Ed25519Verifier(GO_VERIFIER_KEY).verifies(GO_TEXT.encode(), seal[4:])


def test_a_checkpoint_is_a_signed_note() -> None:
    origin, size, root_text, blank, signature = NOTE.splitlines()
    assert (origin, size, blank) == ("loapi.test/audit", str(MOST), "")
    assert base64.b64decode(root_text) == by_definition(LEAVES)
    assert signature.startswith("\u2014 loapi.test/audit ")
    assert NOTE.endswith("\n") and signed(CHECKPOINT, SIGNER) == NOTE


def test_a_checkpoint_is_opened_with_the_public_key_alone() -> None:
    assert opened(NOTE, VERIFIER) == CHECKPOINT


def test_witnesses_may_sign_too_and_extensions_may_follow() -> None:
    witness = "\u2014 witness.test " + base64.b64encode(b"\1\2\3\4" + b"x" * 64).decode()
    assert opened(NOTE.replace(SIGNATURE, f"{witness}\n{SIGNATURE}\n{witness}"), VERIFIER)
    text = CHECKPOINT.text() + "an extension\n"
    seal = key_hash(SIGNER.name, SIGNER.public_key) + SIGNER.sign(text.encode())
    note = f"{text}\n\u2014 {SIGNER.name} {base64.b64encode(seal).decode()}\n"
    assert opened(note, VERIFIER) == CHECKPOINT


OTHER = Ed25519Signer(SIGNER.name, b"8" * 32)
BAD_NOTES = {
    "nothing": "",
    "no signature": CHECKPOINT.text(),
    "an empty signature": CHECKPOINT.text() + "\n",
    "no final newline": NOTE[:-1],
    "another size": NOTE.replace(f"\n{MOST}\n", f"\n{MOST - 1}\n"),
    "another origin": NOTE.replace("loapi.test", "loapi.best"),
    "another root": replace(CHECKPOINT, root=EMPTY_ROOT).text() + f"\n{SIGNATURE}\n",
    "a leading zero": NOTE.replace(f"\n{MOST}\n", f"\n0{MOST}\n"),
    "digits of another script": NOTE.replace(f"\n{MOST}\n", "\n\u0667\n"),
    "endless digits": NOTE.replace(f"\n{MOST}\n", "\n" + "9" * 5000 + "\n"),
    "a short root": signed(replace(CHECKPOINT, root=b"short"), SIGNER),
    "another key under the name": signed(CHECKPOINT, OTHER),
    "a hyphen for the dash": NOTE.replace("\u2014", "-"),
    "a carriage return": NOTE.replace("\n", "\r\n"),
    "a control character": NOTE.replace("loapi.test", "loapi\x07test"),
    "a signature that is cut": NOTE.replace(SIGNATURE, SIGNATURE[:-8]),
    "a signature that is no base64": NOTE.replace(SIGNATURE, SIGNATURE[:-8] + "!!!!!!!="),
    "another log's checkpoint": signed(replace(CHECKPOINT, origin="other.test"), SIGNER),
    "an empty extension": NOTE.replace("\n\n", "\n\n\n"),
    "too many signatures": NOTE.replace(SIGNATURE, "\u2014 w eA==\n" * 100 + SIGNATURE),
}


@pytest.mark.parametrize("note", BAD_NOTES.values(), ids=BAD_NOTES)
def test_a_note_that_is_no_checkpoint_of_ours_is_refused(note: str) -> None:
    with pytest.raises(BadCheckpoint):
        opened(note, VERIFIER)


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 127))
def test_no_altered_character_passes(at: int, by: int) -> None:
    altered = NOTE[:at] + chr(ord(NOTE[at]) ^ by) + NOTE[at + 1:]
    with pytest.raises(BadCheckpoint):
        opened(altered, VERIFIER)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\0b"])
def test_a_key_has_a_name_that_notes_can_carry(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Ed25519Signer(name, b"7" * 32)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "PeterNeumann",
        GO_VERIFIER_KEY[:-4],
        GO_VERIFIER_KEY.replace("c74f", "C74F"),
        GO_VERIFIER_KEY.replace("c74f", "c74e"),
        GO_VERIFIER_KEY.replace("Peter", "peter"),
        GO_VERIFIER_KEY.replace("+ARpc", "+AhpC"),
        GO_VERIFIER_KEY + "\n",
    ],
)
def test_a_verifier_key_that_is_not_whole_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        Ed25519Verifier(key)


def test_the_file_of_checkpoints_gives_back_every_note(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "deep" / "checkpoints")
    assert not list(file.notes())
    trees = [Tree().extended(LEAVES[:size]) for size in (1, 9)]
    notes = [signed(Checkpoint.of(SIGNER.name, tree), SIGNER) for tree in trees]
    for note in notes:
        file(note)
    assert list(file.notes()) == notes


@given(st.integers(0, len(NOTE.encode())))
def test_a_note_that_a_crash_has_cut_off_hides_none(length: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoints"
        file = CheckpointFile(path)
        file(NOTE)
        with path.open("ab") as torn:
            torn.write(NOTE.encode()[:length])
        later = signed(Checkpoint.of(SIGNER.name, Tree()), SIGNER)
        file(later)
        notes = list(file.notes())
    assert notes[0] == NOTE and notes[-1] == later
