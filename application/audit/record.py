"""What an audit record says: who, why, from where, with what outcome, and what changed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Annotated, Any
from uuid import UUID

from annotated_types import MinLen

from application.audit.members import members_of
from application.caller import Proof
from domain.drafts import altered, maker_of, reader_of
from domain.model import (
    STRICT,
    Record,
    alike,
    key_of,
    key_text,
    kind_name,
)
from domain.spelling import day_text, utc_text

SCHEMA_VERSION = 1

Word = Annotated[str, MinLen(1)]
"""A text that is there: an empty one is none on Oracle, and its seal would be broken."""


class Outcome(StrEnum):
    """How the request ended."""

    COMMITTED = "committed"
    REFUSED = "refused"
    FAILED = "failed"
    READ = "read"


class Operation(StrEnum):
    """What happened to one record."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request comes from and what it is for."""

    request_id: str
    action: str
    """What is asked, as "payoff.request"."""
    route: str | None = None
    """The route's template, as "/api/v1/payoff/{payoff_id}"."""
    method: str | None = None
    client_id: str | None = None
    key_id: str | None = None
    token_id: str | None = None
    user_id: str | None = None
    proof: Proof | None = None
    location_id: int | None = None
    trace_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one record."""

    __pydantic_config__ = STRICT

    kind: str
    key: str
    operation: Operation
    version: int
    """The version that the change made; for a removal, the one removed."""
    fields: dict[str, Any] = field(default_factory=dict)
    """For each changed field `{"before": …, "after": …}`; a sensitive one `{"changed": true}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One request's account: written in the same commit as what it explains."""

    __pydantic_config__ = STRICT

    id: UUID = field(metadata={"identity": True})
    """Made by the service, sorts by time."""
    schema_version: int = SCHEMA_VERSION
    """The shape of this record."""
    occurred_at: datetime
    """When, UTC."""
    outcome: Outcome
    """How the request ended."""
    reason: Word | None = None
    """Why it was refused or failed: the last word of the problem's type."""
    client_id: Word | None = None
    """The application that asked."""
    key_id: Word | None = None
    """The key that proved it."""
    token_id: Word | None = None
    """The `jti` of its token."""
    user_id: Word | None = None
    """The person behind it."""
    proof: Proof | None = None
    """How strongly that person was proven."""
    location_id: int | None = None
    """The location that the person acted for."""
    request_id: Word
    """The request's id, as in its answer and in the log."""
    trace_id: Word | None = None
    """The distributed trace that the request belongs to."""
    address: Word | None = None
    """The network address that it came from."""
    method: Word | None = None
    """The HTTP method; none where no HTTP was involved."""
    route: Word | None = None
    """The route's template; none where no HTTP was involved."""
    action: Word
    """What was asked, as "payoff.request"."""
    entities: tuple[str, ...] = ()
    """What was changed or read, each as kind and key: "payoff/0199…"."""
    filters: dict[str, Any] | None = None
    """The filters of a list that was read."""
    count: int = 1
    """How many like requests this record stands for; above 1 for a folded flood."""
    changes: tuple[Change, ...] = ()
    """What changed."""

    @property
    def version(self) -> int:
        """Always 1: an audit record never changes."""
        return 1


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record with its place in the log."""

    index: int
    """Its place, dense from 0."""
    leaf: bytes
    """SHA-256(0x00 ‖ canonical JSON of the record), 32 bytes (RFC 6962, section 2.1)."""
    record: AuditRecord


def account(
    record_id: UUID,
    at: datetime,
    origin: Origin,
    outcome: Outcome,
    changes: tuple[Change, ...] = (),
    **details: Any,
) -> AuditRecord:
    """Make the record of a request; `details` are further fields of the record."""
    entities = tuple(f"{change.kind}/{change.key}" for change in changes)
    known = _record_of((record_id, at, outcome, changes, entities, *_values_of(origin)))
    return altered(known, **details) if details else known


_OF_ORIGIN = tuple(one.name for one in dataclasses.fields(Origin))
_BESIDE = ("id", "occurred_at", "outcome", "changes", "entities")
_values_of = reader_of(_OF_ORIGIN)
_record_of = maker_of(AuditRecord, (*_BESIDE, *_OF_ORIGIN))


def added(record: Record) -> Change:
    """Account for a new record."""
    return _change(Operation.ADD, record, _whole(record, Operation.ADD))


def changed(before: Record, after: Record) -> Change:
    """Account for a record that takes another form."""
    return _change(Operation.CHANGE, after, _differences(before, after))


def removed(record: Record) -> Change:
    """Account for a record that goes."""
    return _change(Operation.REMOVE, record, _whole(record, Operation.REMOVE))


def plain(value: Any) -> Any:
    """Give a value as JSON knows it: money and rates as text, times in UTC with microseconds."""
    return _PLAIN[type(value)](value)


class _Forms(dict[type[Any], Callable[[Any], Any]]):
    """What makes a value plain, by its type; that of a type which is not named is found once."""

    def __missing__(self, kind: type[Any]) -> Callable[[Any], Any]:
        form = self[kind] = _form_of(kind)
        return form


def _form_of(kind: type[Any]) -> Callable[[Any], Any]:
    if issubclass(kind, Enum):
        return attrgetter("_value_")
    if issubclass(kind, Mapping):
        return _plain_mapping
    return _plain_model if dataclasses.is_dataclass(kind) else _plain_members


def _plain_mapping(value: Mapping[Any, Any]) -> Any:
    return {str(name): plain(member) for name, member in value.items()}


def _plain_model(value: Any) -> Any:
    return {name: plain(getattr(value, name)) for name in _names(value.__class__)}


@cache
def _names(kind: type[Any]) -> Sequence[str]:
    return sorted(one.name for one in dataclasses.fields(kind))


def _plain_members(value: Any) -> Any:
    return [plain(member) for member in value]


def _plain_time(value: datetime) -> str:
    return utc_text(value) + "Z"


def _as_it_is(value: Any) -> Any:
    return value


_PLAIN = _Forms({
    NoneType: _as_it_is,
    str: _as_it_is,
    int: _as_it_is,
    float: _as_it_is,
    bool: _as_it_is,
    UUID: str,
    Decimal: str,
    date: day_text,
    datetime: _plain_time,
})

Leaf = tuple[Any, bool]
"""A value of a record, and whether it is sensitive."""

NOTHING = (None, False)
"""The value that a record has where it has no such field, and that this is no secret."""


def _leaves(record: Record) -> dict[str, Leaf]:
    """Give each stored value but the version, members of nested models under dotted names."""
    members = members_of(type(record))
    found: dict[str, Leaf] = {}
    for (name, hidden), value in zip(members.told, members.read(record)):
        if hidden or _PLAIN[type(value)] is not _plain_model:
            found[name] = (value, hidden)
        else:
            found |= {f"{name}.{path}": leaf for path, leaf in _leaves(value).items()}
    return found


def _change(operation: Operation, record: Record, told: dict[str, Any]) -> Change:
    kind, key = kind_name(type(record)), key_text(key_of(record))
    return _change_of((kind, key, operation, record.version, told))


_change_of = maker_of(Change, ("kind", "key", "operation", "version", "fields"))


def _whole(record: Record, operation: Operation) -> dict[str, Any]:
    """Tell every value that a record has, but no sensitive one; named as its leaves are."""
    adds, members = operation is Operation.ADD, members_of(type(record))
    found = members.accounts()
    for (name, hidden), value in zip(members.told, members.read(record)):
        if value is None:
            continue
        if hidden:
            found[name] = {"changed": True}
        elif (form := _PLAIN[type(value)]) is _plain_model:
            nested = _whole(value, operation)
            found |= {f"{name}.{path}": told for path, told in nested.items()}
        else:
            told = form(value)
            found[name] = (
                {"after": told, "before": None} if adds else {"after": None, "before": told}
            )
    return found


def _differences(before: Record, after: Record) -> dict[str, Any]:
    old, new = _leaves(before), _leaves(after)
    found = members_of(type(after)).accounts()
    for path in sorted(new | old):
        was, hidden = old.get(path, NOTHING)
        now, hidden = new.get(path, (None, hidden))
        if not alike(was, now):
            told = {"after": plain(now), "before": plain(was)}
            found[path] = {"changed": True} if hidden else told
    return found
