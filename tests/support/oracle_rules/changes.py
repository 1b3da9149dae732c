"""Rules for INSERT, UPDATE and DELETE."""

from collections.abc import Sequence

from tests.support.oracle_rules.rule import Rule
from tests.support.oracle_rules.text import Statement

INSERT_ONLY = frozenset({
    "audit_record", "audit_term", "audit_leaf", "audit_tree", "audit_checkpoint",
    "alembic_version",
})
"""Tables that may be granted without SELECT, and the one that scripts write to without binds."""


def _inserts_nothing(statement: Statement) -> bool:
    return statement.first == "INSERT" and (
        statement.has("VALUES", "(", ")") or statement.has("DEFAULT", "VALUES")
    )


def _several_rows(statement: Statement) -> bool:
    for place in statement.find("VALUES", "("):
        behind = place + 2 + len(statement.bracket(place + 1))
        if statement.at(behind, ")", ",", "("):
            return True
    return False


def _resolves_conflicts(statement: Statement) -> bool:
    return (
        statement.has("ON", "CONFLICT")
        or statement.has("ON", "DUPLICATE")
        or statement.has("INSERT", "OR")
        or statement.first == "REPLACE"
    )


def _returns_from_audit(statement: Statement) -> bool:
    return "RETURNING" in statement.words and statement.target.lower() in INSERT_ONLY


def _changes_by_join(statement: Statement) -> bool:
    if statement.first == "UPDATE":
        return any(
            statement.tokens[place].depth == 0 for place in statement.find("FROM")
        )
    return statement.first == "DELETE" and any(
        statement.tokens[place].depth == 0 for place in statement.find("USING")
    )


def _limit(statement: Statement) -> bool:
    return any(
        statement.tokens[place + 1].kind in ("number", "bind")
        for place in statement.find("LIMIT")
        if place + 1 < len(statement.tokens)
    )


RULES: Sequence[Rule] = (
    Rule("insert-nothing", "an INSERT has columns (ORA-00928)", _inserts_nothing),
    Rule("several-rows", "VALUES takes one row (ORA-00933)", _several_rows, until=23),
    Rule("on-conflict", "an INSERT has no word on conflicts (ORA-00933)", _resolves_conflicts),
    Rule(
        "returning-from-audit", "reading back needs more than INSERT (ORA-01031)",
        _returns_from_audit,
    ),
    Rule(
        "change-by-join", "no UPDATE has FROM, no DELETE has USING (ORA-00933)", _changes_by_join,
        until=23,
    ),
    Rule("limit", "there is no LIMIT (ORA-00933)", _limit),
)
