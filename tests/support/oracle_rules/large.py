"""Rules for columns that our tables have: large texts, and those that may be NULL."""

from collections.abc import Sequence

from tests.support.oracle_rules.columns import LARGE, NULLABLE
from tests.support.oracle_rules.rule import COMPARISONS, Rule
from tests.support.oracle_rules.text import SET_OPERATORS, Statement, Token, texts

_IS_COMPARED = COMPARISONS | {"IN", "LIKE", "BETWEEN"}


def _compares_large(statement: Statement) -> bool:
    for token in statement.tokens:
        if token.place in statement.assigned or statement.column(token) not in LARGE:
            continue
        is_qualified = statement.beside(token.place)[0] == "."
        before = statement.beside(token.place - 2 * is_qualified)[0]
        behind = texts(statement.tokens[token.place + 1: token.place + 3])
        if before in COMPARISONS or next((t for t in behind if t != "NOT"), "") in _IS_COMPARED:
            return True
    return False


def _sorts_large(statement: Statement) -> bool:
    sorted_by: list[Token] = list(statement.tokens) if statement.is_index else []
    unites = any(
        token.text in SET_OPERATORS and not statement.at(token.place + 1, "ALL")
        for token in statement.tokens
        if token.kind == "word"
    )
    for query in statement.queries:
        chosen = query.part("SELECT")
        sorted_by += [*query.part("ORDER"), *query.part("GROUP")]
        if unites or texts(chosen[:1]) == ["DISTINCT"]:
            sorted_by += chosen
    return any(statement.column(token) in LARGE for token in sorted_by)


def _sorts_nulls(statement: Statement) -> bool:
    return any(
        statement.column(token) in NULLABLE
        for query in statement.queries
        for item in query.items("ORDER")
        for token in item
        if "NULLS" not in texts(item)
    )


RULES: Sequence[Rule] = (
    Rule("large-compared", "a CLOB is not compared (ORA-00932)", _compares_large),
    Rule(
        "large-sorted", "a CLOB is not sorted, grouped or indexed (ORA-00932, ORA-02327)",
        _sorts_large,
    ),
    Rule("nulls-sorted", "NULL comes last here and first on SQLite (no error)", _sorts_nulls),
)
