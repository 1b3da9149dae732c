"""One example of each kind that callers send or read, made as a record so that it must be valid."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter

from domain.model import as_requested, key_of, key_text

Make = TypeVar("Make", bound=Callable[[date], Any])

EXAMPLE_ID = "0199c1a2-7f3e-7b6a-8c5d-1e2f3a4b5c6d"

_MADE: dict[str, Callable[[date], Any]] = {}


def example(make: Make) -> Make:
    """Take what a function makes, given today's date, as the example of its kind.

    The demo portfolio knows what examples name, so that they work wherever that is loaded.
    """
    kind: type[Any] = get_type_hints(make)["return"]
    _MADE[kind.__name__] = make
    return make


def read_example(kind: str, today: date) -> dict[str, Any]:
    """Give the example of a kind as callers read it; raises LookupError where it has none."""
    return _plain(_example(kind, today))


def sent_example(kind: str, today: date) -> dict[str, Any]:
    """Give the example of a kind as callers send it: with what they have to say only."""
    return _plain(as_requested(_example(kind, today)), exclude_defaults=True)


def key_example(kind: str, today: date) -> str:
    """Give what finds the example of a kind, as a path has it."""
    return key_text(key_of(_example(kind, today)))


def _example(kind: str, today: date) -> Any:
    try:
        return _MADE[kind](today)
    except KeyError:
        raise LookupError(f"{kind} has no example; mark one with @example") from None


def _plain(record: Any, **options: Any) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(type(record))
    plain: dict[str, Any] = adapter.dump_python(record, mode="json", **options)
    return plain
