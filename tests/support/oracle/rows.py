"""Rows on their way out of a fetch: variables, and what a value becomes in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import oracledb

from tests.support.oracle import errors
from tests.support.oracle.binds import TEXTS, name_of
from tests.support.oracle.columns import Column

Convert = Callable[[Any], Any]


@dataclass(slots=True)
class Variable:
    """What `cursor.var` gives: a place of a type for what the server sends."""

    of: Any
    outconverter: Convert | None = None
    values: list[Any] = field(default_factory=lambda: [None])

    def getvalue(self, pos: int = 0) -> Any:
        """Give what stands there."""
        return self.values[pos]


@dataclass(frozen=True, slots=True)
class Lob:
    """A CLOB that was fetched as what it is: reading it takes a round trip."""

    text: str
    trip: Callable[[], None]

    def read(self) -> str:
        """Fetch the text."""
        self.trip()
        return self.text


def converted(column: Column, variable: Variable | None, trip: Callable[[], None]) -> Convert:
    """Give what makes the driver's value of one that a row holds."""
    convert = _plain(column, trip) if variable is None else _into(column, variable.of)
    after = None if variable is None else variable.outconverter

    def value_of(kept: Any) -> Any:
        exact = column.found(kept)
        if exact is None:
            return None
        value = convert(exact)
        return value if after is None else after(value)

    return value_of


def _plain(column: Column, trip: Callable[[], None]) -> Convert:
    if column.is_lob:
        return lambda text: Lob(text, trip)
    if column.of == "NUMBER":
        return _number
    return lambda value: value


def _number(value: int | Decimal) -> int | float:
    """Give a number as the driver does by itself: exact only where it is whole."""
    return int(value) if value == int(value) else float(value)


def _text(value: int | Decimal | str) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _into(column: Column, of: Any) -> Convert:
    if any(of is text for text in TEXTS) and column.of in ("NUMBER", "CLOB", "VARCHAR2"):
        return _text
    if of is Decimal and column.of == "NUMBER":
        return Decimal
    if of is oracledb.NATIVE_FLOAT and column.of == "NUMBER":
        return float
    if of is column.described:
        return lambda value: value
    raise errors.inconvertible(column.described.name, name_of(of))
