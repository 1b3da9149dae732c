"""An audit record as canonical JSON (RFC 8785), and its leaf in the ledger."""

import re
from decimal import Decimal
from hashlib import sha256
from itertools import chain
from json import JSONEncoder
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from application.audit.record import AuditRecord, Change, plain

LEAF = b"\x00"
"""What stands before a leaf's bytes when they are hashed (RFC 6962, section 2.1)."""

_ENCODE = JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode
"""Canonical but for floats, and for names that UTF-16 sorts otherwise than code points do."""

_SORTED_OTHERWISE = re.compile("[\ue000-\U0010ffff]")
_ORDINARY = frozenset({str, int, bool, type(None)})
_NAME = frozenset({str})
_FLAT = frozenset({dict})


def canonical(record: AuditRecord) -> bytes:
    """Give the one text of a record, in UTF-8: equal records give equal bytes.

    Floats are written as ECMAScript writes them. Integers keep all their digits: RFC 8785 knows
    none beyond 2^53 - 1, and no resource takes one.
    """
    if _is_ordinary(record.filters) and all(_are_ordinary(c.fields) for c in record.changes):
        text = _ENCODE(_members(record))
        if text.isascii() or not _SORTED_OTHERWISE.search(text):
            return text.encode()
    return canonical_json(plain(record)).encode()


def leaf_hash(record: AuditRecord) -> bytes:
    """Give SHA-256(0x00 ‖ canonical JSON), 32 bytes."""
    return sha256(LEAF + canonical(record)).digest()


def canonical_json(value: Any) -> str:
    """Write what `plain()` gives by RFC 8785, word for word; slower, and right for all of it."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        members = (f"{encode_basestring(name)}:{canonical_json(value[name])}" for name in names)
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(canonical_json, value))}]"
    return _ENCODE(value)


def number(value: float) -> str:
    """Write a float as ECMAScript does; one that is not finite as null, as JSON.stringify does."""
    if not isfinite(value):
        return "null"
    if value == 0:
        return "0"
    negative, places, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int), "a finite number has an exponent"
    digits = "".join(map(str, places)).rstrip("0")
    return "-" * negative + _placed(digits, len(places) + exponent)


def _placed(digits: str, point: int) -> str:
    """Write digits with the decimal point behind the first `point` of them."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
    return f"{mantissa}e{point - 1:+d}"


def _members(record: AuditRecord) -> dict[str, Any]:
    """Give what `plain()` gives of an ordinary record, with its names in order."""
    return {
        "action": record.action,
        "address": record.address,
        "changes": [in_order(change) for change in record.changes],
        "client_id": record.client_id,
        "count": record.count,
        "entities": record.entities,
        "filters": record.filters,
        "id": str(record.id),
        "key_id": record.key_id,
        "location_id": record.location_id,
        "method": record.method,
        "occurred_at": plain(record.occurred_at),
        "outcome": record.outcome,
        "proof": record.proof,
        "reason": record.reason,
        "request_id": record.request_id,
        "route": record.route,
        "schema_version": record.schema_version,
        "token_id": record.token_id,
        "trace_id": record.trace_id,
        "user_id": record.user_id,
    }


def in_order(change: Change) -> dict[str, Any]:
    """Give the members of a change with their names in order.

    They are of JSON's own types: who writes them looks for longer at what is only like one.
    """
    return {
        "fields": {**change.fields},
        "key": change.key,
        "kind": change.kind,
        "operation": change.operation.value,
        "version": change.version,
    }


def _are_ordinary(fields: dict[str, Any]) -> bool:
    """Say what `_is_ordinary` says, quicker where the fields are the usual flat accounts."""
    accounts = fields.values()
    if not _FLAT.issuperset(map(type, accounts)):
        return _is_ordinary(fields)
    names = chain(fields, chain.from_iterable(accounts))
    values = chain.from_iterable(map(dict.values, accounts))
    unusual = [value for value in values if type(value) not in _ORDINARY]
    return _NAME.issuperset(map(type, names)) and all(map(_is_ordinary, unusual))


def _is_ordinary(value: Any) -> bool:
    """Tell whether the encoder writes a value as it is: there are only JSON's types, no float."""
    kind = type(value)
    if kind is dict:
        return _NAME.issuperset(map(type, value)) and all(map(_is_ordinary, value.values()))
    return kind in _ORDINARY or (kind in (list, tuple) and all(map(_is_ordinary, value)))
