"""Rules for tables, their columns and types, and for DDL."""

from collections.abc import Sequence

from tests.support.oracle_rules.columns import TIMES
from tests.support.oracle_rules.rule import LONGEST_RAW, LONGEST_TEXT, Broken, Rule
from tests.support.oracle_rules.text import Statement, texts

_NO_TYPES = (
    "TIME TEXT DATETIME BIGINT TINYINT MEDIUMINT UUID GUID BYTEA DOUBLE STRING BINARY VARBINARY "
    "BIT SERIAL BIGSERIAL JSONB".split()
)


def _declares(*words: str) -> Broken:
    def broken(statement: Statement) -> bool:
        return any(one.word in words for one in statement.typed)

    return broken


def _unsized_text(statement: Statement) -> bool:
    return any(
        one.word in ("VARCHAR2", "VARCHAR", "NVARCHAR2", "RAW") and not one.sizes()
        for one in statement.typed
    )


def _inexact_number(statement: Statement) -> bool:
    return any(
        one.word in ("NUMERIC", "DECIMAL", "NUMBER", "DEC") and not one.sizes()
        for one in statement.typed
    )


def _floats(statement: Statement) -> bool:
    return any(one.word in ("FLOAT", "REAL", "BINARY_FLOAT") for one in statement.typed)


def _oversized(statement: Statement) -> bool:
    most = {"VARCHAR2": LONGEST_TEXT, "VARCHAR": LONGEST_TEXT, "RAW": LONGEST_RAW}
    return any(
        int(size) > most[one.word]
        for one in statement.typed
        if one.word in most
        for size in one.sizes()
        if size.isdigit()
    )


def _sized_in_bytes(statement: Statement) -> bool:
    return statement.is_ddl and any(
        one.word in ("VARCHAR2", "VARCHAR") and one.sizes() and "CHAR" not in one.sizes()
        for one in statement.typed
    )


def _day_for_time(statement: Statement) -> bool:
    return any(
        one.word == "DATE" and (one.name.lower() in TIMES or one.name.endswith("_AT"))
        for one in statement.typed
    )


def _zoned(statement: Statement) -> bool:
    return any(
        one.word == "TIMESTAMP" and "ZONE" in texts(one.of) for one in statement.typed
    )


def _not_null_first(statement: Statement) -> bool:
    for one in statement.typed:
        words = texts(one.of)
        if "DEFAULT" in words and "NULL" in words[: words.index("DEFAULT")]:
            return True
    return False


def _restricts(statement: Statement) -> bool:
    return (
        statement.has("ON", "DELETE", "RESTRICT")
        or statement.has("ON", "DELETE", "NO", "ACTION")
        or (statement.is_ddl and statement.has("ON", "UPDATE"))
    )


def _if_exists(statement: Statement) -> bool:
    if_there = statement.has("IF", "NOT", "EXISTS") or statement.has("IF", "EXISTS")
    return statement.is_ddl and if_there


def _column_word(statement: Statement) -> bool:
    return statement.first == "ALTER" and (
        statement.has("ADD", "COLUMN") or statement.has("ALTER", "COLUMN")
    )


def _index_on(statement: Statement) -> bool:
    return statement.at(0, "DROP", "INDEX") and "ON" in statement.words


def _binds_in_ddl(statement: Statement) -> bool:
    return statement.is_ddl and any(token.kind == "bind" for token in statement.tokens)


RULES: Sequence[Rule] = (
    Rule("boolean-type", "there is no BOOLEAN (ORA-00902)", _declares("BOOLEAN", "BOOL"), until=23),
    Rule("json-type", "there is no JSON type (ORA-00902)", _declares("JSON"), until=21),
    Rule("no-type", "a type of other databases (ORA-00902)", _declares(*_NO_TYPES)),
    Rule(
        "padded-or-national", "texts are neither padded nor national (no error)",
        _declares("CHAR", "NCHAR", "NVARCHAR2", "NCLOB", "NVARCHAR"),
    ),
    Rule("unsized-text", "VARCHAR2 and RAW have a size (ORA-00906)", _unsized_text),
    Rule("oversized-text", "VARCHAR2 holds 4,000 bytes, RAW 2,000 (ORA-00910)", _oversized),
    Rule("sized-in-bytes", "VARCHAR2(n) counts bytes, write CHAR (ORA-12899)", _sized_in_bytes),
    Rule(
        "inexact-number", "NUMERIC rounds to whole numbers, NUMBER to none (no error)",
        _inexact_number,
    ),
    Rule("float", "binary fractions are inexact (no error)", _floats),
    Rule("day-for-time", "DATE drops the microseconds of a time (no error)", _day_for_time),
    Rule("zoned-time", "the driver gives times with a zone back without it (DPY-3022)", _zoned),
    Rule("default-after-not-null", "DEFAULT comes before NOT NULL (ORA-00907)", _not_null_first),
    Rule("restrict", "RESTRICT is what happens, not what is written (ORA-00905)", _restricts),
    Rule("if-exists", "DDL has no IF (ORA-00922, ORA-00933)", _if_exists, until=23),
    Rule("column-word", "ADD and MODIFY come without COLUMN (ORA-00904, ORA-01735)", _column_word),
    Rule("drop-index-on", "DROP INDEX names no table (ORA-00933)", _index_on),
    Rule("bind-in-ddl", "DDL takes no binds (ORA-01027)", _binds_in_ddl),
)
