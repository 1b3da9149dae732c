"""Columns by their declared types: what they take, how they keep it, and what a fetch finds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import oracledb

from tests.support.oracle import errors
from tests.support.oracle.forms import EXACT, from_sortable, kept_form, moment, sortable

LONGEST_TEXT = 4000
"""Bytes of a VARCHAR2, whatever its length in characters (MAX_STRING_SIZE=STANDARD)."""

_TYPE = re.compile(r"(\w+)(?:\((\d+)(?:,\s*(\d+))?(?:\s+(CHAR|BYTE))?\))?")

_TAKES: Mapping[str, tuple[type, ...]] = {
    "NUMBER": (int, Decimal),
    "VARCHAR2": (str,),
    "CLOB": (str,),
    "RAW": (bytes,),
    "TIMESTAMP": (datetime,),
    "DATE": (datetime,),
}

_DESCRIBED: Mapping[str, oracledb.DbType] = {
    "NUMBER": oracledb.DB_TYPE_NUMBER,
    "VARCHAR2": oracledb.DB_TYPE_VARCHAR,
    "CLOB": oracledb.DB_TYPE_CLOB,
    "RAW": oracledb.DB_TYPE_RAW,
    "TIMESTAMP": oracledb.DB_TYPE_TIMESTAMP,
    "DATE": oracledb.DB_TYPE_DATE,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or an expression that is typed as one."""

    table: str
    name: str
    of: str
    size: int = 0
    scale: int = 0
    nullable: bool = True

    @classmethod
    def declared(cls, table: str, name: str, declaration: str) -> "Column":
        """Read what follows a column's name in CREATE TABLE."""
        found = _TYPE.match(declaration)
        assert found and found[1] in _TAKES, f"the stand-in knows no such type: {declaration}"
        size, scale = int(found[2] or 0), int(found[3] or 0)
        return cls(table, name, found[1], size, scale, "NOT NULL" not in declaration)

    @property
    def described(self) -> oracledb.DbType:
        """What the driver is told that the column is."""
        return _DESCRIBED[self.of]

    @property
    def is_lob(self) -> bool:
        """Tell whether the driver fetches no row of it together with the execution."""
        return self.of == "CLOB"

    def kept(self, value: Any, *, inserts: bool) -> Any:
        """Give what a row holds of a value; raises what the server says where it takes it not."""
        form = kept_form(value)
        if form is None:
            return self._kept_null(inserts)
        if not isinstance(value, _TAKES[self.of]):
            raise errors.ora(932, f"inconsistent datatypes: expected {self.of}")
        keep = _KEEP.get(self.of)
        return form if keep is None else keep(self, value)

    def compared(self, value: Any) -> Any:
        """Give what a value is compared as; the stand-in refuses implicit conversions."""
        if value is None:
            return None
        if not isinstance(value, _TAKES[self.of]):
            raise errors.ora(932, f"inconsistent datatypes: expected {self.of}")
        return sortable(value) if self.scale else kept_form(value)

    def found(self, kept: Any) -> Any:
        """Give the value that a row holds as its exact Python value."""
        if kept is None or self.of in ("VARCHAR2", "CLOB", "RAW"):
            return kept
        if self.of in ("TIMESTAMP", "DATE"):
            return datetime.fromisoformat(kept)
        return from_sortable(kept) if isinstance(kept, str) else kept

    def _kept_null(self, inserts: bool) -> None:
        place = f'("{errors.OWNER}"."{self.table.upper()}"."{self.name.upper()}")'
        if self.nullable:
            return
        if inserts:
            raise errors.ora(1400, f"cannot insert NULL into {place}")
        raise errors.ora(1407, f"cannot update {place} to NULL")

    def _too_large(self, actual: int, most: int) -> oracledb.Error:
        place = f'"{errors.OWNER}"."{self.table.upper()}"."{self.name.upper()}"'
        return errors.ora(
            12899, f"value too large for column {place} (actual: {actual}, maximum: {most})"
        )

    def kept_number(self, value: int | Decimal) -> Any:
        """Round to the scale, as the server does without a word; refuse what is too large."""
        exact = Decimal(value).quantize(Decimal(1).scaleb(-self.scale), ROUND_HALF_UP, EXACT)
        if exact and exact.adjusted() >= self.size - self.scale:
            raise errors.ora(
                1438, "value larger than specified precision allowed for this column"
            )
        return sortable(exact) if self.scale else int(exact)

    def kept_text(self, value: str) -> str:
        """Refuse what is too long in characters, or in bytes."""
        if len(value) > self.size:
            raise self._too_large(len(value), self.size)
        if (length := len(value.encode())) > LONGEST_TEXT:
            raise self._too_large(length, LONGEST_TEXT)
        return value

    def kept_bytes(self, value: bytes) -> bytes:
        """Refuse what is too long."""
        if len(value) > self.size:
            raise self._too_large(len(value), self.size)
        return value

    def kept_date(self, value: datetime) -> str:
        """Drop the fraction of the second, as a DATE does."""
        return moment(value.replace(microsecond=0))


_KEEP: Mapping[str, Callable[[Column, Any], Any]] = {
    "NUMBER": Column.kept_number,
    "VARCHAR2": Column.kept_text,
    "RAW": Column.kept_bytes,
    "DATE": Column.kept_date,
}
