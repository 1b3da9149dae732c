"""Tables read from an Excel workbook, its cells as the texts that a CSV file would hold."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from adapters.datasets.faults import Fault, Faulty
from adapters.datasets.sheet import Row, Sheet, read_csv, sheet_of

NOT_A_WORKBOOK = (BadZipFile, KeyError, ValueError, OSError, SyntaxError)
"""What openpyxl raises for files that are none; XML errors are SyntaxErrors."""


def read_table(path: Path) -> Sheet:
    """Read a table from an XLSX workbook or, whatever else the file's name ends in, from CSV.

    Raises Faulty where the file is no such thing or has no headings.
    """
    return sheet_of(read_xlsx(path)) if path.suffix.lower() == ".xlsx" else read_csv(path)


def read_xlsx(path: Path) -> tuple[Row, ...]:
    """Read the rows of a workbook's first sheet that are not blank.

    Raises Faulty where the file is no XLSX workbook.
    """
    # It takes 0.2 s to load.
    from openpyxl import load_workbook  # pylint: disable=import-outside-toplevel  # see above

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return tuple(_rows(book.worksheets[0]))
        finally:
            book.close()
    except (*NOT_A_WORKBOOK, IndexError) as error:
        raise Faulty(Fault(1, "file", "it is no XLSX workbook; save it as XLSX or CSV")) from error


def _rows(sheet: Any) -> Iterator[Row]:
    # The size that a workbook states of itself is often wrong.
    sheet.reset_dimensions()
    rows = [(line, tuple(map(_text, cells))) for line, cells in enumerate(sheet.rows, 1)]
    width = max((_used(cells) for _, cells in rows), default=0)
    for line, cells in rows:
        if any(cells):
            yield Row(line, (*cells[:width], *("",) * (width - len(cells))))


def _used(cells: tuple[str, ...]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell), default=0)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return _zeros_kept(value, cell.number_format)
    return str(value).strip()


def _zeros_kept(value: int, shown_as: str) -> str:
    """Write a number as it is shown: a format of zeros only gives its least width."""
    return str(value).zfill(len(shown_as) if set(shown_as) == {"0"} else 0)
