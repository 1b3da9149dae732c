"""The bundle: a zip with the records, what vouches for them, and a report for people."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from application.audit.canonical import LEAF, canonical
from application.audit.checkpoint import BadCheckpoint, Checkpoint
from application.audit.evidence import UNREADABLE, Batch, Kind, Placed
from application.audit.ledger import Tree
from application.audit.record import SealedRecord

FORMAT = "loapi audit bundle 1"
ABOUT, RECORDS, CHECKPOINTS = "about.json", "records.jsonl", "checkpoints.txt"
KEY, REPORT = "key.txt", "report.html"
LINES_AT_ONCE = 1_000

_LINE = re.compile(rb'\{"index":(\d{1,18}),"leaf":"([0-9a-f]{64})"(?:,"record":(.*))?\}\n?')
_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')


class BadBundle(Exception):
    """The file is no bundle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a bundle says of itself; nothing of it is believed that the checkpoints do not show."""

    format: str = FORMAT
    log: str
    start: int
    """The index of the first record."""
    stop: int
    """The index behind the last one; leaves alone go on from there to the next checkpoint."""
    frontier: str
    """The tree before the first record, packed, as hex."""
    exported_at: str


def write_bundle(
    path: Path,
    about: About,
    key: str,
    notes: Iterable[str],
    records: Iterable[SealedRecord],
    leaves: Iterable[bytes],
) -> None:
    """Write a bundle without its report; `leaves` are those behind the last record."""
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=3) as archive:
        archive.writestr(ABOUT, json.dumps(asdict(about), indent=1) + "\n")
        archive.writestr(KEY, key + "\n")
        archive.writestr(CHECKPOINTS, "".join(f"{note}\n" for note in notes))
        with archive.open(RECORDS, "w", force_zip64=True) as file:
            for each in records:
                file.write(_line(each.index, each.leaf, canonical(each.record)))
            for index, leaf in enumerate(leaves, about.stop):
                file.write(_line(index, leaf))


def add_report(path: Path, pieces: Iterable[str]) -> None:
    """Put the report into a bundle that is written."""
    with ZipFile(path, "a", ZIP_DEFLATED) as archive, archive.open(REPORT, "w") as file:
        for piece in pieces:
            file.write(piece.encode())


def _line(index: int, leaf: bytes, record: bytes | None = None) -> bytes:
    behind = b"" if record is None else b',"record":' + record
    return b'{"index":%d,"leaf":"%s"%s}\n' % (index, leaf.hex().encode(), behind)


Line = tuple[int, bytes, bytes | None]


class Bundle:
    """A bundle as evidence: what it states, and the leaves of its records made anew."""

    def __init__(self, path: Path) -> None:
        """Raise BadBundle where the file is none."""
        self._path = path
        try:
            with ZipFile(path) as archive:
                self.about = About(**json.loads(archive.read(ABOUT)))
                self._checkpoints = archive.read(CHECKPOINTS).decode()
                archive.getinfo(RECORDS)
            self._start = Tree.unpacked(self.about.start, bytes.fromhex(self.about.frontier))
        except (OSError, BadZipFile, KeyError, ValueError, TypeError) as error:
            raise BadBundle(f"{path} is no bundle: {error}") from None
        if self.about.format != FORMAT:
            raise BadBundle(f"{path} is a bundle of another format than '{FORMAT}'")

    def start(self) -> Tree:
        """Give the tree before the first record; the checkpoints fit no other."""
        return self._start

    def tree(self) -> Tree | None:
        """Give none: the checkpoints say what tree it is."""
        return None

    def batches(self, start: int, stop: int) -> Iterator[Batch]:
        """Give what stands in the file, all of it where that is asked for from the start."""
        lines = self._lines()
        if start > self._start.size:
            lines = (line for line in lines if start <= line[0] < stop)
        while some := list(islice(lines, LINES_AT_ONCE)):
            indexes, leaves, texts = zip(*some, strict=True)
            yield Batch(list(indexes), list(leaves), [*map(self._record, indexes, leaves, texts)])

    def window(self, start: int, stop: int) -> Iterator[Placed]:
        """Give the places alone."""
        for index, leaf, text in self._lines():
            if start <= index < stop:
                named = _ID.search(text or b"")
                yield Placed(index, leaf, named[1] if named else None)

    def where(self, leaf: bytes) -> int | None:
        """Give the first place that states this leaf."""
        return next((index for index, stated, _ in self._lines() if stated == leaf), None)

    def checkpoints(self) -> Iterator[str]:
        """Give every note."""
        parts = self._checkpoints.split("\n\n")
        for text, signatures in zip(parts[::2], parts[1::2], strict=False):
            yield f"{text}\n\n{signatures}\n"

    def latest_checkpoint(self) -> str | None:
        """Give the one of the largest size."""
        return max(self.checkpoints(), key=_size, default=None)

    def beyond(self, size: int) -> int | None:
        """Give the first index that no checkpoint vouches for."""
        latest = self.latest_checkpoint()
        certified = _size(latest) if latest else self._start.size
        return certified if certified < size else None

    def strays(self) -> Iterable[tuple[Kind, str]]:
        """Tell of none: every line has a place."""
        return ()

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Give each index with the text of its record."""
        return ((index, text) for index, _, text in self._lines() if text is not None)

    def _lines(self) -> Iterator[Line]:
        """Read the lines; one that is none stands where it is expected, with what fits nothing."""
        expected = self._start.size
        with ZipFile(self._path) as archive, archive.open(RECORDS) as file:
            for line in _until_broken(file):
                found = _LINE.fullmatch(line)
                index = int(found[1]) if found else expected
                leaf = bytes.fromhex(found[2].decode()) if found else UNREADABLE
                yield index, leaf, found[3] if found else b""
                expected = index + 1

    def _record(self, index: int, leaf: bytes, text: bytes | None) -> bytes:
        if text is None:
            return leaf if index >= self.about.stop else UNREADABLE
        return sha256(LEAF + text).digest()


def _until_broken(file: Iterable[bytes]) -> Iterator[bytes]:
    """Give lines until the zip itself turns out to be damaged; what follows then is missing."""
    with suppress(BadZipFile, OSError, EOFError, zlib.error):
        yield from file


def _size(note: str) -> int:
    try:
        return Checkpoint.parsed(note.rpartition("\n\n")[0] + "\n").size
    except BadCheckpoint:
        return 0
