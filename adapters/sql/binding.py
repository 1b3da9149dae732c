"""How values are bound: one by one, in lists that Oracle takes too, and limits."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Column, ColumnElement, Integer, bindparam

MOST_IN_A_LIST = 1000
"""Oracle before 23ai takes no longer IN list (ORA-01795)."""

Value = TypeVar("Value")

Bind = BindParameter[Any]

Binder = Callable[[ColumnElement[Any], int], Bind | list[Bind]]
"""Gives the next bind parameter, of a column's type; the number: how it stands for a list."""

ONE = 0
"""A bind parameter for a value."""

ANY_LENGTH = -1
"""A bind parameter for a list, which SQLAlchemy writes out each time that it is sent."""

LONGEST_WRITTEN = 64
"""How long lists are whose shape says their length: the statement has a parameter for each value.
To write out such a list each time would cost more than all else that is done for the query."""

LIMIT = "most_rows"
"""The name of the parameter that limits the rows."""


def in_lists(values: Sequence[Value]) -> Iterator[list[Value]]:
    """Give values in lists that an IN takes: at most 1,000 in each, and few different lengths.

    A list is filled up to a power of two, or to 1,000, with its last value. So a statement has
    at most eleven texts, and Oracle and SQLAlchemy keep what they made of each.
    """
    for start in range(0, len(values), MOST_IN_A_LIST):
        some = list(values[start: start + MOST_IN_A_LIST])
        length = min(1 << (len(some) - 1).bit_length(), MOST_IN_A_LIST)
        yield some + some[-1:] * (length - len(some))


def is_one_of(column: Column[Any]) -> ColumnElement[bool]:
    """Say that a column equals one of the values that are bound as the list `several`."""
    return column.in_(bindparam("several", type_=column.type, expanding=True))


def at_most(rows: int) -> Bind:
    """Give a limit: bound, so that statements with different limits are one for Oracle."""
    return bindparam(LIMIT, rows, type_=Integer)


def binder(prefix: str) -> Binder:
    """Give what makes bind parameters, each with the next name behind a prefix."""
    names = (f"{prefix}{name_of(place)}" for place in count())

    def bind(column: ColumnElement[Any], length: int) -> Bind | list[Bind]:
        name = next(names)
        if length in (ONE, ANY_LENGTH):
            return bindparam(name, type_=column.type, expanding=length == ANY_LENGTH)
        return [bindparam(each, type_=column.type) for each in numbered(name, length)]

    return bind


def length_of(some: Sequence[Any]) -> int:
    """Say how a list is bound."""
    return len(some) if len(some) <= LONGEST_WRITTEN else ANY_LENGTH


def name_of(place: int) -> str:
    """Name the value at a place."""
    return f"value_{place}"


def numbered(name: str, length: int) -> Iterator[str]:
    """Name the values of a list as SQLAlchemy names those of a list that it writes out."""
    return (f"{name}_{number}" for number in range(1, length + 1))
