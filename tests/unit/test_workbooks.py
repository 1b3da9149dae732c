"""The franchise directory is read from the workbook that SBA publishes as from a CSV file."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from adapters.datasets.faults import Fault, Faulty
from adapters.datasets.franchise import read_franchises
from domain.franchise import Addendum, Certification

HEADINGS = (
    "BRAND", "SBA FRANCHISE IDENTIFIER CODE", "SBA FRANCHISE IDENTIFIER CODE Start Date",
    "Franchisor/ Distributor Certification Received?", "IS AN  ADDENDUM NEEDED?",
    "SBA Addendum - Form 2462", "SBA Negotiated Addendum", "NOTES",
)
ACME = ("Acme  Grill", "S1234", datetime(2025, 7, 4), "Yes", "No", None, None, "Ask\nfirst")


def saved(folder: Path, *rows: Sequence[Any], number_format: str = "General") -> Path:
    """Save rows as a workbook."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, int):
                cell.number_format = number_format
    path = folder / "directory.XLSX"
    book.save(path)
    return path


def test_a_workbook_is_read_as_sba_publishes_it(tmp_path: Path) -> None:
    acme = read_franchises(saved(tmp_path, HEADINGS, ACME))[0]
    assert (acme.brand, acme.code, acme.notes) == ("Acme Grill", "S1234", "Ask first")
    assert acme.code_start_date == date(2025, 7, 4)
    assert acme.certification_status is Certification.RECEIVED
    assert acme.addendum_type is Addendum.NONE


def test_a_title_above_the_headings_and_blank_rows_are_passed_over(tmp_path: Path) -> None:
    title = ("SBA Franchise Directory",)
    path = saved(tmp_path, title, ("Effective", date(2026, 11, 9)), (), HEADINGS, (), ACME)
    assert [one.code for one in read_franchises(path)] == ["S1234"]


def test_moved_and_further_columns_do_no_harm(tmp_path: Path) -> None:
    path = saved(tmp_path, ("?", *reversed(HEADINGS)), ("", *reversed(ACME)))
    assert [one.code for one in read_franchises(path)] == ["S1234"]


@pytest.mark.parametrize(
    ("cell", "shown_as", "code"),
    [(12345, "General", "12345"), (123, "00000", "00123"), (45.0, "General", "45"),
     (None, "General", None), ("  ", "General", None), ("S0042", "General", "S0042")],
)
def test_codes_are_text_however_the_cell_holds_them(
    tmp_path: Path, cell: Any, shown_as: str, code: str | None
) -> None:
    row = (ACME[0], cell, *ACME[2:])
    acme = read_franchises(saved(tmp_path, HEADINGS, row, number_format=shown_as))[0]
    assert acme.sba_code == code
    assert acme.code == (code or "BRAND-ACME-GRILL")


def test_faults_name_the_line_of_the_sheet(tmp_path: Path) -> None:
    bad = (None, "too long a code", "someday", "perhaps", "no", None, None, None)
    path = saved(tmp_path, ("Title",), (), HEADINGS, ACME, (), bad, ACME)
    with pytest.raises(Faulty) as refused:
        read_franchises(path)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (6, "BRAND"),
        (6, "SBA FRANCHISE IDENTIFIER CODE"),
        (6, "SBA FRANCHISE IDENTIFIER CODE Start Date"),
        (6, "Franchisor/ Distributor Certification Received?"),
        (7, "row"),
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"BRAND,NOTES\n", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "directory.xlsx"
    path.write_bytes(content)
    with pytest.raises(Faulty) as refused:
        read_franchises(path)
    assert refused.value.faults[0].column == "file"


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as refused:
        read_franchises(saved(tmp_path))
    assert refused.value.faults == (
        Fault(1, "file", "it is empty; give a row of headings first"),
    )
