"""An exported bundle is verified by the public key alone, and no byte of it can be changed."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from adapters.bundle.archive import (
    CHECKPOINTS,
    RECORDS,
    About,
    BadBundle,
    Bundle,
    add_report,
    write_bundle,
)
from adapters.bundle.report import report
from adapters.signing.ed25519 import Ed25519Signer, Ed25519Verifier
from application.audit.canonical import leaf_hash
from application.audit.checkpoint import Checkpoint, signed
from application.audit.evidence import Kind, Verdict
from application.audit.ledger import Tree
from application.audit.record import Change, Operation, SealedRecord
from application.audit.verify import Verification
from tests.contract.test_sinks import a_record

SIGNER = Ed25519Signer("loapi.test/audit", b"7" * 32)
KEY = Ed25519Verifier(SIGNER.verifier_key)
EVERY = 20
COUNT = 200
SEALED = [SealedRecord(n, leaf_hash(r), r) for n in range(COUNT) for r in [a_record(n)]]
LEAVES = [each.leaf for each in SEALED]
SEEDS = range(6)

Edit = Callable[[list[bytes], int, int], int]
"""Changes lines in place, given two indexes; gives the first bad index."""


def a_note(size: int) -> str:
    return signed(Checkpoint.of(SIGNER.name, Tree().extended(LEAVES[:size])), SIGNER)


def a_bundle(path: Path, start: int = 0, stop: int = COUNT) -> Path:
    """Write a bundle of a part of the log."""
    before = Tree().extended(LEAVES[:start])
    about = About(
        log=SIGNER.name, start=start, stop=stop, frontier=before.packed().hex(), exported_at="now"
    )
    end = -(-stop // EVERY) * EVERY
    notes = [a_note(size) for size in range(EVERY, end + 1, EVERY) if size > start]
    write_bundle(path, about, SIGNER.verifier_key, notes, SEALED[start:stop], LEAVES[stop:end])
    return path


def verified(path: Path) -> Verdict:
    return Verification(log=Bundle(path), key=KEY).run()


def edited(path: Path, name: str, edit: Callable[[bytes], bytes]) -> Path:
    """Write the bundle anew with one of its files changed."""
    other = path.with_name("edited.zip")
    with ZipFile(path) as archive, ZipFile(other, "w") as to:
        for each in archive.namelist():
            content = archive.read(each)
            to.writestr(each, edit(content) if each == name else content)
    return other


PARTS = [(0, 200), (0, 1), (0, 20), (7, 55), (160, 191), (40, 60)]


@pytest.mark.parametrize(("start", "stop"), PARTS)
def test_any_part_of_a_log_is_sound_by_the_key_alone(tmp_path: Path, start: int, stop: int) -> None:
    verdict = verified(a_bundle(tmp_path / "bundle.zip", start, stop))
    assert verdict.finding is None
    assert (verdict.start, verdict.size) == (start, -(-stop // EVERY) * EVERY)
    assert verdict.certified == verdict.size


def _alter(lines: list[bytes], one: int, other: int) -> int:
    line = lines[one]
    at = random.Random(one * other).randrange(line.index(b'"record"') + 10, len(line) - 2)
    lines[one] = line[:at] + (b"7" if line[at : at + 1] != b"7" else b"8") + line[at + 1 :]
    return one


def _alter_leaf(lines: list[bytes], one: int, other: int) -> int:
    at = lines[one].index(b'"leaf"') + 10
    line = lines[one]
    lines[one] = line[:at] + (b"7" if line[at : at + 1] != b"7" else b"8") + line[at + 1 :]
    return one


def _swap(lines: list[bytes], one: int, other: int) -> int:
    lines[one], lines[other] = lines[other], lines[one]
    return min(one, other)


def _double(lines: list[bytes], one: int, other: int) -> int:
    lines.insert(one, lines[one])
    return one


def _forge(lines: list[bytes], one: int, other: int) -> int:
    forged = SealedRecord(one, leaf_hash(a_record(999)), a_record(999))
    lines[one] = lines[one].replace(SEALED[one].leaf.hex().encode(), forged.leaf.hex().encode())
    return one


def _delete(lines: list[bytes], one: int, other: int) -> int:
    del lines[one]
    return one


def _cut(lines: list[bytes], one: int, other: int) -> int:
    del lines[one:]
    return one


def _renamed(lines: list[bytes], one: int, other: int) -> int:
    """Take one out and close the gap."""
    del lines[one]
    for at in range(one, len(lines)):
        lines[at] = lines[at].replace(b'{"index":%d,' % (at + 1), b'{"index":%d,' % at, 1)
    return one


def _empty(lines: list[bytes], one: int, other: int) -> int:
    lines[one] = lines[one][: lines[one].index(b',"record"')] + b"}\n"
    return one


EDITS: list[tuple[Edit, Kind]] = [
    (_alter, Kind.ALTERED), (_alter_leaf, Kind.ALTERED), (_swap, Kind.REORDERED),
    (_double, Kind.DUPLICATED), (_forge, Kind.ALTERED), (_delete, Kind.REMOVED),
    (_cut, Kind.TRUNCATED), (_empty, Kind.ALTERED),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("edit", "kind"), EDITS)
def test_an_edited_line_is_found(tmp_path: Path, edit: Edit, kind: Kind, seed: int) -> None:
    one, other = random.Random(seed).sample(range(COUNT - 1), 2)
    path = a_bundle(tmp_path / "bundle.zip")
    bad = [-1]

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        bad[0] = edit(lines, one, other)
        return b"".join(lines)

    found = verified(edited(path, RECORDS, change)).finding
    assert found and (found.kind, found.index) == (kind, bad[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_that_is_taken_out_is_found_though_the_gap_is_closed(
    tmp_path: Path, seed: int
) -> None:
    one = random.Random(seed).randrange(COUNT - EVERY)
    path = a_bundle(tmp_path / "bundle.zip")

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        _renamed(lines, one, one)
        return b"".join(lines)

    found = verified(edited(path, RECORDS, change)).finding
    assert found and found.kind is Kind.REMOVED
    assert found.index is not None and found.until and found.index <= one < found.until


def test_records_that_no_checkpoint_vouches_for_are_found(tmp_path: Path) -> None:
    path = a_bundle(tmp_path / "bundle.zip", 0, 40)
    more = b'{"index":40,"leaf":"%s"}\n' % LEAVES[40].hex().encode()
    found = verified(edited(path, RECORDS, lambda content: content + more)).finding
    assert found and (found.kind, found.index) == (Kind.INSERTED, 40)
    found = verified(edited(path, CHECKPOINTS, lambda content: b"")).finding
    assert found and (found.kind, found.index) == (Kind.INSERTED, 0)


@pytest.mark.parametrize("seed", range(20))
def test_an_edited_checkpoint_is_found(tmp_path: Path, seed: int) -> None:
    path = a_bundle(tmp_path / "bundle.zip")

    def change(content: bytes) -> bytes:
        at = random.Random(seed).randrange(len(content) - 2)
        return content[:at] + (b"5" if content[at : at + 1] != b"5" else b"6") + content[at + 1 :]

    assert not verified(edited(path, CHECKPOINTS, change)).sound


def test_another_key_vouches_for_nothing(tmp_path: Path) -> None:
    other = Ed25519Verifier(Ed25519Signer("loapi.test/audit", b"8" * 32).verifier_key)
    path = a_bundle(tmp_path / "bundle.zip")
    found = Verification(log=Bundle(path), key=other).run().finding
    assert found and found.kind is Kind.FORGED


def test_another_beginning_does_not_fit(tmp_path: Path) -> None:
    path = a_bundle(tmp_path / "bundle.zip", 7, 55)
    forged = Tree().extended(LEAVES[1:8]).packed().hex().encode()
    true = Tree().extended(LEAVES[:7]).packed().hex().encode()
    changed = edited(path, "about.json", lambda content: content.replace(true, forged))
    found = verified(changed).finding
    assert found and found.index == 7


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000])
def test_a_file_that_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    with pytest.raises(BadBundle):
        Bundle(path)


def test_the_report_shows_changes_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    evil = "<script>alert('x')</script>"
    change = Change(
        kind="payoff", key=evil, operation=Operation.CHANGE, version=2,
        fields={"note": {"before": None, "after": evil}, "ssn": {"changed": True}},
    )
    record = a_record(1, changes=(change,), user_id=evil, entities=(evil,))
    sealed = SealedRecord(0, leaf_hash(record), record)
    path = tmp_path / "bundle.zip"
    about = About(log=evil, start=0, stop=1, frontier="", exported_at="now")
    note = signed(Checkpoint.of(SIGNER.name, Tree().extended([sealed.leaf])), SIGNER)
    write_bundle(path, about, SIGNER.verifier_key, [note], [sealed], [])
    verdict = verified(path)
    add_report(path, report({"log": evil}, verdict, Bundle(path).records()))
    with ZipFile(path) as archive:
        page = archive.read("report.html").decode()
    assert "Verified: 1 records" in page and "the value is not recorded" in page
    assert "<script" not in page and "&lt;script&gt;" in page
    assert not re.search(r"https?:|\b(src|href)=", page)
    assert verified(path).sound
