"""Leaves straight from the driver's values, at a fraction of the cost of reading the records.

The text that is hashed here tells apart any two rows that read differently: texts and numbers are
written as what they are, and JSON only counts where it is as long as its canonical form, which
spaces, names that stand twice and other spellings of a value are not. So where the hash is the
leaf, the row reads as the record that was sealed. Where it is not, nothing is said: floats and
rare names come out otherwise here, and the caller has to read the record.

To be sealed, the long texts of a row are taken as they stand where they begin as this service
writes them, in canonical JSON: to read them costs more than all the rest. Whoever has put another
text there gets a seal that no record has: what a record is verified by is canonical, and in that
nothing stands twice, in another place or in another way. So it will be found to be altered.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from json import JSONDecoder, JSONEncoder
from json.encoder import encode_basestring
from typing import Any, NoReturn

from adapters.sql.changes import IN_ORDER
from adapters.sql.tables import audit_record
from application.audit.canonical import LEAF
from application.audit.record import Change, Operation, Outcome
from application.caller import Proof

UTC = "+00:00"
TIME_LENGTH = len("2026-11-23T17:00:00.123456") + len(UTC)

_SORTED_OTHERWISE = re.compile("[\ue000-\U0010ffff]")
"""What stands elsewhere in the order of RFC 8785 than in that of code points."""

_CHANGE: Mapping[str, type[Any]] = {field.name: str for field in fields(Change)} | {
    "version": int, "fields": dict
}

_TEXTS = frozenset({str})
_OPERATIONS = frozenset(operation.value for operation in Operation)

_encode = JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode


def _refuse(_text: str) -> NoReturn:
    raise ValueError("a float has many spellings")


_decode = JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode

_Write = Callable[[Any], str]


def _scalar(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if kind is int:
        return repr(value)
    raise TypeError("no column holds such a value")


def _guid(value: bytes) -> str:
    text = value.hex()
    return f'"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"'


def _time(value: str | datetime) -> str:
    if isinstance(value, datetime):
        # Oracle's driver gives UTC without saying so.
        value = f"{value.isoformat(timespec='microseconds')}{UTC}"
    if len(value) != TIME_LENGTH or not value.endswith(UTC):
        raise ValueError("another form of time")
    return encode_basestring(value[: -len(UTC)] + "Z")


def _one_of(words: type[StrEnum]) -> _Write:
    """Give what writes one of some words, or none; what is no such word no record holds."""
    spelled = {word.value: encode_basestring(word.value) for word in words}

    def write(value: str | None) -> str:
        found = "null" if value is None else spelled.get(value)
        if found is None:
            raise ValueError("no such word")
        return found

    return write


def _list(text: str) -> str:
    entities = _decode(text)
    if not _TEXTS.issuperset(map(type, entities)):
        raise ValueError("no entity is named so")
    return _exact(text, entities, list)


def _changes(text: str) -> str:
    changes = _decode(text)
    for change in changes:
        members = {name: type(value) for name, value in change.items()}
        if members != _CHANGE or change["operation"] not in _OPERATIONS:
            raise ValueError("no change has such members")
    return _exact(text, changes, list)


def _standing_list(text: str) -> str:
    return text if text.startswith("[") else _list(text)


def _standing_changes(text: str) -> str:
    return text if text.startswith(IN_ORDER) else _changes(text)


def _object(text: str | None) -> str:
    return "null" if text is None else _exact(text, _decode(text), dict)


def _exact(text: str, value: Any, kind: type[Any]) -> str:
    canonical = _encode(value)
    if not isinstance(value, kind) or len(canonical) != len(text):
        raise ValueError("another spelling")
    return canonical


_WRITE: Mapping[str, _Write] = {
    "id": _guid, "occurred_at": _time, "outcome": _one_of(Outcome), "proof": _one_of(Proof),
    "changes": _changes, "entities": _list, "filters": _object,
}
_NAMES = sorted(audit_record.c.keys())
_TEXT = "{" + ",".join(f'"{name}":%s' for name in _NAMES) + "}"


def _writers(write: Mapping[str, _Write]) -> list[tuple[_Write, int]]:
    columns = audit_record.c.keys()
    return [(write.get(name, _scalar), columns.index(name)) for name in _NAMES]


_READ = _writers(_WRITE)
_STANDING = _writers({**_WRITE, "changes": _standing_changes, "entities": _standing_list})


def leaf_of(row: Sequence[Any]) -> bytes | None:
    """Give the leaf of a row of audit_record as the driver gives it; None in any doubt.

    Where it is not the leaf that is looked for, nothing is said: rare names are sorted otherwise.
    """
    text = _text_of(row, _READ)
    return None if text is None else _hash(text)


def certain_leaf_of(row: Sequence[Any]) -> bytes | None:
    """Give the leaf of the record that such a row reads as; None in any doubt.

    Where its changes or entities only begin as canonical JSON does, the leaf is of no record.
    """
    text = _text_of(row, _STANDING)
    if text is None or (not text.isascii() and _SORTED_OTHERWISE.search(text)):
        return None
    return _hash(text)


def _text_of(row: Sequence[Any], writers: Iterable[tuple[_Write, int]]) -> str | None:
    try:
        values = [write(row[place]) for write, place in writers]
        return _TEXT % tuple(values)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _hash(text: str) -> bytes | None:
    try:
        return sha256(LEAF + text.encode()).digest()
    except ValueError:
        return None
