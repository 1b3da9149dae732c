"""Reads a script as SQL*Plus does: its own commands a line each, statements to their terminator."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

OWN = re.compile(r"(SET|WHENEVER|PROMPT|ACCEPT|UNDEFINE|EXIT)\b", re.IGNORECASE)
BLOCK = re.compile(r"(DECLARE|BEGIN|CREATE (OR REPLACE )?(PROCEDURE|FUNCTION|TRIGGER))\b")
CREATED = re.compile(r"\s*CREATE (?:IMMUTABLE )?TABLE (\w+) \(\n(.*?)\n\)", re.DOTALL)
DDL = re.compile(r"(CREATE|ALTER|DROP)\b(?! SESSION)")


class Unterminated(Exception):
    """The script ends, or a command of SQL*Plus comes, within a statement."""


@dataclass(frozen=True, slots=True)
class Script:
    """What SQL*Plus makes of a script."""

    commands: list[str] = field(default_factory=list)
    """Its own commands."""
    statements: list[str] = field(default_factory=list)
    """What it sends to the server, in order, without terminators."""

    def ddl(self) -> list[str]:
        """Give the statements that make, change or drop something."""
        return [each for each in self.statements if DDL.match(each)]


def read(text: str) -> Script:
    """Read a script; raises Unterminated."""
    script = Script()
    lines: list[str] = []
    for line in text.splitlines():
        if not lines and (not line.strip() or line.startswith("--")):
            continue
        if OWN.match(line) and not _in_block(lines):
            if lines:
                raise Unterminated(f"{lines[0]!r} is cut off by {line!r}")
            script.commands.append(line)
            continue
        lines.append(line)
        if line == "/" if _in_block(lines) else line.endswith(";"):
            script.statements.append(_without_end(lines))
            lines = []
    if lines:
        raise Unterminated(f"{lines[0]!r} has no end")
    return script


def _in_block(lines: list[str]) -> bool:
    return bool(lines and BLOCK.match(lines[0]))


def _without_end(lines: list[str]) -> str:
    return "\n".join(lines[:-1]) if lines[-1] == "/" else "\n".join(lines).removesuffix(";")


@dataclass(frozen=True, slots=True)
class Made:
    """A table as its DDL has it: each column's declaration, and each constraint's by name."""

    columns: dict[str, str]
    constraints: dict[str, str]


def tables_of(statements: list[str]) -> dict[str, Made]:
    """Give the tables that CREATE TABLE and ALTER TABLE … ADD make, a column a line."""
    tables: dict[str, Made] = {}
    for statement in statements:
        if created := CREATED.match(statement):
            tables[created[1]] = _made(line.strip().rstrip(",") for line in created[2].splitlines())
        elif added := re.fullmatch(r"ALTER TABLE (\w+) ADD (.*)", statement):
            declared, _, constraint = added[2].partition(" CONSTRAINT ")
            made = _made([declared] + ([f"CONSTRAINT {constraint}"] if constraint else []))
            tables[added[1]].columns.update(made.columns)
            tables[added[1]].constraints.update(made.constraints)
    return tables


def _made(declarations: Iterable[str]) -> Made:
    made = Made({}, {})
    for each in declarations:
        kind = made.constraints if each.startswith("CONSTRAINT ") else made.columns
        name, _, rest = each.removeprefix("CONSTRAINT ").strip().partition(" ")
        kind[name] = rest.strip()
    return made
