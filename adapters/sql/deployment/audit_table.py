"""The forms that the table of audit records can have on Oracle."""

from enum import StrEnum

from adapters.sql.tables import audit_record

IDLE_DAYS = 31
"""How long nobody may have added to an immutable table before it can be dropped."""

KEPT_DAYS = 2557
"""Seven years with their leap days: how long an immutable table keeps a row at least."""


class AuditTable(StrEnum):
    """How the table audit_record is made."""

    PLAIN = "plain"
    """For every edition; old rows are deleted by hand."""
    PARTITIONED = "partitioned"
    """A partition a month, dropped when its time has come; Enterprise Edition with partitioning."""
    IMMUTABLE = "immutable"
    """Nobody, the owner included, changes or deletes a row in its time; from 19.11 on."""


_BEGINNING = f"CREATE TABLE {audit_record.name} ("

# The primary key stays on the id alone, as a global index: the relay relies on its uniqueness, and
# a key that led with the time would be asked for in every partition.
_PARTITIONS = """
PARTITION BY RANGE (occurred_at) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH'))
(PARTITION before_2026 VALUES LESS THAN (TIMESTAMP '2026-01-01 00:00:00'))"""

# These clauses have to stand in this order, and before any other behind the columns.
_RETENTION = f"""
NO DROP UNTIL {IDLE_DAYS} DAYS IDLE
NO DELETE UNTIL {KEPT_DAYS} DAYS AFTER INSERT"""


def makes_audit_table(statement: str) -> bool:
    """Tell whether a statement makes the table of audit records."""
    return statement.startswith(_BEGINNING)


def in_form(statement: str, form: AuditTable) -> str:
    """Give the statement that makes the table, in one of its forms."""
    if form is AuditTable.PARTITIONED:
        return statement + _PARTITIONS
    if form is AuditTable.IMMUTABLE:
        return statement.replace("CREATE TABLE", "CREATE IMMUTABLE TABLE", 1) + _RETENTION
    return statement
