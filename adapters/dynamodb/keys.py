"""Where a record stands in the table, and where the pointers stand that lead to it.

Records are found by pointers that we write, not by global secondary indexes, because

- a record has several entities, and an index gives an item one place only;
- an index follows its table late: a record that the journal has let go must be found at once,
  and a verifier must not take an index's delay for a removal. Pointers are read consistently;
- an index that is throttled holds up the table, and costs the same writes.

A pointer is made from its record alone and never changes, so putting it again does no harm.
The record decides: it is put first and on condition that its id is new.

Pointers to what many records share (a client, an action, an hour) are spread over 16 shards,
as a partition takes 1,000 writes a second. Those that go on for years are in buckets, a month
or an hour by the time in the record's id, so that reading goes bucket by bucket in order of id.
A record whose id is of another time than it says has its pointers in the bucket `stray`, which
every question reads too. The table keeps a list of the buckets in use of each value.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Final
from uuid import UUID

from application.audit.record import AuditRecord, plain
from application.audit.trail import APART

Key = tuple[str, str]
"""Partition key and sort key."""

MAIN: Final = "main"
STRAY: Final = "stray"
SHARDS: Final = 16
BLOCK: Final = 100
"""Log indexes in one partition; the next hundred stand in another, so no partition is hot."""
BLOCKS: Final = "buckets#log"
"""The partition that lists the blocks in use."""
MONTH, HOUR = len("yyyymm"), len("yyyymmddhh")
_LONGEST = 1000
"""Bytes of a value that stand in a key; a longer one is replaced by its digest."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Index:
    """How the pointers to records that share a value are laid out."""

    field: str
    digits: int = 0
    """How much of yyyymmddhh names a bucket; none where there are no buckets."""
    shards: int = 1

    def term(self, value: str) -> str:
        """Give what partitions of a value begin with."""
        if len(value.encode()) > _LONGEST:
            value = f"sha256:{sha256(value.encode()).hexdigest()}"
        return f"{self.field}#{value}"

    def partition(self, value: str, record: AuditRecord) -> str:
        """Give the partition that points to a record."""
        if not self.digits:
            return self.term(value)
        choices = self.partitions(value, self.bucket(record))
        return choices[zlib.crc32(record.id.bytes) % len(choices)]

    def partitions(self, value: str, bucket: str) -> list[str]:
        """Give the partitions of a bucket."""
        if bucket == STRAY:
            return [f"{self.term(value)}#{STRAY}"]
        return [f"{self.term(value)}#{bucket}#{shard:02}" for shard in range(self.shards)]

    def bucket(self, record: AuditRecord) -> str:
        """Name the bucket of a record."""
        made_at = time_in(record.id)
        if made_at is None or abs(made_at - record.occurred_at) > APART:
            return STRAY
        return self.bucket_at(made_at)

    def bucket_at(self, time: datetime) -> str:
        """Name the bucket of a time."""
        return time.strftime("%Y%m%d%H")[: self.digits]

    def directory(self, value: str) -> str:
        """Give the partition that lists the buckets in use of a value."""
        return f"buckets#{self.term(value)}"


EVERY: Final = Index("time", HOUR, SHARDS)
"""Points to all records, by the hour; its value is empty."""

INDEXES: Final = (
    Index("entities"),
    Index("request_id"),
    Index("user_id", MONTH),
    Index("action", MONTH, SHARDS),
    Index("client_id", MONTH, SHARDS),
    Index("outcome", MONTH, SHARDS),
)
"""What a question can name, from few records to many."""


def record_key(record_id: UUID) -> Key:
    """Give the place of a record: the item that decides whether it is kept."""
    return f"record#{record_id}", MAIN


def part_key(record_id: UUID, leaf: bytes, number: int) -> Key:
    """Give the place of a part of a large body.

    It names the leaf, so that another record under the same id cannot overwrite it.
    """
    return f"record#{record_id}", f"part#{leaf.hex()}#{number:04}"


def block_of(index: int) -> str:
    """Name the block of a log index."""
    return f"{index // BLOCK:013}"


def log_partition(block: str) -> str:
    """Give the partition that points to the records of a block."""
    return f"log#{block}"


def log_sort(index: int, record_id: UUID) -> str:
    """Give a log pointer's sort key: two records that claim one index stand side by side."""
    return f"{index:015}#{record_id}"


def values_of(record: AuditRecord) -> Iterator[tuple[Index, str]]:
    """Give what leads to a record."""
    yield EVERY, ""
    for index in INDEXES:
        held = getattr(record, index.field)
        for value in held if isinstance(held, tuple) else (held,):
            if value is not None:
                yield index, str(plain(value))


def time_in(record_id: UUID) -> datetime | None:
    """Give the time that a UUIDv7 carries; None for any other id."""
    return time_at(record_id) if record_id.version == 7 else None


def time_at(position: UUID) -> datetime | None:
    """Give the time at which a UUIDv7 would stand where an id does; None for none."""
    try:
        return _EPOCH + timedelta(milliseconds=position.int >> 80)
    except OverflowError:
        return None
