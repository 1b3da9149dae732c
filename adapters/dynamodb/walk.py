"""Walks along pointers in order of id, reading no more of them than the answer takes."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from uuid import UUID

from adapters.dynamodb.calls import Calls, Start, Stretch
from adapters.dynamodb.items import Item, ids_in
from adapters.dynamodb.keys import STRAY, time_at
from adapters.dynamodb.questions import Bounds, Question

_LARGEST_PAGE = 1000
_BUCKETS_AT_ONCE = 50


class Walk:
    """One question's walk; it ends by `until`."""

    def __init__(self, calls: Calls, question: Question, until: float) -> None:
        self._calls = calls
        self._question = question
        self._until = until

    def ids(self) -> Iterator[UUID]:
        """Give the ids of the records that may be the answer, in its order, each once."""
        streams = [s for value in self._question.values for s in self._streams(value)]
        return (each for each, _ in groupby(self._merged(streams)))

    def _streams(self, value: str) -> list[Iterator[UUID]]:
        index, bounds = self._question.index, self._question.bounds
        if not index.digits:
            return [self._in_partitions([index.term(value)], bounds)]
        strays = index.partitions(value, STRAY)
        return [self._in_buckets(value), self._in_partitions(strays, bounds)]

    def _in_buckets(self, value: str) -> Iterator[UUID]:
        index, bounds = self._question.index, self._question.bounds_in_buckets
        for bucket in self._buckets(value):
            yield from self._in_partitions(index.partitions(value, bucket), bounds)

    def _buckets(self, value: str) -> Iterator[str]:
        index = self._question.index
        low, high = (time_at(bound) for bound in self._question.bounds_in_buckets)
        listed = Stretch(
            partition=index.directory(value),
            low=index.bucket_at(low) if low else "0",
            high=index.bucket_at(high) if high else "9" * index.digits,
            descending=self._question.descending,
            size=_BUCKETS_AT_ONCE,
        )
        for item in self._rest(listed, *self._first([listed])[0]):
            yield item["SK"]["S"]

    def _in_partitions(self, partitions: Sequence[str], bounds: Bounds) -> Iterator[UUID]:
        low, high = bounds
        if low > high:
            return
        stretches = [self._stretch(partition, low, high) for partition in partitions]
        firsts = self._first(stretches)
        yield from self._merged(
            [self._found(s, *first) for s, first in zip(stretches, firsts, strict=True)]
        )

    def _stretch(self, partition: str, low: UUID, high: UUID) -> Stretch:
        return Stretch(
            partition=partition,
            low=str(low),
            high=str(high),
            descending=self._question.descending,
            size=self._question.size,
            only=self._question.only,
        )

    def _found(self, stretch: Stretch, items: list[Item], start: Start) -> Iterator[UUID]:
        for item in self._rest(stretch, items, start):
            yield from ids_in([item])

    def _merged(self, streams: Iterable[Iterator[UUID]]) -> Iterator[UUID]:
        return iter(heapq.merge(*streams, reverse=self._question.descending))

    def _first(self, stretches: Sequence[Stretch]) -> list[tuple[list[Item], Start]]:
        pages = [partial(self._calls.page, stretch, None) for stretch in stretches]
        return self._calls.together(pages, self._until)

    def _rest(self, stretch: Stretch, items: list[Item], start: Start) -> Iterator[Item]:
        """Give the items of a first page and of those that follow, which grow."""
        yield from items
        while start is not None:
            stretch = replace(stretch, size=min(stretch.size * 4, _LARGEST_PAGE))
            page = partial(self._calls.page, stretch, start)
            ((items, start),) = self._calls.together([page], self._until)
            yield from items
