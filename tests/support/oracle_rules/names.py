"""Rules for names and binds."""

from collections.abc import Iterator, Sequence

from tests.support.oracle_rules.rule import LONGEST_NAME, MOST_BINDS, Rule
from tests.support.oracle_rules.text import Statement, Tokens, split

RESERVED = frozenset(
    "ACCESS ADD ALL ALTER AND ANY AS ASC AUDIT BETWEEN BY CHAR CHECK CLUSTER COLUMN COLUMN_VALUE "
    "COMMENT COMPRESS CONNECT CREATE CURRENT DATE DECIMAL DEFAULT DELETE DESC DISTINCT DROP ELSE "
    "EXCLUSIVE EXISTS FILE FLOAT FOR FROM GRANT GROUP HAVING IDENTIFIED IMMEDIATE IN INCREMENT "
    "INDEX INITIAL INSERT INTEGER INTERSECT INTO IS LEVEL LIKE LOCK LONG MAXEXTENTS MINUS MLSLABEL "
    "MODE MODIFY NESTED_TABLE_ID NOAUDIT NOCOMPRESS NOT NOWAIT NULL NUMBER OF OFFLINE ON ONLINE "
    "OPTION OR ORDER PCTFREE PRIOR PUBLIC RAW RENAME RESOURCE REVOKE ROW ROWID ROWNUM ROWS SELECT "
    "SESSION SET SHARE SIZE SMALLINT START SUCCESSFUL SYNONYM SYSDATE TABLE THEN TO TRIGGER UID "
    "UNION UNIQUE UPDATE USER VALIDATE VALUES VARCHAR VARCHAR2 VIEW WHENEVER WHERE WITH".split()
)
"""The words of V$RESERVED_WORDS with RESERVED = 'Y' or RES_ATTR = 'Y': no name may be one."""


def _names(statement: Statement) -> Iterator[str]:
    """Give the words that name something of ours."""
    for place, token in enumerate(statement.tokens):
        before, behind = statement.beside(place)
        if token.kind != "word" or behind == "(" and before not in _NAMING:
            continue
        is_cast = any(token in one.of for one in statement.typed if not one.name)
        if before == "." or (before == "AS" and not is_cast) or _is_named(statement, place):
            yield token.text
    yield from (one.name for one in statement.typed if one.name)
    yield from _listed(statement)


_NAMING = frozenset("FROM JOIN INTO TABLE INDEX CONSTRAINT REFERENCES UPDATE COLUMN".split())
_AFTER_NAMING = frozenset("IF LOCAL GLOBAL SET SKIP NOWAIT WAIT OF SELECT USING TABLESPACE".split())


def _is_named(statement: Statement, place: int) -> bool:
    before, _ = statement.beside(place)
    if before not in _NAMING or statement.tokens[place].text in _AFTER_NAMING:
        return before == "ON" and statement.first == "CREATE"
    return not (before == "UPDATE" and statement.at(place - 2, "FOR"))


def _listed(statement: Statement) -> Iterator[str]:
    """Give the columns that an INSERT, an UPDATE or an index lists."""
    opens = next(statement.find("("), None)
    is_index = statement.first == "CREATE" and statement.has("INDEX")
    if opens is not None and (statement.first == "INSERT" or is_index):
        inside = statement.bracket(opens)
        items = split(inside, inside[0].depth if inside else 0)
        yield from (item[0].text for item in items if item[0].kind == "word" and _is_plain(item))
    for item in statement.assignments:
        if len(item) > 1 and item[1].text == "=":
            yield item[0].text


def _is_plain(item: Tokens) -> bool:
    return len(item) == 1 or item[1].text in ("ASC", "DESC")


def _reserved_name(statement: Statement) -> bool:
    return any(name in RESERVED for name in _names(statement))


def _long_name(statement: Statement) -> bool:
    return any(
        len(token.text) > LONGEST_NAME
        for token in statement.tokens
        if token.kind == "word" and not _is_foreign_function(token.text)
    )


def _is_foreign_function(word: str) -> bool:
    return word.startswith(("DBMS_", "UTL_"))


def _quoted_name(statement: Statement) -> bool:
    return any(token.kind == "quoted" for token in statement.tokens)


def _odd_start(statement: Statement) -> bool:
    return any(token.kind == "word" and token.text[0] in "_$#" for token in statement.tokens)


def _reserved_bind(statement: Statement) -> bool:
    return any(
        token.kind == "bind" and (token.text[1:].upper() in RESERVED or token.text[1:2] in "_")
        for token in statement.tokens
        if token.text not in ("?", "%s")
    )


def _placeless_bind(statement: Statement) -> bool:
    return any(token.kind == "bind" and token.text in ("?", "%s") for token in statement.tokens)


def _too_many_binds(statement: Statement) -> bool:
    written = sum(token.kind == "bind" for token in statement.tokens)
    return written + sum(statement.lists) - 2 * len(statement.lists) > MOST_BINDS


RULES: Sequence[Rule] = (
    Rule("reserved-name", "a reserved word names nothing (ORA-00903, ORA-00904)", _reserved_name),
    Rule("long-name", "a name has at most 30 bytes before 12.2 (ORA-00972)", _long_name),
    Rule("quoted-name", "a name in quotes has to be quoted by everyone (ORA-00942)", _quoted_name),
    Rule("odd-start", "a name starts with a letter (ORA-00911)", _odd_start),
    Rule("reserved-bind", "a reserved word is no bind's name (ORA-01745)", _reserved_bind),
    Rule("placeless-bind", "a bind is :name (ORA-00911, DPY-4009)", _placeless_bind),
    Rule("too-many-binds", "a statement has at most 65,535 binds (ORA-01745)", _too_many_binds),
)
