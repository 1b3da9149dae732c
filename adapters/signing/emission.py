"""The second place of the checkpoints: a file that only grows."""

import os
from collections.abc import Iterator
from pathlib import Path

from application.audit.checkpoint import SIGNED_BY


class CheckpointFile:
    """Appends each checkpoint to a file, which had better be out of the DBA's reach."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, note: str) -> None:
        """Append a note; when this returns, it is on the disk."""
        self.prepare()
        with self._path.open("ab") as file:
            file.write((self._gap() + note + "\n").encode())
            file.flush()
            os.fsync(file.fileno())

    def prepare(self) -> None:
        """Make the file where there is none; raises OSError where it cannot be written."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.open("ab").close()

    def notes(self) -> Iterator[str]:
        """Give every note, the oldest first; what a crash has left of one may be among them."""
        if not self._path.exists():
            return
        text, lines = "", list[str]()
        with self._path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for line in file:
                if line != "\n":
                    lines.append(line)
                    continue
                block, lines = "".join(lines), []
                if text and block.startswith(SIGNED_BY):
                    yield f"{text}\n{block}"
                text = block

    def _gap(self) -> str:
        """Give what keeps a note apart from one before it that was cut off."""
        with self._path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 2))
            return "" if file.read() in (b"", b"\n\n") else "\n\n"
