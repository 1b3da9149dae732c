"""Industries of NAICS, from a CSV file a vintage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from adapters.datasets import DATA
from adapters.datasets.cells import one_of, text, text_or_none
from adapters.datasets.faults import Fault, Faulty
from adapters.datasets.sheet import Columns, Values, records
from adapters.datasets.workbook import read_table
from domain.naics import NaicsCode, NaicsLevel

NAICS_2022 = DATA / "naics_2022.csv"
NAICS_2017 = DATA / "naics_2017.csv"


def year(cell: str) -> int:
    """Read a vintage, as 2022."""
    if not (cell.isascii() and cell.isdigit()):
        raise ValueError(f"'{cell}' is no year")
    return int(cell)


COLUMNS: Columns = {
    "code": ("code", text),
    "title": ("title", text),
    "level": ("level", one_of({level.value: level for level in NaicsLevel})),
    "parent_code": ("parent_code", text_or_none),
    "sector_code": ("sector_code", text),
    "naics_year": ("naics_year", year),
}


def read_naics(path: Path = NAICS_2022) -> tuple[NaicsCode, ...]:
    """Read one vintage, in the order of its file, all of it active.

    The level is what the column says; the length of a code tells nothing, see "31-33". Raises
    Faulty with all faults; once all rows can be read, with each whose parent or sector the file
    lacks or has on another level.
    """
    found = records(NaicsCode, read_table(path), COLUMNS, _active)
    faults = tuple(_misplaced(found))
    if faults:
        raise Faulty(*faults)
    return tuple(found.values())


def merged(newer: Sequence[NaicsCode], older: Sequence[NaicsCode]) -> tuple[NaicsCode, ...]:
    """Give all of the newer vintage, then what it retired of the older, inactive."""
    kept = {entry.code for entry in newer}
    retired = (replace(entry, active=False) for entry in older if entry.code not in kept)
    return (*newer, *retired)


def _active(values: Values) -> Values:
    return values | {"active": True}


def _misplaced(found: Mapping[int, NaicsCode]) -> Iterator[Fault]:
    """Name the entries that do not hang one level below their parent, in their sector."""
    level_of = {entry.code: entry.level for entry in found.values()}
    above = dict(pairwise(reversed(NaicsLevel)))
    for line, entry in found.items():
        parent, wanted = entry.parent_code or "", above.get(entry.level)
        if wanted is None and parent:
            yield Fault(line, "parent_code", f"'{parent}' cannot be; a sector has no parent")
        elif wanted is not None and level_of.get(parent) is not wanted:
            yield Fault(line, "parent_code", f"'{parent}' is no {wanted} of this file")
        if level_of.get(entry.sector_code) is not NaicsLevel.SECTOR:
            yield Fault(line, "sector_code", f"'{entry.sector_code}' is no sector of this file")
