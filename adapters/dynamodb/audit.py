"""The trail in DynamoDB."""

import random
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice
from time import monotonic
from typing import Final
from uuid import UUID

from adapters.dynamodb.calls import Calls, Stretch
from adapters.dynamodb.items import (
    Item,
    id_in,
    index_in,
    items_of,
    key_of_item,
    needed,
    pointers_of,
    same_seal,
    sealed_of,
)
from adapters.dynamodb.keys import BLOCKS, Key, block_of, log_partition, record_key
from adapters.dynamodb.questions import question_of
from adapters.dynamodb.retries import reporting
from adapters.dynamodb.walk import Walk
from adapters.dynamodb.wire import Untrusted, Wire
from application.audit.record import AuditRecord, SealedRecord
from application.audit.trail import no_links
from application.errors import Tampered
from application.query import Page, Query, meets

BATCH: Final = 500
"""The records that are delivered under one deadline."""
_THREADS = 16
_AT_ONCE = 100
_MOST_REMEMBERED = 20_000


class DynamoDbAuditSink:
    """Keeps audit records in one DynamoDB table.

    Credentials come from where boto3 finds them. Every call, and of `deliver` and `scan` every
    batch, ends within `deadline` seconds, whatever the network does; it raises Unavailable
    where the table was not read or written by then. What `deliver` has kept until it raises
    stays, and delivering again completes it.
    """

    def __init__(
        self, table: str, *, region: str, endpoint: str | None = None, deadline: float = 10.0
    ) -> None:
        wire = Wire(
            region=region, endpoint=endpoint, connections=_THREADS, read_seconds=deadline
        )
        self._calls = Calls(wire, table, _THREADS)
        self._deadline = deadline
        self._listed: OrderedDict[Key, None] = OrderedDict()

    def deliver(self, sealed: Sequence[SealedRecord]) -> None:
        """Keep records, in order; those it has already are left alone.

        Raises Tampered where it has another record, or another seal, under the same id (the
        others of the batch are kept nevertheless) or another record at the same place in the
        log (none of the batch is kept). Raises TooLarge for what cannot be kept.
        """
        for at in range(0, len(sealed), BATCH):
            with reporting():
                self._deliver(sealed[at : at + BATCH], monotonic() + self._deadline)

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail."""
        until = monotonic() + self._deadline
        found: list[AuditRecord] = []
        with reporting():
            ids = Walk(self._calls, question_of(query), until).ids()
            while len(found) <= query.limit:
                some = list(islice(ids, min(query.limit + 1, _AT_ONCE)))
                if not some:
                    break
                records = (sealed.record for sealed in self._read(some, until))
                found += [record for record in records if meets(record, query.clauses, no_links)]
        return Page(tuple(found[: query.limit]), len(found) > query.limit)

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""
        with reporting():
            found = self._read([record_id], monotonic() + self._deadline)
        return found[0].record if found else None

    def scan(self, start: int, stop: int) -> Iterator[SealedRecord]:
        """Give the records whose log index is from `start` to before `stop`, in order.

        Missing indexes are left out; that is for the verifier to notice.
        """
        for block in self._blocks(start, stop) if start < stop else ():
            with reporting():
                until = monotonic() + self._deadline
                ids = [id_in(pointer) for pointer in self._log(block, until)]
                found = self._read(ids, until)
            here = [s for s in found if start <= s.index < stop and block_of(s.index) == block]
            yield from sorted(here, key=lambda sealed: sealed.index)

    def close(self) -> None:
        """End what runs and close the connections."""
        self._calls.close()

    def _deliver(self, sealed: Sequence[SealedRecord], until: float) -> None:
        self._check_places(sealed, until)
        items = [items_of(each) for each in sealed]
        parts = [partial(self._calls.put, part) for _, others in items for part in others]
        self._calls.together(parts, until)
        keeping = [partial(self._keep, item) for item, _ in items]
        faults = self._calls.together(keeping, until)
        kept = [each for each, fault in zip(sealed, faults, strict=True) if fault is None]
        self._point_to(kept, until)
        self._read_back([item for (item, _), f in zip(items, faults, strict=True) if not f], until)
        for fault in faults:
            if fault is not None:
                raise fault

    def _check_places(self, sealed: Sequence[SealedRecord], until: float) -> None:
        """Raise Tampered where a place in the log is another record's."""
        blocks = sorted({block_of(each.index) for each in sealed})
        found = chain.from_iterable(self._log(block, until) for block in blocks)
        taken = {index_in(pointer): id_in(pointer) for pointer in found}
        for each in sealed:
            if taken.setdefault(each.index, each.record.id) != each.record.id:
                raise Tampered(f"DynamoDB holds another record at log index {each.index}")

    def _keep(self, item: Item, until: float) -> Tampered | None:
        """Put a record's item; where one stands there, give the fault of another seal."""
        while not self._calls.put_new(item, until):
            held = self._calls.get_here(key_of_item(item), until)
            if held is not None:
                return None if same_seal(held, item) else _fault(item)
        return None

    def _point_to(self, sealed: Sequence[SealedRecord], until: float) -> None:
        items = {key_of_item(i): i for each in sealed for i in pointers_of(each)}
        fresh = {key: item for key, item in items.items() if key not in self._listed}
        self._calls.put_all(list(fresh.values()), until)
        self._listed.update((key, None) for key in fresh if key[0].startswith("buckets#"))
        while len(self._listed) > _MOST_REMEMBERED:
            self._listed.popitem(last=False)

    def _read_back(self, items: Sequence[Item], until: float) -> None:
        """Raise Untrusted where an item taken at random is not there after all."""
        for item in random.sample(items, min(len(items), 1)):
            key = key_of_item(item)
            held = self._calls.get_all([key], until).get(key)
            if held is None or not same_seal(held, item):
                raise Untrusted("a record is not there that the table said it took")

    def _read(self, ids: Sequence[UUID], until: float) -> list[SealedRecord]:
        """Give the records with these ids, in their order; those that are gone are left out."""
        keys = [record_key(each) for each in ids]
        items = self._calls.get_all(keys, until)
        found = [items[key] for key in keys if key in items]
        parts = self._calls.get_all([key for item in found for key in needed(item)], until)
        return [sealed_of(item, parts) for item in found]

    def _blocks(self, start: int, stop: int) -> Iterator[str]:
        """Name the blocks of the log that are in use, as long as they are asked for."""
        low: str | None = block_of(start)
        while low is not None:
            listed = Stretch(partition=BLOCKS, low=low, high=block_of(stop - 1))
            with reporting():
                until = monotonic() + self._deadline
                ((entries, more),) = self._calls.first_pages([listed], until)
            names = [entry["SK"]["S"] for entry in entries]
            yield from names
            low = f"{names[-1]}~" if more else None

    def _log(self, block: str, until: float) -> Iterator[Item]:
        """Give the pointers of a block."""
        pointers = Stretch(partition=log_partition(block), low="0", high="9~")
        return self._calls.items(pointers, until)


def _fault(item: Item) -> Tampered:
    return Tampered(
        f"DynamoDB holds another record, or another seal, under {item['PK']['S']}, "
        f"which is log index {item['log_index']['N']} in the ledger"
    )
