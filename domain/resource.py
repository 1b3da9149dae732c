"""A named record with free attributes: the worked example of a plain resource."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from annotated_types import MaxLen

from domain.client import ClientId
from domain.errors import Invalid
from domain.model import NEVER, NIL, NOT_BLANK, STRICT, LongWords, Words, assigned, identity

LARGEST_EXACT_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 7493, section 2.2)."""

MOST_MEMBERS = 100

MOST_ATTRIBUTES = 65_536
"""How long the attributes are at most, written out; every audit sink takes that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A named record that belongs to the client that made it."""

    __pydantic_config__ = STRICT

    id: UUID = identity(NIL)
    """Made by the service, sorts by time of creation."""
    name: Words
    """What people call it."""
    description: LongWords | None = None
    """What it is for."""
    attributes: Annotated[dict[str, Any], MaxLen(MOST_MEMBERS)] = field(default_factory=dict)
    """Any JSON members, kept as sent; integers at most 2^53 - 1 in size."""
    client_id: ClientId = assigned("")
    """The client that owns it."""
    created_at: datetime = assigned(NEVER)
    """When it was made, UTC."""
    updated_at: datetime = assigned(NEVER)
    """When it last changed, UTC."""
    version: int = assigned(0)
    """Counts the changes, from 1; the ETag."""

    def __post_init__(self) -> None:
        NOT_BLANK.check("name", self.name)
        NOT_BLANK.check("description", self.description)
        if len(self.attributes) > MOST_MEMBERS:
            raise Invalid("attributes", f"give at most {MOST_MEMBERS} members")
        if len(repr(self.attributes)) > MOST_ATTRIBUTES:
            raise Invalid("attributes", f"give at most {MOST_ATTRIBUTES} characters in all")
        for path, number in _numbers("attributes", self.attributes):
            if isinstance(number, float) and not math.isfinite(number):
                raise Invalid(path, "give a finite number")
            if isinstance(number, int) and abs(number) > LARGEST_EXACT_INTEGER:
                raise Invalid(path, "give integers beyond 2^53 - 1 as text")


def _numbers(path: str, value: Any) -> Iterator[tuple[str, int | float]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _numbers(f"{path}.{name}", member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _numbers(f"{path}.{index}", member)
    elif isinstance(value, (int, float)):
        yield path, value
