"""How a script for SQL*Plus begins, goes on and ends."""

from collections.abc import Iterable

_STOPS = "WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK\nWHENEVER OSERROR EXIT FAILURE ROLLBACK\n"

# VERIFY would print every line with the password in it.
_ASKS = "SET ECHO OFF\nSET VERIFY OFF\nSET DEFINE ON\n"

# Text with & in it is no question, and an empty line ends no statement.
_RUNS = "SET ECHO OFF\nSET DEFINE OFF\nSET SQLBLANKLINES ON\n"


def about(paragraphs: Iterable[str]) -> str:
    """Give what a script says of itself, as comments."""
    lines = "\n\n".join(each.strip("\n") for each in paragraphs).splitlines()
    return "".join(f"-- {line}".rstrip() + "\n" for line in lines) + "\n"


def header(*, asks: bool = False) -> str:
    """Give what comes before the first statement of a script; `asks`: it asks for values."""
    return _STOPS + (_ASKS if asks else _RUNS)


def as_owner(owner: str) -> str:
    """Let names without a schema be the owner's, and wait for locks that are held for a moment."""
    return statement(f"ALTER SESSION SET CURRENT_SCHEMA = {owner}") + statement(
        "ALTER SESSION SET DDL_LOCK_TIMEOUT = 30"
    )


def statement(text: str) -> str:
    """End a statement; a block of PL/SQL would want a slash."""
    return f"{text};\n"


def refusing(version_table: str, revision: str, owner: str) -> str:
    """Give a block that ends the script unless the schema is at a revision."""
    return f"""DECLARE
    found {version_table}.version_num%TYPE;
BEGIN
    SELECT version_num INTO found FROM {version_table};
    IF found <> '{revision}' THEN
        RAISE_APPLICATION_ERROR(
            -20001, '{owner} is at revision ' || found || '; this script begins at {revision}.');
    END IF;
END;
/
"""
