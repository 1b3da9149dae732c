"""Where the code sends statements: what the source says, and what is seen as it runs."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, Executable, event

from tests.support.emitted import Emitted

ROOT = Path(__file__).parents[3]
SENDERS = ROOT / "adapters" / "sql"
CALLS = {"execute", "scalars", "scalar", "exec_driver_sql", "executemany"}


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A call that sends a statement."""

    path: str
    """As "adapters/sql/journal.py"."""
    first: int
    last: int
    sends: str
    """What it sends, as the source says it."""

    def covers(self, path: str, line: int) -> bool:
        """Tell whether a line belongs to it."""
        return path == self.path and self.first <= line <= self.last


def sites(of: str = "any database") -> list[Site]:
    """Give every call in adapters/sql that sends a statement to `of`: "any database", which every
    one may be, "Oracle" or "SQLite"."""
    return sorted(
        site
        for path in SENDERS.rglob("*.py")
        if "migrations" not in path.parts and _for(path) == of
        for site in sites_of(path.relative_to(ROOT).as_posix(), path.read_text())
    )


def sites_of(path: str, source: str) -> Iterator[Site]:
    """Give the calls in a module that send a statement."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            # Without arguments it is a result that is read.
            if node.func.attr in CALLS and node.args:
                last = node.end_lineno or node.lineno
                yield Site(path, node.lineno, last, ast.unparse(node.args[0]))


def _for(path: Path) -> str:
    inside = path.relative_to(SENDERS).as_posix()
    if "sqlite" in inside:
        return "SQLite"
    return "Oracle" if "oracle" in inside else "any database"


@dataclass
class Recorder:
    """Notes what is sent from adapters/sql, and from which line."""

    emitted: list[Emitted] = field(default_factory=list)
    driven: list[tuple[str, str]] = field(default_factory=list)
    """Texts that go to the driver as they are, each behind its site."""
    lines: set[tuple[str, int]] = field(default_factory=set)

    def listen(self, engine: Engine) -> None:
        """Note what goes through an engine."""
        event.listen(engine, "before_execute", self._note)
        event.listen(engine, "before_cursor_execute", self._note_text)

    def has_seen(self, site: Site) -> bool:
        """Tell whether something was sent from there."""
        return any(site.covers(path, line) for path, line in self.lines)

    def _note(
        self, _connection: Connection, statement: Executable, many: Any, one: Any, _options: Any
    ) -> None:
        if (site := self._site()) is not None:
            self.emitted.append(Emitted(site, statement, many or one or None))

    def _note_text(
        self, _connection: Any, _cursor: Any, text: str, _rows: Any, context: Any, _many: bool
    ) -> None:
        if context is not None and context.compiled is None:
            if (site := self._site()) is not None:
                self.driven.append((site, text))

    def _site(self) -> str | None:
        frame = _sender(sys._getframe(2))  # pylint: disable=protected-access  # who calls
        if frame is None or "sqlite" in frame.f_code.co_filename:
            return None
        path = Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()
        self.lines.add((path, frame.f_lineno))
        return f"{path} {frame.f_code.co_qualname.partition('.<locals>')[0]}"


def _sender(frame: FrameType | None) -> FrameType | None:
    """Give the innermost frame in adapters/sql."""
    while frame is not None and not frame.f_code.co_filename.startswith(f"{SENDERS}/"):
        frame = frame.f_back
    return frame
