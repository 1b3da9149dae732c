"""Rules for texts in a statement, and for its end."""

from collections.abc import Sequence

from tests.support.oracle_rules.rule import LONGEST_TEXT, Rule
from tests.support.oracle_rules.text import Statement


def _empty_text(statement: Statement) -> bool:
    return any(
        token.kind == "text" and token.text.upper() in ("''", "N''")
        for token in statement.tokens
    )


def _national_text(statement: Statement) -> bool:
    return any(token.kind == "text" and token.text[0] in "nN" for token in statement.tokens)


def _long_literal(statement: Statement) -> bool:
    return any(
        token.kind == "text" and len(token.text.encode()) - 2 > LONGEST_TEXT
        for token in statement.tokens
    )


def _ends_with_semicolon(statement: Statement) -> bool:
    last = statement.tokens[-1].text if statement.tokens else ""
    return last in (";", "/") if not statement.is_block else last != ";"


def _joins_texts(statement: Statement) -> bool:
    return not statement.is_block and any(token.text == "||" for token in statement.tokens)


def _merges(statement: Statement) -> bool:
    return statement.first == "MERGE"


RULES: Sequence[Rule] = (
    Rule("merge", "MERGE locks nothing that is not there yet (ORA-00001)", _merges),
    Rule("empty-text", "'' is NULL: nothing equals it (ORA-01400)", _empty_text),
    Rule("national-text", "a national text turns indexes off (no error)", _national_text),
    Rule(
        "long-literal", "a text in a statement has at most 4,000 bytes (ORA-01704)", _long_literal
    ),
    Rule(
        "semicolon", "SQL ends without semicolon, PL/SQL with one (ORA-00911, PLS-00103)",
        _ends_with_semicolon,
    ),
    Rule("joined-texts", "'a' || NULL is 'a' here and NULL on SQLite (no error)", _joins_texts),
)
