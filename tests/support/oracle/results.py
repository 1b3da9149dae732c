"""The rows of a query, in the portions in which the driver fetches them."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.oracle.rows import Convert
from tests.support.oracle.sources import Selected
from tests.support.oracle.statements import Statement
from tests.support.oracle.trips import RoundTrip

Row = tuple[Any, ...]

Fetch = Callable[[Callable[[RoundTrip], None]], None]
"""Makes the round trip of a fetch, in which something is done."""


class ResultSet:
    """What the server has found, and what of it has reached the driver."""

    def __init__(self, statement: Statement) -> None:
        self.description = [described(each) for each in statement.selected]
        self.converts: Sequence[Convert] = ()
        self._no_prefetch = statement.has_lobs
        self._found: deque[Sequence[Any]] = deque()
        self._here = 0
        self._more = False

    def executed(self, trip: RoundTrip, found: Sequence[Sequence[Any]], prefetch: int) -> None:
        """Take what comes with the execution: of a query with CLOBs nothing does."""
        at_once = 0 if self._no_prefetch else prefetch
        self._found = deque(found)
        self._here = trip.rows = min(at_once, len(found))
        # Fewer rows than were asked for tell the driver that there are no others.
        self._more = len(found) >= at_once

    def next(self, arraysize: int, fetch: Fetch) -> Row | None:
        """Give the next row, which may take a round trip, or None."""
        if self._here == 0 and self._more:
            fetch(lambda trip: self._fetched(trip, arraysize))
        if self._here == 0:
            return None
        self._here -= 1
        row = self._found.popleft()
        return tuple(of(value) for of, value in zip(self.converts, row, strict=True))

    def _fetched(self, trip: RoundTrip, arraysize: int) -> None:
        self._here = trip.rows = min(arraysize, len(self._found))
        self._more = self._here == arraysize


def described(each: Selected) -> Row:
    """Describe a column as the driver does: name, type, size, precision, scale, nullable."""
    column = each.column
    precision, scale = {
        "NUMBER": (column.size, column.scale if column.size else -127), "TIMESTAMP": (0, 6)
    }.get(column.of, (0, 0))
    size = column.size if column.of in ("VARCHAR2", "RAW") else 0
    return each.name, column.described, size, None, precision, scale, column.nullable
