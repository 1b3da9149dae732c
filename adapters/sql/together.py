"""Answers the questions of many units at once: each alone is a trip to a server, or half a read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, select

from adapters.sql.apart import prepared_among, set_apart
from adapters.sql.binding import in_lists, is_one_of
from adapters.sql.query import Shape, prepared_together, shaped
from adapters.sql.store import SqlSource, row_reader
from adapters.sql.tables import TABLES
from application.foresight import Question
from application.query import Page, Query
from domain.model import Kind, Record, key_of, marked

MOST_TOGETHER = 16
"""How many lists one statement asks for."""


class NotYet(BaseException):
    """A question was noted, to be asked with those of others; run again when it is answered.

    No exception of a use case's own: what catches those must not catch this.
    """


class Together:
    """The committed records, as a batch of units asks for them.

    A question that was not asked before raises NotYet. `ask` then asks all that came together, and
    the units, which are safe to run twice, find their answers there. Nothing of a batch is written
    before the last of its units has run, so that an answer holds for all of them.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._alone = SqlSource(connection)
        self._answers: dict[Question, Any] = {}
        self._noted: list[Question] = []

    def get(self, kind: type[Kind], key: tuple[Any, ...]) -> Kind | None:
        """Give the record with this key, or None."""
        found: Kind | None = self._answer((kind, key))
        return found

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for."""
        found: Page[Kind] = self._answer((kind, query))
        return found

    def foresee(self, questions: Iterable[Question]) -> None:
        """Ask beforehand what units are going to ask: those who ask no more run only once."""
        self._noted += questions
        self._ask()

    def run_all(self, runs: Iterable[Callable[[], object]]) -> None:
        """Run everything, again and again, until nothing asks what is not answered."""
        left = list(runs)
        while left := [run for run in left if not _is_done(run)]:
            self._ask()

    def _answer(self, question: Question) -> Any:
        found = self._answers.get(question, NotYet)
        if found is NotYet:
            self._noted.append(question)
            raise NotYet
        return found

    def _ask(self) -> None:
        keys: dict[type[Record], list[tuple[Any, ...]]] = defaultdict(list)
        lists: dict[type[Record], list[Query]] = defaultdict(list)
        for kind, asked in self._noted:
            if isinstance(asked, Query):
                lists[kind].append(asked)
            else:
                keys[kind].append(asked)
        self._noted.clear()
        for kind, some in keys.items():
            self._get_all(kind, dict.fromkeys(some))
        for kind, queries in lists.items():
            self._find_alike(kind, dict.fromkeys(self._find_among(kind, queries)))

    def _get_all(self, kind: type[Record], keys: Mapping[tuple[Any, ...], None]) -> None:
        if len(keys) == 1 or len(marked(kind, "identity")) > 1:
            found = {key: self._alone.get(kind, key) for key in keys}
        else:
            found = dict(keys)
            for some in in_lists([key for (key,) in keys]):
                rows = self._connection.execute(_select_some(kind), {"several": some}).all()
                found |= {key_of(record): record for record in map(row_reader(kind), rows)}
        self._answers.update({(kind, key): record for key, record in found.items()})

    def _find_among(self, kind: type[Record], queries: Sequence[Query]) -> list[Query]:
        """Ask queries that differ in one field's value as one; give those that are left."""
        left: list[Query] = []
        apart: dict[tuple[str, Query], dict[Any, Query]] = defaultdict(dict)
        for query in queries:
            if (found := set_apart(TABLES[kind], query)) is None:
                left.append(query)
            else:
                field, value, rest = found
                apart[field, rest][value] = query
        for (field, rest), asked in apart.items():
            for some in in_lists(list(asked)):
                if len(asked) == 1 or not self._has_found(kind, field, rest, some, asked):
                    left += (asked[value] for value in dict.fromkeys(some))
        return left

    def _has_found(
        self,
        kind: type[Record],
        field: str,
        rest: Query,
        values: Sequence[Any],
        asked: Mapping[Any, Query],
    ) -> bool:
        """Answer queries; tell whether that was possible: a value may have too many rows."""
        wider = replace(rest, limit=(rest.limit + 1) * len(values))
        rows = self._connection.execute(*prepared_among(TABLES[kind], field, values, wider)).all()
        if len(rows) > wider.limit:
            return False
        found: dict[Any, list[Record]] = defaultdict(list)
        for record in map(row_reader(kind), rows):
            found[getattr(record, field)].append(record)
        for value in values:
            self._answers[kind, asked[value]] = _page(found[value], rest.limit)
        return True

    def _find_alike(self, kind: type[Record], queries: Iterable[Query]) -> None:
        """Ask queries of one shape with one statement."""
        shapes: dict[Shape, list[Query]] = defaultdict(list)
        for query in queries:
            shapes[shaped(TABLES[kind], query)[0]].append(query)
        for alike in shapes.values():
            for start in range(0, len(alike), MOST_TOGETHER):
                self._find_all(kind, alike[start: start + MOST_TOGETHER])

    def _find_all(self, kind: type[Record], queries: Sequence[Query]) -> None:
        if len(queries) == 1:
            self._answers[kind, queries[0]] = self._alone.find(kind, queries[0])
            return
        found: list[list[Record]] = [[] for _ in queries]
        make = row_reader(kind)
        for place, *row in self._connection.execute(*prepared_together(TABLES[kind], queries)):
            if place < len(found):
                found[place].append(make(row))
        for query, records in zip(queries, found, strict=True):
            self._answers[kind, query] = _page(records, query.limit)


def _page(records: Sequence[Record], limit: int) -> Page[Any]:
    return Page(tuple(records[:limit]), len(records) > limit)


def _is_done(run: Callable[[], object]) -> bool:
    try:
        run()
    except NotYet:
        return False
    return True


@cache
def _select_some(kind: type[Record]) -> Select[Any]:
    table = TABLES[kind]
    (column,) = table.primary_key
    return select(*table.c).where(is_one_of(column))
