"""What a use case is going to ask, said beforehand: a store can then answer many units at once."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from application.query import Query
from domain.model import Record

UseCase = TypeVar("UseCase", bound=Callable[..., Any])

Question = tuple[type[Record], tuple[Any, ...] | Query]
"""A record by its key, or a list."""

Foresight = Callable[..., Iterable[Question]]
"""Takes what a use case takes behind its unit of work."""

_FORESIGHT: dict[Callable[..., Any], Foresight] = {}


def foresees(foresight: Foresight) -> Callable[[UseCase], UseCase]:
    """Say of a use case what it is going to ask, as far as its arguments tell.

    It is a hint: what was not foreseen is asked when it comes up, and what is not asked after
    all was read for nothing.
    """
    def said(use_case: UseCase) -> UseCase:
        _FORESIGHT[use_case] = foresight
        return use_case

    return said


def foreseen(use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterable[Question]:
    """Give what a use case is going to ask, as far as that was said."""
    foresight = _FORESIGHT.get(use_case)
    return () if foresight is None else foresight(*args, **kwargs)
