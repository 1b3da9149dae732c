"""Tables read from files: columns found by heading, rows made records or faults."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter, ValidationError

from adapters.datasets.cells import Reading, folded
from adapters.datasets.faults import Fault, Faulty
from domain.errors import Invalid
from domain.model import Kind, key_of, key_text

Values = dict[str, Any]
Columns = Mapping[str, tuple[str, Reading]]
"""For each value of a record: the heading of its column, and how to read a cell of it."""

LONGEST_TITLE = 20
"""How many rows may stand above the headings."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, without the space around them, and the line where it starts."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its headings, and the rows below them that are not blank."""

    headings: Row
    rows: tuple[Row, ...]


def read_csv(path: Path) -> Sheet:
    """Read a CSV file in UTF-8, with or without a byte order mark.

    Raises Faulty where the file is no such CSV or has no headings.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = tuple(_rows(file))
        except UnicodeDecodeError as error:
            raise Faulty(Fault(1, "file", "save it as CSV in UTF-8")) from error
    return sheet_of(rows)


def sheet_of(rows: tuple[Row, ...]) -> Sheet:
    """Take the first row as headings. Raises Faulty where there is none."""
    if not rows:
        raise Faulty(Fault(1, "file", "it is empty; give a row of headings first"))
    return Sheet(headings=rows[0], rows=rows[1:])


def records(
    kind: type[Kind],
    sheet: Sheet,
    columns: Columns,
    complete: Callable[[Values], Values] = dict,
) -> dict[int, Kind]:
    """Make each row a record, keyed by its line; `complete` adds what no column holds.

    Headings match whatever their spaces, case and order; columns that nobody asks for are left
    alone, and so is a title of some rows above the headings. Raises Faulty with every fault of the
    sheet: missing columns or no rows, else cells that cannot be read, values that break a
    constraint of the model, and keys given twice.
    """
    sheet = _below_title(sheet, columns)
    places = _places(sheet, columns)
    check = TypeAdapter(kind)
    found: dict[int, Kind] = {}
    faults: list[Fault] = []
    lines: dict[tuple[Any, ...], int] = {}
    for row in sheet.rows:
        try:
            values = complete(_values(row, columns, places, len(sheet.headings.cells)))
            record = check.validate_python(values, strict=False)
            _claim(lines, record, row.line)
        except (Faulty, Invalid, ValidationError) as error:
            faults.extend(_faults(error, row.line, columns))
        else:
            found[row.line] = record
    if faults:
        raise Faulty(*faults)
    return found


def _rows(file: TextIO) -> Iterator[Row]:
    reader = csv.reader(file, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(line, tuple(cell.strip() for cell in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Faulty(Fault(line, "file", f"it is no CSV from here on: {error}")) from error


def _below_title(sheet: Sheet, columns: Columns) -> Sheet:
    """Begin the sheet at the row that has the most headings, the first of several such."""
    wanted = {folded(heading) for heading, _ in columns.values()}
    rows = (sheet.headings, *sheet.rows[:LONGEST_TITLE])
    had = [len(wanted & {folded(cell) for cell in row.cells}) for row in rows]
    place = had.index(max(had))
    return Sheet(headings=rows[place], rows=sheet.rows[place:])


def _places(sheet: Sheet, columns: Columns) -> dict[str, int]:
    """Find where each value stands in a row."""
    headings = sheet.headings
    cells = [folded(cell) for cell in headings.cells]
    faults = []
    for heading, _ in columns.values():
        count = cells.count(folded(heading))
        if count != 1:
            detail = "this column is missing" if count == 0 else f"there are {count} such columns"
            faults.append(Fault(headings.line, heading, detail))
    if not (faults or sheet.rows):
        faults = [Fault(headings.line, "row", "there are no rows below the headings")]
    if faults:
        raise Faulty(*faults)
    return {name: cells.index(folded(heading)) for name, (heading, _) in columns.items()}


def _values(row: Row, columns: Columns, places: Mapping[str, int], width: int) -> Values:
    if len(row.cells) != width:
        detail = f"it has {len(row.cells)} cells, the headings are {width}"
        raise Faulty(Fault(row.line, "row", detail))
    values: Values = {}
    faults = []
    for name, (heading, read) in columns.items():
        try:
            values[name] = read(row.cells[places[name]])
        except ValueError as error:
            faults.append(Fault(row.line, heading, str(error)))
    if faults:
        raise Faulty(*faults)
    return values


def _claim(lines: dict[tuple[Any, ...], int], record: Any, line: int) -> None:
    key = key_of(record)
    if lines.setdefault(key, line) != line:
        detail = f"{key_text(key)} is already on line {lines[key]}"
        raise Faulty(Fault(line, "row", detail))


def _faults(
    error: Faulty | Invalid | ValidationError, line: int, columns: Columns
) -> tuple[Fault, ...]:
    """Say what is wrong with a row by the headings that its reader sees."""
    if isinstance(error, Faulty):
        return error.faults
    if isinstance(error, Invalid):
        return (Fault(line, _heading(error.field or "row", columns), error.detail),)
    return tuple(
        Fault(line, _heading(".".join(map(str, found["loc"])), columns), found["msg"])
        for found in error.errors(include_url=False, include_input=False)
    )


def _heading(field: str, columns: Columns) -> str:
    return columns[field][0] if field in columns else field
