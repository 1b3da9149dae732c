"""How to read a cell: each reading gives a value, or a ValueError that says what to give."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from domain.model import CONTROL

Reading = Callable[[str], Any]


def text(cell: str) -> str:
    """Read a cell that must not be empty; what is between its words becomes one space."""
    words = text_or_none(cell)
    if words is None:
        raise ValueError("give a value")
    return words


def text_or_none(cell: str) -> str | None:
    """Read a cell that may be empty."""
    words = " ".join(cell.split())
    if found := CONTROL.search(words):
        raise ValueError(f"take out the control character U+{ord(found[0]):04X}")
    return words or None


def one_of(choices: Mapping[str, Any]) -> Reading:
    """Make a reading that knows these words, whatever their case and spaces."""
    words = {folded(word): meaning for word, meaning in choices.items()}
    named = ", ".join(f"'{word}'" for word in choices if word)

    def read(cell: str) -> Any:
        if folded(cell) not in words:
            raise ValueError(f"'{cell}' is none of {named}")
        return words[folded(cell)]

    return read


def day(cell: str) -> date:
    """Read a date written 2026-07-04 or 7/4/2026."""
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(cell, form).date()
        except ValueError:
            continue
    raise ValueError(f"'{cell}' is no date such as '2026-07-04' or '7/4/2026'")


def day_or_none(cell: str) -> date | None:
    """Read a date, or nothing where the cell is empty."""
    return day(cell) if cell else None


def folded(words: str) -> str:
    """Write a heading or a word so that its spaces and case do not matter."""
    return "".join(words.split()).casefold()
