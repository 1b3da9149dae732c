"""The calls in use: four of them, in batches that the service takes, done together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, count
from time import monotonic
from typing import Any, Final, Protocol, TypeVar

from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it has no types

from adapters.dynamodb.items import Item, check_size, key_item, key_of_item
from adapters.dynamodb.keys import Key
from adapters.dynamodb.retries import believed, pause, persist
from adapters.dynamodb.wire import Late, Wire

R = TypeVar("R")
T = TypeVar("T")

MOST_WRITTEN: Final = 25
MOST_READ: Final = 100
"""The items that one BatchWriteItem and one BatchGetItem take; not every server says so."""

_LARGEST_PAGE = 1000


class Client(Protocol):
    """What we use of boto3's client; every call takes the parameters of the service's API."""

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Put one item."""

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        """Put up to 25 items."""

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """Get up to 100 items."""

    def query(self, **request: Any) -> dict[str, Any]:
        """Get items of one partition in the order of their sort keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of one partition, between two sort keys, both included."""

    partition: str
    low: str
    high: str
    descending: bool = False
    size: int = _LARGEST_PAGE
    """How many items the first page reads."""
    only: Mapping[str, Any] = field(default_factory=dict)
    """FilterExpression and its names and values."""


Start = dict[str, Any] | None
Found = tuple[list[Item], Start]
"""A page, and where the next one begins."""


class Calls:
    """One table's items.

    Every method ends by `until` (in the time of `monotonic`) and raises Late, or what makes
    another try useless; `reporting` makes Unavailable of both.
    """

    def __init__(self, wire: Wire, table: str, threads: int) -> None:
        self._wire = wire
        self._client: Client = wire.client
        self._table = table
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dynamodb")

    def together(self, work: Sequence[Callable[[float], R]], until: float) -> list[R]:
        """Do several things at once; raises the first fault among them."""
        running = [self._threads.submit(self._wire.run, until, partial(w, until)) for w in work]
        waiting = wait(running, max(until - monotonic(), 0)).not_done
        if waiting:
            for one in waiting:
                one.cancel()
            raise Late from self._wire.cut_late()
        return [one.result() for one in running]

    def put_new(self, item: Item, until: float) -> bool:
        """Put an item; False where one with its key stands there already, whoever put it."""
        check_size(item)
        try:
            self._put(item, until, ConditionExpression="attribute_not_exists(PK)")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def put(self, item: Item, until: float) -> None:
        """Put an item that is always the same under its key."""
        check_size(item)
        self._put(item, until)

    def put_all(self, items: Sequence[Item], until: float) -> None:
        """Put items that are always the same under their keys, in batches, together."""
        unique = list({key_of_item(item): item for item in items}.values())
        for item in unique:
            check_size(item)
        self.together([partial(self._put_batch, b) for b in _slices(unique, MOST_WRITTEN)], until)

    def get_all(self, keys: Sequence[Key], until: float) -> dict[Key, Item]:
        """Give the items under keys, as far as there are any."""
        unique = list(dict.fromkeys(keys))
        batches = [partial(self._get_batch, batch) for batch in _slices(unique, MOST_READ)]
        found = chain.from_iterable(self.together(batches, until))
        return {key_of_item(item): item for item in found}

    def get_here(self, key: Key, until: float) -> Item | None:
        """Give the item under a key, within work that is done by `together`."""
        return next(iter(self._get_batch([key], until)), None)

    def first_pages(self, stretches: Sequence[Stretch], until: float) -> list[Found]:
        """Give the first page of each stretch."""
        return self.together([partial(self._page, each, None) for each in stretches], until)

    def items(self, stretch: Stretch, until: float, first: Found | None = None) -> Iterator[Item]:
        """Give the items of a stretch as far as they are asked for, by pages that grow."""
        some, start = first or self.first_pages([stretch], until)[0]
        yield from some
        while start is not None:
            stretch = replace(stretch, size=min(stretch.size * 4, _LARGEST_PAGE))
            page = partial(self._page, stretch, start)
            ((some, start),) = self.together([page], until)
            yield from some

    def ask(self, operation: str, until: float, **request: Any) -> dict[str, Any]:
        """Ask something of the table as a whole."""
        call: Callable[[], dict[str, Any]] = partial(
            getattr(self._client, operation), TableName=self._table, **request
        )
        (answer,) = self.together([lambda _: persist(call, until)], until)
        return answer

    def close(self) -> None:
        """Cut the calls that run and end the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._wire.close()

    def _page(self, stretch: Stretch, start: Start, until: float) -> Found:
        request = _query_of(stretch) | ({} if start is None else {"ExclusiveStartKey": start})
        query = partial(self._client.query, TableName=self._table, **request)
        answer = persist(partial(believed, query, "Items"), until)
        return answer["Items"], answer.get("LastEvaluatedKey")

    def _put(self, item: Item, until: float, **condition: str) -> None:
        put = partial(self._client.put_item, TableName=self._table, Item=item, **condition)
        persist(partial(believed, put), until)

    def _put_batch(self, items: list[Item], until: float) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in items]
        self._exhaust(self._client.batch_write_item, requests, "UnprocessedItems", until)

    def _get_batch(self, keys: list[Key], until: float) -> list[Item]:
        wanted = {"Keys": [key_item(key) for key in keys], "ConsistentRead": True}
        answers = self._exhaust(self._client.batch_get_item, wanted, "UnprocessedKeys", until)
        return [item for a in answers for item in chain(*a["Responses"].values())]

    def _exhaust(
        self, call: Callable[..., dict[str, Any]], wanted: Any, left: str, until: float
    ) -> list[dict[str, Any]]:
        """Send a batch, and what is left of it again, until nothing is."""
        answers = []
        for attempt in count():
            batch = partial(call, RequestItems={self._table: wanted})
            answer = persist(partial(believed, batch, left), until)
            answers.append(answer)
            if not answer[left]:
                break
            wanted = next(iter(answer[left].values()))
            pause(attempt, until)
        return answers


def _query_of(stretch: Stretch) -> dict[str, Any]:
    only = dict(stretch.only)
    values = {":p": {"S": stretch.partition}, ":l": {"S": stretch.low}, ":h": {"S": stretch.high}}
    values |= only.pop("ExpressionAttributeValues", {})
    return only | {
        "KeyConditionExpression": "PK = :p AND SK BETWEEN :l AND :h",
        "ExpressionAttributeValues": values,
        "ScanIndexForward": not stretch.descending,
        "ConsistentRead": True,
        "Limit": stretch.size,
    }


def _slices(items: list[T], size: int) -> list[list[T]]:
    return [items[at : at + size] for at in range(0, len(items), size)]
