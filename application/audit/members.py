"""What is told of the fields of a model, worked out once: their names in order, how they read."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.model import Record, marked, stored_fields

_SPELLED_ONE_WAY = frozenset({
    str, int, bool, NoneType, UUID, Decimal, date, datetime, ...
})


class Ordered(dict[str, Any]):
    """Accounts of fields that are canonical JSON (RFC 8785) as soon as they are written out.

    Their names are in order, down to the last member, and none of their values has more than one
    spelling: there is no float, and no name that a caller has chosen.
    """


@dataclass(frozen=True, slots=True)
class Members:
    """The stored fields of a model but the version, those of models in it under dotted names."""

    told: Sequence[tuple[str, bool]]
    """Their names in order, each with whether it is sensitive."""
    read: Callable[[Any], Sequence[Any]]
    """Gives the values of a record's, in that order; what follows the last one says nothing."""
    accounts: Callable[[], dict[str, Any]]
    """Makes room for what is told of them: Ordered, where names that come in order make it so."""


@cache
def members_of(kind: type[Record]) -> Members:
    """Give the members of a model, or of a model in one.

    A field that can be of several models, or none, is one member.
    """
    hidden = marked(kind, "sensitive")
    hints = get_type_hints(kind)
    names = sorted(name for name in stored_fields(kind) if name != "version")
    told: list[tuple[str, bool]] = []
    for name in names:
        if name in hidden or not dataclasses.is_dataclass(hints[name]):
            told.append((name, name in hidden))
        else:
            told += ((f"{name}.{path}", secret) for path, secret in members_of(hints[name]).told)
    ordered = all(is_spelled_one_way(hints[name]) for name in names)
    return Members(
        told,
        # Of one name alone it would give no tuple.
        attrgetter(*(path for path, _ in told), told[0][0]),
        Ordered if ordered else dict,
    )


@cache
def is_spelled_one_way(kind: Any) -> bool:
    """Tell whether plain values of a type are canonical JSON however they are written."""
    if get_origin(kind) in (tuple, Union, UnionType):
        return all(map(is_spelled_one_way, get_args(kind)))
    if get_origin(kind) is Literal:
        return all(is_spelled_one_way(value.__class__) for value in get_args(kind))
    if dataclasses.is_dataclass(kind):
        return all(map(is_spelled_one_way, get_type_hints(kind).values()))
    return kind in _SPELLED_ONE_WAY or isinstance(kind, type) and issubclass(kind, StrEnum)
