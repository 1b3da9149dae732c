"""Records as items: canonical JSON, gzipped above 100 KB, in several items above 350 KB.

The text is the one that the ledger's leaf is the hash of, so that a leaf can be checked by hand.
"""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from adapters.dynamodb.keys import (
    BLOCKS,
    Key,
    block_of,
    log_partition,
    log_sort,
    part_key,
    record_key,
    values_of,
)
from application.audit.canonical import canonical
from application.audit.record import AuditRecord, SealedRecord, plain
from application.errors import Tampered

Item = dict[str, dict[str, Any]]
"""An item as the service takes it: every value under the letter of its type."""

PLAIN_BYTES: Final = 100 * 1024
PART_BYTES: Final = 350 * 1024
ITEM_BYTES: Final = 400 * 1024
"""The most bytes that the service takes for one item, names included."""
MOST_PARTS: Final = 32
FILTERS: Final = ("user_id", "client_id", "action", "outcome", "occurred_at")
"""What pointers tell of their record, so that a question reads only the records that it wants."""

_BODY: TypeAdapter[AuditRecord] = TypeAdapter(AuditRecord)


class TooLarge(ValueError):
    """A record is too large for the table, even compressed and in parts."""


def key_item(key: Key) -> Item:
    """Give a key as an item."""
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def items_of(sealed: SealedRecord) -> tuple[Item, list[Item]]:
    """Give the item that decides whether a record is kept, and the parts to put before it."""
    item = key_item(record_key(sealed.record.id))
    item |= {"log_index": {"N": str(sealed.index)}, "leaf": {"B": sealed.leaf}}
    body = canonical(sealed.record)
    if len(body) <= PLAIN_BYTES:
        return item | {"body": {"S": body.decode()}}, []
    packed = gzip.compress(body, mtime=0)
    pieces = [packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES)]
    if len(pieces) == 1:
        return item | {"packed": {"B": packed}}, []
    if len(pieces) > MOST_PARTS:
        limit = MOST_PARTS * PART_BYTES // 1024
        raise TooLarge(f"audit record {sealed.record.id} is above {limit} KB when compressed")
    keys = part_keys(sealed.record.id, sealed.leaf, len(pieces))
    parts = [key_item(key) | {"packed": {"B": p}} for key, p in zip(keys, pieces, strict=True)]
    return item | {"parts": {"N": str(len(pieces))}}, parts


def part_keys(record_id: UUID, leaf: bytes, count: int) -> list[Key]:
    """Give the places of a record's parts."""
    return [part_key(record_id, leaf, number) for number in range(count)]


def needed(item: Item) -> list[Key]:
    """Give the parts that an item's record needs beside it."""
    if "parts" not in item:
        return []
    count = min(int(item["parts"]["N"]), MOST_PARTS)
    return part_keys(id_of(item), item["leaf"]["B"], count)


def id_of(item: Item) -> UUID:
    """Give the id of the record that an item holds."""
    return UUID(item["PK"]["S"].partition("#")[2])


def same_seal(one: Item, other: Item) -> bool:
    """Tell whether two items state the same log index and the same leaf."""
    return all(one.get(name) == other.get(name) for name in ("log_index", "leaf"))


def sealed_of(item: Item, others: Mapping[Key, Item]) -> SealedRecord:
    """Read a record from its item and the parts that it needs.

    Raises Tampered where they cannot be read, or hold another record than their key says.
    """
    try:
        record = _BODY.validate_json(_body(item, others))
        index, leaf = int(item["log_index"]["N"]), item["leaf"]["B"]
    except (KeyError, ValueError, OSError, EOFError, zlib.error) as error:
        raise Tampered(f"the item {item['PK']['S']} in DynamoDB cannot be read") from error
    if record.id != id_of(item):
        raise Tampered(f"the item {item['PK']['S']} in DynamoDB holds the record {record.id}")
    return SealedRecord(index, leaf, record)


def _body(item: Item, others: Mapping[Key, Item]) -> str | bytes:
    if "body" in item:
        return str(item["body"]["S"])
    pieces = [others[key] for key in needed(item)] or [item]
    return gzip.decompress(b"".join(piece["packed"]["B"] for piece in pieces))


def pointers_of(sealed: SealedRecord) -> Iterator[Item]:
    """Give the pointers to a record, and the list entries of the buckets that they are in."""
    record = sealed.record
    block = block_of(sealed.index)
    yield key_item((BLOCKS, block))
    yield key_item((log_partition(block), log_sort(sealed.index, record.id)))
    told = {name: plain(getattr(record, name)) for name in FILTERS}
    facts = {name: {"S": str(value)} for name, value in told.items() if value is not None}
    for index, value in values_of(record):
        yield key_item((index.partition(value, record), str(record.id))) | facts
        if index.digits:
            yield key_item((index.directory(value), index.bucket(record)))


def key_of_item(item: Item) -> Key:
    """Give an item's key."""
    return item["PK"]["S"], item["SK"]["S"]


def check_size(item: Item) -> None:
    """Raise TooLarge where the service would refuse an item, as not every server does."""
    size = sum(len(name.encode()) + _size(*value.items()) for name, value in item.items())
    if size > ITEM_BYTES:
        raise TooLarge(f"the item {item['PK']['S']} has {size} bytes, above {ITEM_BYTES}")


def _size(typed: tuple[str, Any]) -> int:
    letter, value = typed
    if letter == "B":
        return len(value)
    return len(value.encode()) if letter == "S" else 21


def index_in(pointer: Item) -> int:
    """Give the log index that a pointer of the log stands for."""
    return int(pointer["SK"]["S"].partition("#")[0])


def id_in(pointer: Item) -> UUID:
    """Give the id of the record that a pointer leads to."""
    return UUID(pointer["SK"]["S"].rpartition("#")[2])
