"""Statements as files that people read: sorted, folded, each below the places that send it."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from textwrap import wrap

from adapters.sql.tables import METADATA

REFRESH = "LOAPI_TEST_REFRESH_SNAPSHOTS"
HOW = f"{REFRESH}=1 uv run pytest tests/architecture/test_oracle_statements.py"
WIDTH = 98

_LIST = re.compile(r"\(:(\w+?)_1(?:, :\1_\d+)*\)")
_ALL_COLUMNS = {
    ", ".join(f"{table.name}.{column.name}" for column in table.c): table.name
    for table in METADATA.tables.values()
    if len(table.c) > 3
}


def statements_file(sent: Iterable[tuple[str, str]]) -> str:
    """Write statements, each given as its site and its text."""
    sites: dict[str, set[str]] = defaultdict(set)
    for site, sql in sent:
        sites[_folded(sql)].add(site)
    parts = [
        "\n".join([*(f"-- {site}" for site in sorted(of)), f"{sql};"]) for sql, of in sites.items()
    ]
    head = (
        "-- What the service sends to Oracle, 19c and 23ai alike; lists by their like.\n"
        "-- <payoff> stands for all columns of payoff, (:several …) for a list of any length.\n"
        f"-- To write this file anew: {HOW}"
    )
    return "\n\n".join([head, *sorted(parts)]) + "\n"


def tables_file(made: Iterable[str]) -> str:
    """Write what makes the tables."""
    head = (
        "-- The tables on Oracle, 19c and 23ai alike, as adapters/sql/tables.py declares them.\n"
        f"-- To write this file anew: {HOW}"
    )
    parts = ("\n".join(map(str.rstrip, sql.replace("\t", "    ").split("\n"))) for sql in made)
    return "\n\n".join([head, *(f"{part};" for part in sorted(parts))]) + "\n"


def check(path: Path, now: str) -> None:
    """Compare a snapshot with what it should be, or write it where that was asked for."""
    if os.environ.get(REFRESH) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now)
    kept = path.read_text() if path.exists() else ""
    assert kept == now, f"{path.name} has changed. If that is meant, run {HOW} and read the diff."


def _folded(sql: str) -> str:
    short = _LIST.sub(r"(:\1 …)", sql)
    for columns, table in _ALL_COLUMNS.items():
        short = short.replace(columns, f"<{table}>")
    lines = (line.strip() for line in short.replace(" ORDER BY ", "\nORDER BY ").split("\n"))
    return "\n".join(
        part for line in lines for part in wrap(line, WIDTH, subsequent_indent="    ")
    )
