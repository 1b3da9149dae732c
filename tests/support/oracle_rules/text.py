"""SQL text in pieces: tokens, queries with their clauses, columns with their types."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["word", "quoted", "text", "number", "bind", "symbol"]

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>[nN]?'(?:[^']|'')*')
    |(?P<bind>:"[^"]+"|:[A-Za-z_][\w$#]*|\?|%s\b)
    |(?P<quoted>"[^"]*"|`[^`]*`)
    |(?P<word>[A-Za-z_][\w$#]*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<symbol><=|>=|!=|<>|\|\||:=|==|::|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_EXPANDED = re.compile(r":(\w+)_1((?:, :\1_\d+)+)")
"""A list that SQLAlchemy has written out: :name_1, :name_2, and so on."""

SET_OPERATORS = {"UNION", "MINUS", "INTERSECT", "EXCEPT"}
_CLAUSES = {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "OFFSET", "FETCH", "FOR"}
_CONSTRAINTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "SUPPLEMENTAL", "PERIOD"}
_AFTER_A_TABLE = _CLAUSES | SET_OPERATORS | {
    "ON", "USING", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER", "SET", "VALUES",
    "AS", "NATURAL", "PARTITION", "SAMPLE", "CONNECT", "START", "RETURNING", "SELECT",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word (in capitals), a text, a number, a bind or a symbol, how deep in brackets, where."""

    kind: Kind
    text: str
    depth: int
    place: int


Tokens = Sequence[Token]


@dataclass(frozen=True, slots=True)
class Typed:
    """A column that is declared, or a value that is cast."""

    name: str
    of: Tokens
    """The type and what follows it, to the end of the declaration."""

    @property
    def word(self) -> str:
        """The type's own name."""
        return self.of[0].text if self.of else ""

    def sizes(self) -> list[str]:
        """Give what stands in the brackets behind the type."""
        if len(self.of) < 2 or self.of[1].text != "(":
            return []
        return [token.text for token in _bracket(self.of, 1) if token.text != ","]


class Query:
    """A SELECT at any depth, up to its set operator or closing bracket."""

    def __init__(self, tokens: Tokens, start: int) -> None:
        self.depth = depth = tokens[start].depth
        self.parts: dict[str, list[Token]] = {"SELECT": []}
        part = self.parts["SELECT"]
        for token in tokens[start + 1:]:
            ends = token.depth < depth or (
                token.depth == depth and token.text in {*SET_OPERATORS, "SELECT"}
            )
            if ends:
                break
            if token.depth == depth and token.kind == "word" and token.text in _CLAUSES:
                part = self.parts.setdefault(token.text, [])
            else:
                part.append(token)

    def part(self, name: str) -> list[Token]:
        """Give the tokens of a clause, without its first word."""
        return self.parts.get(name, [])

    def items(self, name: str) -> list[list[Token]]:
        """Give what commas part in a clause."""
        return split(self.part(name), self.depth)


