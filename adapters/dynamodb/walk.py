"""Walks along pointers in order of id, reading no more of them than the answer takes."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from uuid import UUID

from adapters.dynamodb.calls import Calls, Found, Stretch
from adapters.dynamodb.items import id_in
from adapters.dynamodb.keys import STRAY, time_at
from adapters.dynamodb.questions import Bounds, Question

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
        if bounds[0] > bounds[1]:
            return
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
        for item in self._calls.items(listed, self._until):
            yield item["SK"]["S"]

    def _in_partitions(self, partitions: Sequence[str], bounds: Bounds) -> Iterator[UUID]:
        stretches = [self._stretch(partition, bounds) for partition in partitions]
        firsts = self._calls.first_pages(stretches, self._until)
        pages = zip(stretches, firsts, strict=True)
        yield from self._merged([self._found(stretch, first) for stretch, first in pages])

    def _stretch(self, partition: str, bounds: Bounds) -> Stretch:
        low, high = bounds
        return Stretch(
            partition=partition,
            low=str(low),
            high=str(high),
            descending=self._question.descending,
            size=self._question.size,
            only=self._question.only,
        )

    def _found(self, stretch: Stretch, first: Found) -> Iterator[UUID]:
        return map(id_in, self._calls.items(stretch, self._until, first))

    def _merged(self, streams: Iterable[Iterator[UUID]]) -> Iterator[UUID]:
        return iter(heapq.merge(*streams, reverse=self._question.descending))
