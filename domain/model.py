"""What resources share: identity, fields that the server assigns, fields that stay secret."""

import dataclasses
import re
from collections.abc import Callable
from datetime import datetime, timezone
from functools import cache
from typing import Annotated, Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.drafts import reader_of, reset
from domain.errors import Invalid

STRICT: dict[str, Any] = {
    "extra": "forbid",
    "strict": True,
    "allow_inf_nan": False,
    "use_attribute_docstrings": True,
}
"""How the edge reads a model: members that no field has are refused, nothing is coerced."""

NIL = UUID(int=0)
"""The identity of a record that has none yet."""

NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""The time of something that has not happened yet."""


_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
PLAIN = f"[^{_CONTROLS}]"
"""The pattern of a character that a text may have."""

CONTROL = re.compile(f"[{_CONTROLS}]")
"""A control character other than tab, line feed and carriage return: it is never meant."""


def without_control(text: str) -> str:
    """Give a text as it is; raises ValueError where it has a control character."""
    if found := CONTROL.search(text):
        raise ValueError(f"take out the control character U+{ord(found[0]):04X}")
    return text


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """What a text must look like: checked where a model is made, shown where it is described.

    Control characters are refused only where a text comes in, at the edge and in imports: what
    was stored with one can still be read.
    """

    pattern: str
    """A regular expression that something in the text matches."""
    instead: str
    """What to say to whom the text does not."""
    shown: str | None = None
    """The pattern that describes it, where that is another: it knows no control characters."""

    def check(self, path: str, text: str | None) -> None:
        """Raise Invalid unless a text is of this form; none at all is fine."""
        if text is not None and not _compiled(self.pattern).search(text):
            raise Invalid(path, self.instead)

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        check = {"type": "no-info", "function": without_control}
        return {"type": "function-after", "function": check, "schema": handler(source)}

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Callable[[Any], Any]) -> Any:
        return {**handler(core_schema), "pattern": self.shown or self.pattern}


_compiled = cache(re.compile)

# JSON Schema's idea of white space is narrower than ours.
NOT_BLANK = Form(
    r"[^\s\x1c-\x1f]",
    "give a text that is not blank",
    rf"^{PLAIN}*[^\s{_CONTROLS}]{PLAIN}*$",
)

Text = Annotated[str, MinLen(1), MaxLen(200)]
LongText = Annotated[str, MinLen(1), MaxLen(1000)]
Words = Annotated[Text, NOT_BLANK]
"""A text that a caller writes; its model checks that it is not blank."""
LongWords = Annotated[LongText, NOT_BLANK]
LocationId = Annotated[int, Ge(1), Le(9_999_999_999)]
UserId = Annotated[str, MinLen(1), MaxLen(40)]


class Record(Protocol):
    """Any resource: a frozen dataclass with an identity and a version."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def version(self) -> int:
        """Counts the changes, from 1; 0 before the record is stored. It is the ETag."""


Kind = TypeVar("Kind", bound=Record)


def assigned(default: Any = None, *, sensitive: bool = False) -> Any:
    """Mark a field that the server sets: shown to callers, ignored when they send it."""
    return dataclasses.field(
        default=default,
        metadata={
            "assigned": True,
            "sensitive": sensitive,
            "json_schema_extra": {"readOnly": True},
        },
    )


def derived(default: Any = None) -> Any:
    """Mark an assigned field that is worked out for each caller and never stored."""
    return dataclasses.field(
        default=default,
        metadata={
            "assigned": True,
            "derived": True,
            "json_schema_extra": {"readOnly": True},
        },
    )


def sensitive(default: Any = dataclasses.MISSING) -> Any:
    """Mark a field whose value never enters an audit record or a log."""
    return dataclasses.field(default=default, metadata={"sensitive": True})


def identity(default: Any = dataclasses.MISSING) -> Any:
    """Mark the field that finds a record; with a default, the server assigns it."""
    given = default is dataclasses.MISSING
    metadata: dict[str, Any] = {"identity": True, "assigned": not given}
    if not given:
        metadata["json_schema_extra"] = {"readOnly": True}
    return dataclasses.field(default=default, metadata=metadata)


@cache
def marked(kind: type[Record], mark: str) -> tuple[str, ...]:
    """Name the fields of a model that carry a mark, in the order of the class."""
    return tuple(
        field.name for field in dataclasses.fields(kind) if field.metadata.get(mark)
    )


@cache
def _given(kind: type[Record]) -> tuple[str, ...]:
    """Name the fields that the server does not assign."""
    assigned_here = marked(kind, "assigned")
    return tuple(
        field.name for field in dataclasses.fields(kind) if field.name not in assigned_here
    )


@cache
def stored_fields(kind: type[Record]) -> tuple[str, ...]:
    """Name the fields that a store keeps: all but the derived ones."""
    left_out = marked(kind, "derived")
    return tuple(
        field.name for field in dataclasses.fields(kind) if field.name not in left_out
    )


@cache
def kind_name(kind: type[Record]) -> str:
    """Give the one word that names a resource in paths, scopes and audit records."""
    words = "".join(f"-{c.lower()}" if c.isupper() else c for c in kind.__name__)
    return words.lstrip("-")


def key_of(record: Record) -> tuple[Any, ...]:
    """Give the values of a record's identity fields."""
    return _key_reader(type(record))(record)


@cache
def _key_reader(kind: type[Record]) -> Callable[[Any], tuple[Any, ...]]:
    return reader_of(marked(kind, "identity"))


def key_text(key: tuple[Any, ...]) -> str:
    """Write a key as one text, as audit records and messages name it."""
    return "/".join(str(part) for part in key)


def as_requested(record: Kind, **assigned_now: Any) -> Kind:
    """Clear every field that the server assigns, so that no caller can set one.

    The server's own values for some of these fields can be given at once.
    """
    return reset(record, _given(type(record)), **assigned_now)


def keep_assigned(record: Kind, current: Kind) -> Kind:
    """Give a record with every field that the server assigns as the current one has it."""
    names = marked(type(current), "assigned")
    return dataclasses.replace(record, **{name: getattr(current, name) for name in names})


def same(record: Record, other: Record) -> bool:
    """Tell whether two records are of one kind and alike in every value."""
    return type(record) is type(other) and all(
        alike(getattr(record, name), getattr(other, name))
        for name in record.__dataclass_fields__
    )


def alike(value: Any, other: Any) -> bool:
    """Tell whether two values are equal, and of one type and form: True is not 1, 1.0 not 1.00."""
    return value is other or (value == other and repr(value) == repr(other))


def as_stored(record: Kind) -> Kind:
    """Clear every field that is worked out for each caller."""
    kind = type(record)
    return reset(record, stored_fields(kind)) if marked(kind, "derived") else record


def uuid7(milliseconds: int, random: Callable[[int], int]) -> UUID:
    """Make a UUID that sorts by time (RFC 9562, section 5.7).

    `milliseconds` counts from 1970 UTC; `random(bits)` gives that many random bits.
    """
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | random(12) << 64
    value |= 0b10 << 62 | random(62)
    return UUID(int=value)