class Statement:
    """One statement in pieces; `lists` are the lengths of the lists that were written out."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.lists: list[int] = []
        self.tokens: Tokens = tuple(_tokens(_EXPANDED.sub(self._fold, sql)))

    def _fold(self, found: re.Match[str]) -> str:
        self.lists.append(found[2].count(",") + 1)
        return f":{found[1]}_1, :{found[1]}_2"

    @cached_property
    def words(self) -> set[str]:
        """Every word outside texts and names in quotes."""
        return {token.text for token in self.tokens if token.kind == "word"}

    @property
    def first(self) -> str:
        """The word that it begins with."""
        return next((token.text for token in self.tokens if token.text != "("), "")

    @property
    def is_block(self) -> bool:
        """Whether it is PL/SQL, which a semicolon ends."""
        return self.first in ("BEGIN", "DECLARE") and "END" in self.words

    @property
    def is_plain(self) -> bool:
        """Whether it reads or changes rows."""
        return self.first in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE")

    @property
    def is_ddl(self) -> bool:
        """Whether it changes the schema."""
        return self.first in ("CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "TRUNCATE", "RENAME")

    @property
    def is_index(self) -> bool:
        """Whether it makes an index."""
        return self.first == "CREATE" and "INDEX" in texts(self.tokens[:3])

    def find(self, *wanted: str) -> Iterator[int]:
        """Give the places at which these tokens follow one another."""
        if not wanted[0].isalpha() or wanted[0] in self.words:
            for start, token in enumerate(self.tokens):
                if token.text == wanted[0] and token.kind != "text" and self.at(start, *wanted):
                    yield start

    def at(self, start: int, *wanted: str) -> bool:
        """Tell whether these tokens follow one another from a place on."""
        found = self.tokens[start: start + len(wanted)]
        return [token.text for token in found] == list(wanted)

    def has(self, *wanted: str) -> bool:
        """Tell whether these tokens follow one another anywhere."""
        return any(True for _ in self.find(*wanted))

    def bracket(self, start: int) -> Tokens:
        """Give what stands in the brackets that open at a place."""
        return _bracket(self.tokens, start)

    def beside(self, place: int) -> tuple[str, str]:
        """Give the tokens before and behind a place."""
        before = self.tokens[place - 1].text if place else ""
        behind = self.tokens[place + 1].text if place + 1 < len(self.tokens) else ""
        return before, behind

    @cached_property
    def queries(self) -> list[Query]:
        """Every SELECT in it."""
        return [Query(self.tokens, place) for place in self.find("SELECT")]

    @cached_property
    def target(self) -> str:
        """The table that an INSERT, UPDATE or DELETE changes, or DDL is about."""
        before = {"INSERT": "INTO", "UPDATE": "UPDATE", "DELETE": "FROM"}.get(self.first, "TABLE")
        before = "ON" if self.is_index else before
        place = next(self.find(before), None)
        return "" if place is None else self.beside(place)[1]

    @cached_property
    def tables(self) -> dict[str, str]:
        """The tables that are read or changed, each under its name and its alias."""
        found = {self.target: self.target} if self.target else {}
        for place, token in enumerate(self.tokens):
            if token.kind == "word" and token.text in ("FROM", "JOIN"):
                found |= dict(self._named(place + 1))
        return found

    def _named(self, place: int) -> Iterator[tuple[str, str]]:
        name, *others = *self.tokens[place: place + 3], None
        if name is None or name.kind != "word":
            return
        yield name.text, name.text
        alias = others[1] if others[0] and others[0].text == "AS" else others[0]
        if alias and alias.kind == "word" and alias.text not in _AFTER_A_TABLE:
            yield alias.text, name.text

    def column(self, token: Token) -> tuple[str, str] | None:
        """Give the table and the column that a token may name, in small letters."""
        before, behind = self.beside(token.place)
        if token.kind != "word" or behind == ".":
            return None
        if before == ".":
            table = self.tables.get(self.tokens[token.place - 2].text)
        else:
            table = self.target or self._only_table()
        return (table.lower(), token.text.lower()) if table else None

    def _only_table(self) -> str:
        names = set(self.tables.values())
        return names.pop() if len(names) == 1 else ""

    @cached_property
    def assigned(self) -> range:
        """The places between SET and WHERE of an UPDATE."""
        if self.first != "UPDATE":
            return range(0)
        start = next(self.find("SET"), 0)
        return range(start, next(self.find("WHERE"), len(self.tokens)))

    @property
    def assignments(self) -> list[list[Token]]:
        """What an UPDATE sets: a column, "=", and what it becomes."""
        return split([self.tokens[place] for place in self.assigned][1:], 0)

    @cached_property
    def typed(self) -> list[Typed]:
        """The columns that it declares, and the casts in it."""
        return [*self._declared(), *self._cast()]

    def _declared(self) -> Iterator[Typed]:
        inside = self._declarations()
        for item in split(inside, inside[0].depth if inside else 0):
            if len(item) > 1 and item[0].text not in _CONSTRAINTS:
                yield Typed(item[0].text, item[1:])

    def _declarations(self) -> Tokens:
        if self.first == "CREATE" and "TABLE" in [token.text for token in self.tokens[:5]]:
            opens = next(self.find("("), None)
            return () if opens is None else self.bracket(opens)
        for word in ("ADD", "MODIFY"):
            for start in self.find(word) if self.first == "ALTER" else ():
                opens_one = self.beside(start)[1] == "("
                return self.bracket(start + 1) if opens_one else self.tokens[start + 1:]
        return ()

    def _cast(self) -> Iterator[Typed]:
        for place in self.find("CAST", "("):
            inside = self.bracket(place + 1)
            words = [token.text for token in inside]
            if "AS" in words:
                yield Typed("", inside[len(words) - words[::-1].index("AS"):])


def texts(tokens: Tokens) -> list[str]:
    """Give what tokens say."""
    return [token.text for token in tokens]


def split(tokens: Tokens, depth: int) -> list[list[Token]]:
    """Give what the commas of one depth part."""
    items: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == "," and token.depth == depth:
            items.append([])
        else:
            items[-1].append(token)
    return [item for item in items if item]


def _tokens(sql: str) -> Iterator[Token]:
    depth = place = 0
    for found in _TOKEN.finditer(sql):
        kind, text = found.lastgroup, found.group()
        if kind == "skip":
            continue
        depth -= text == ")"
        yield Token(
            kind,  # type: ignore[arg-type]  # the groups of the pattern are the kinds
            text.upper() if kind == "word" else text,
            depth,
            place,
        )
        depth += text == "("
        place += 1


def _bracket(tokens: Tokens, start: int) -> Tokens:
    inside = []
    for token in tokens[start + 1:]:
        if token.depth <= tokens[start].depth:
            break
        inside.append(token)
    return inside
