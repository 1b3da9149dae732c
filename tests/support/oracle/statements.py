"""Oracle's statements as SQLite runs them, with what the declared types say about their values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.oracle import errors
from tests.support.oracle.columns import Column
from tests.support.oracle.forms import kept_form
from tests.support.oracle.schema import Schema, parts
from tests.support.oracle.sources import COLUMN, Selected, Sources

_TOKENS = re.compile(r"""'(?:[^']|'')*'|:"([^"]+)"|"[^"]*"|:(\w+)""")
_INSERT = re.compile(r"\s*INSERT INTO (\w+) \((.*?)\) VALUES \((.*)\)\s*$", re.DOTALL)
_UPDATE = re.compile(r"\s*UPDATE (\w+) SET (.*?)(?:\s+WHERE .*|)$", re.DOTALL)
_COMPARED = re.compile(rf"{COLUMN}\s*(?:=|!=|<>|<=|>=|<|>)\s*\?(\d+)")
_BETWEEN = re.compile(rf"{COLUMN} BETWEEN \?(\d+) AND \?(\d+)")
_LISTED = re.compile(rf"{COLUMN} (?:NOT )?IN \(((?:\?\d+,? ?)+)\)")
_SHARE = re.compile(r"(?:\s+OFFSET (\S+) ROWS)?\s+FETCH FIRST (\S+) ROWS ONLY")
_REST = re.compile(r"\s+OFFSET (\S+) ROWS")
_NOW = re.compile(r"\bSYSTIMESTAMP\b")
_LOCKS = re.compile(r"\s+FOR UPDATE(?: SKIP LOCKED| NOWAIT)?\s*$")

CHANGES = ("INSERT", "UPDATE", "DELETE")

Form = Callable[[Any], Any]
"""Gives a value as SQLite takes it; raises what Oracle's server would say of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bind stands, and the form of its values there."""

    name: str
    form: Form


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, understood."""

    text: str
    """As SQLite runs it, its parameters numbered."""
    verb: str
    places: tuple[Place, ...]
    selected: tuple[Selected, ...]
    locks: bool
    """It waits for other writers: it changes rows, or locks them."""

    @property
    def binds(self) -> set[str]:
        """Name the binds, each once."""
        return {place.name for place in self.places}

    @property
    def has_lobs(self) -> bool:
        """Tell whether a row of its result has a CLOB."""
        return any(each.column.is_lob for each in self.selected)

    def parameters(self, row: Mapping[str, Any]) -> list[Any]:
        """Give the values of a row as SQLite takes them."""
        return [place.form(row[place.name]) for place in self.places]


def understood(sql: str, schema: Schema) -> Statement:
    """Read a statement of Oracle's."""
    names: list[str] = []
    numbered = _TOKENS.sub(lambda token: _number(token, names), sql)
    verb = (numbered.split(None, 1) or [""])[0].upper()
    sources = Sources.of(numbered, schema)
    forms = {**_compared(numbered, sources), **_kept(numbered, schema)}
    places = tuple(Place(name, forms.get(n, kept_form)) for n, name in enumerate(names, 1))
    selected = tuple(sources.selected(numbered)) if verb == "SELECT" else ()
    locks = verb in CHANGES or _LOCKS.search(numbered) is not None
    return Statement(_for_sqlite(numbered), verb, places, selected, locks)


def _number(token: re.Match[str], names: list[str]) -> str:
    name = token[1] or (token[2] and token[2].upper())
    if name is None:
        return token[0]
    names.append(name)
    return f"?{len(names)}"


def _compared(sql: str, sources: Sources) -> dict[int, Form]:
    """Give the forms of those binds that are compared with a column."""
    forms: dict[int, Form] = {}
    for pattern in (_COMPARED, _BETWEEN, _LISTED):
        for qualifier, name, *binds in pattern.findall(sql):
            column = sources.column(qualifier, name)
            if column is not None:
                numbers = re.findall(r"\d+", " ".join(binds))
                forms |= {int(number): column.compared for number in numbers}
    return forms


def _kept(sql: str, schema: Schema) -> dict[int, Form]:
    """Give the forms of those binds whose values rows take."""
    if made := _INSERT.match(sql):
        names = [name.strip() for name in made[2].split(",")]
        return _forms_of(made[1], dict(zip(names, parts(made[3]), strict=True)), schema, True)
    if made := _UPDATE.match(sql):
        pairs = (part.split("=", 1) for part in parts(made[2]))
        values = {name.strip(): value.strip() for name, value in pairs}
        return _forms_of(made[1], values, schema, False)
    return {}


def _forms_of(
    table: str, values: Mapping[str, str], schema: Schema, inserts: bool
) -> dict[int, Form]:
    if table not in schema.tables:
        raise errors.ora(942, "table or view does not exist")
    forms: dict[int, Form] = {}
    for name, value in values.items():
        column = schema.tables[table].get(name)
        if column is None:
            raise errors.ora(904, f'"{name.upper()}": invalid identifier')
        if value.startswith("?"):
            forms[int(value[1:])] = _keeping(column, inserts)
    return forms


def _keeping(column: Column, inserts: bool) -> Form:
    return lambda value: column.kept(value, inserts=inserts)


def _for_sqlite(sql: str) -> str:
    text = _SHARE.sub(lambda found: f" LIMIT {found[2]} OFFSET {found[1] or 0}", sql)
    text = _REST.sub(r" LIMIT -1 OFFSET \1", text)
    text = _NOW.sub("NULL", text)
    return _LOCKS.sub("", text)
