"""What Oracle refuses, or takes otherwise than SQLite, found in the text of a statement.

No Oracle is at hand where most tests run. Each rule stands for one error of the server or of its
driver, or for one difference that nobody is told of. tests/unit/test_oracle_rules.py has for each
a statement that it refuses and a similar one that it lets pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tests.support.oracle_rules import changes, large, names, queries, tables, texts
from tests.support.oracle_rules.binds import BIND_RULES, NATIONAL, BindRule, broken_by, is_national
from tests.support.oracle_rules.rule import Rule
from tests.support.oracle_rules.text import Statement

__all__ = ["BIND_RULES", "NATIONAL", "RULES", "BindRule", "Rule", "faults"]

RULES: Sequence[Rule] = (
    *queries.RULES, *changes.RULES, *large.RULES, *names.RULES, *tables.RULES, *texts.RULES,
)

Rows = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def faults(
    sql: str, version: int, parameters: Rows | None = None, sizes: Mapping[str, Any] | None = None
) -> list[str]:
    """Tell what a release (19, 23) of Oracle would not take of a statement, or take otherwise.

    `parameters` are the binds as they reach the driver, of one row or of several; `sizes` the
    driver's types (or their names) that are named for binds with setinputsizes, if that is known.
    Each fault is a rule's name and reason; no fault at all is an empty list.
    """
    found = list(_faults_of_text(sql, version))
    rows = [parameters] if isinstance(parameters, Mapping) else parameters or ()
    found += [_told(rule) for rule in broken_by(rows, sizes)]
    if sizes is not None and is_national(_read(sql), sizes):
        found.append(_told(NATIONAL))
    return found


@lru_cache(64)
def _read(sql: str) -> Statement:
    return Statement(sql)


@lru_cache(1000)
def _faults_of_text(sql: str, version: int) -> tuple[str, ...]:
    statement = _read(sql)
    found = [_told(rule) for rule in RULES if rule.applies(version) and rule.broken(statement)]
    for inner in _executed(statement):
        found += _faults_of_text(inner, version)
    return tuple(found)


def _told(rule: Rule | BindRule) -> str:
    return f"{rule.name}: {rule.reason}"


def _executed(statement: Statement) -> Iterator[str]:
    """Give the statements that a PL/SQL block executes as texts."""
    for place in statement.find("EXECUTE", "IMMEDIATE") if statement.is_block else ():
        text = statement.tokens[place + 2]
        if text.kind == "text":
            yield text.text[1:-1].replace("''", "'")
