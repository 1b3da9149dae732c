"""Records as they are made: written while they are drafts, frozen from then on.

What is frozen writes each of its fields by a call. A draft is of a class with the same slots, which
is not frozen, and becomes the record when it is complete: objects of both look alike in memory.
"""

import dataclasses
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

Model = TypeVar("Model")

Names = tuple[str, ...]


def altered(record: Model, **values: Any) -> Model:
    """Give a record with values of our own in some fields; nothing checks them again.

    Many a record takes its form in several steps, a payoff with its 36 fields in four: this is a
    small part of what `dataclasses.replace` does, which looks at what each field is and checks all.
    """
    kind: Any = type(record)
    draft_of, values_of = _copying(kind)
    draft: Model = draft_of(*values_of(record))
    for name, value in values.items():
        setattr(draft, name, value)
    draft.__class__ = kind
    return draft


def reset(record: Model, kept: Names, **values: Any) -> Model:
    """Give a record with some fields kept, values of our own in others and defaults in the rest.

    Nothing checks the values again.
    """
    kind: Any = type(record)
    draft_of, values_of = _copying(kind, kept)
    draft: Model = draft_of(*values_of(record), **values)
    draft.__class__ = kind
    return draft


def maker_of(kind: type[Model], names: Names) -> Callable[[Iterable[Any]], Model]:
    """Give what makes a record of the values of some fields, in their order, with all checks.

    The other fields have their defaults.
    """
    draft_of = _draft_of(kind, names)
    check: Callable[[Model], None] = getattr(kind, "__post_init__", _unchecked)

    def make(values: Iterable[Any]) -> Model:
        draft: Model = draft_of(*values)
        draft.__class__ = kind
        check(draft)
        return draft

    return make


def reader_of(names: Names) -> Callable[[Any], tuple[Any, ...]]:
    """Give what reads some fields of a record, in their order."""
    if len(names) == 1:
        (name,) = names
        return lambda record: (getattr(record, name),)
    return attrgetter(*names)


def _unchecked(_record: object) -> None:
    """A model without rules across its fields."""


@cache
def _copying(
    kind: type[Any], kept: Names | None = None
) -> tuple[Callable[..., Any], Callable[[Any], tuple[Any, ...]]]:
    """Give what makes a draft of the values of some fields, or of all, and what reads them."""
    names = tuple(each.name for each in dataclasses.fields(kind)) if kept is None else kept
    return _draft_of(kind, names), reader_of(names)


def _draft_of(kind: type[Any], names: Names) -> Callable[..., Any]:
    """Give the class of a model's drafts: it takes values for some fields, in their order."""
    others: list[Any] = [
        (each.name, Any, _with_default_of(each))
        for each in dataclasses.fields(kind)
        if each.name not in names
    ]
    fields = [*names, *others]
    return dataclasses.make_dataclass(f"{kind.__name__}Draft", fields, slots=True, eq=False)


def _with_default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return dataclasses.field(default_factory=field.default_factory, kw_only=True)
    return dataclasses.field(default=field.default, kw_only=True)
