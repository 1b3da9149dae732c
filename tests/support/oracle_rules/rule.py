"""What a rule about statements is, and how long and how many things may be."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.oracle_rules.text import Statement

LONGEST_NAME = 30
LONGEST_LIST = 1_000
MOST_BINDS = 65_535
LONGEST_TEXT = 4_000
LONGEST_RAW = 2_000

COMPARISONS = frozenset({"=", "<", ">", "<=", ">=", "!=", "<>", "^="})

Broken = Callable[[Statement], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that no statement of ours may do."""

    name: str
    reason: str
    """What Oracle does about it, with the code of its error."""
    broken: Broken
    until: int | None = None
    """The release that takes it, if any does."""

    @property
    def fails(self) -> bool:
        """Whether Oracle refuses the statement itself, rather than answer otherwise than SQLite
        does, or keep a cursor for every value."""
        return "(no error)" not in self.reason and "in the end)" not in self.reason

    def applies(self, release: int) -> bool:
        """Tell whether a release minds."""
        return self.until is None or release < self.until
