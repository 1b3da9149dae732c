"""Bind values as the driver takes them, before anything is sent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import oracledb

from tests.support.oracle import errors

Row = Mapping[str, Any]

_BY_PYTHON_TYPE: Mapping[type, str] = {
    int: "DB_TYPE_NUMBER",
    Decimal: "DB_TYPE_NUMBER",
    str: "DB_TYPE_VARCHAR",
    bytes: "DB_TYPE_RAW",
    datetime: "DB_TYPE_DATE",
    date: "DB_TYPE_DATE",
}
"""The type that the driver takes from a value; a time is a DATE unless it is told otherwise."""

_BY_API_TYPE: Mapping[str, str] = {
    "DATETIME": "DB_TYPE_DATE",
    "BINARY": "DB_TYPE_RAW",
    "STRING": "DB_TYPE_VARCHAR",
    "NUMBER": "DB_TYPE_NUMBER",
}

_TAKES: Mapping[str, tuple[type, ...]] = {
    "DB_TYPE_NUMBER": (int, Decimal),
    "DB_TYPE_VARCHAR": (str,),
    "DB_TYPE_NVARCHAR": (str,),
    "DB_TYPE_RAW": (bytes,),
    "DB_TYPE_DATE": (datetime, date),
    "DB_TYPE_TIMESTAMP": (datetime, date),
}
"""Narrower than the driver, which also takes floats, flags, aware times and texts as RAW."""


def bound(rows: Sequence[Row], sizes: Mapping[str, Any], names: set[str]) -> list[dict[str, Any]]:
    """Give rows as they are sent; raises the driver's errors for what it does not send."""
    rows, sizes = [_folded(row) for row in rows], _folded(sizes)
    types = dict(_types(rows, sizes))
    for row in rows:
        for name in names - set(row):
            raise errors.missing_bind(name)
        for name in set(row) - names:
            raise errors.unknown_bind(name)
    return [{name: _sent(value, types[name]) for name, value in row.items()} for row in rows]


def _folded(named: Mapping[str, Any]) -> dict[str, Any]:
    """Name binds as the driver does: in capitals, unless the name is in quotes."""
    return {
        name[1:-1] if name.startswith('"') else name.upper(): of for name, of in named.items()
    }


def _types(rows: Sequence[Row], sizes: Mapping[str, Any]) -> Mapping[str, str]:
    """Tell the type of each bind: as it was told, or by the first value that is not None."""
    types = {name: name_of(of) for name, of in sizes.items()}
    for row in rows:
        for name, value in row.items():
            if value is not None and name not in types:
                types[name] = _BY_PYTHON_TYPE.get(type(value), "DB_TYPE_VARCHAR")
    return {name: types.get(name, "DB_TYPE_VARCHAR") for row in rows[:1] for name in row} | types


def _sent(value: Any, of: str) -> Any:
    if value is None:
        return None
    if type(value) not in _TAKES[of] or _is_aware(value):
        raise errors.wrong_type(value, of)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if of == "DB_TYPE_DATE":
        return value.replace(microsecond=0)
    return value.encode().decode() if isinstance(value, str) else value


def _is_aware(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def name_of(of: Any) -> str:
    """Name a type of the driver's, or a Python type that it knows."""
    if isinstance(of, type):
        return _BY_PYTHON_TYPE[of]
    return _BY_API_TYPE.get(of.name, of.name)


TEXTS = (
    str,
    oracledb.STRING,
    oracledb.DB_TYPE_VARCHAR,
    oracledb.DB_TYPE_NVARCHAR,
    oracledb.DB_TYPE_LONG,
    oracledb.DB_TYPE_LONG_NVARCHAR,
)
"""The types as which a column is fetched as text."""
