"""Brands of the SBA Franchise Directory, from the spreadsheet that SBA publishes."""

import re
import unicodedata
from pathlib import Path

from adapters.datasets import DATA
from adapters.datasets.cells import day_or_none, one_of, text, text_or_none
from adapters.datasets.sheet import Columns, Sheet, Values, records
from adapters.datasets.workbook import read_table
from domain.errors import Invalid
from domain.franchise import Addendum, Certification, Franchise

DEMO_FRANCHISES = DATA / "demo_franchises.csv"

SBA_CODE = re.compile(r"[A-Z0-9]{1,10}")
LONGEST_CODE = 80
CERTIFICATIONS = {
    "yes": Certification.RECEIVED,
    "no": Certification.NOT_RECEIVED,
    "pending": Certification.PENDING,
    "y": Certification.RECEIVED,
    "n": Certification.NOT_RECEIVED,
    "received": Certification.RECEIVED,
    "not received": Certification.NOT_RECEIVED,
    "certification pending": Certification.PENDING,
}
ANSWERS = {"yes": True, "no": False, "y": True, "n": False, "n/a": False}
MARKS = ANSWERS | {"x": True, "": False}


def sba_code(cell: str) -> str | None:
    """Read an SBA franchise identifier code; brands that are no franchise have none."""
    if cell and not SBA_CODE.fullmatch(cell):
        raise ValueError(f"'{cell}' is no code; give up to 10 capital letters and digits")
    return cell or None


COLUMNS: Columns = {
    "brand": ("BRAND", text),
    "sba_code": ("SBA FRANCHISE IDENTIFIER CODE", sba_code),
    "code_start_date": ("SBA FRANCHISE IDENTIFIER CODE Start Date", day_or_none),
    "certification_status": (
        "Franchisor/ Distributor Certification Received?",
        one_of(CERTIFICATIONS),
    ),
    "addendum_required": ("IS AN ADDENDUM NEEDED?", one_of(ANSWERS)),
    "form_2462": ("SBA Addendum - Form 2462", one_of(MARKS)),
    "negotiated": ("SBA Negotiated Addendum", one_of(MARKS)),
    "notes": ("NOTES", text_or_none),
}


def read_franchises(path: Path) -> tuple[Franchise, ...]:
    """Read the directory as SBA publishes it, or saved as CSV. Raises Faulty with all faults."""
    return franchises_of(read_table(path))


def franchises_of(sheet: Sheet) -> tuple[Franchise, ...]:
    """Read the directory from its rows, whatever file they came in.

    A brand with an SBA code meets the FTC's definition of a franchise, as SBA issues none to
    others. Where both addenda are marked, the negotiated one counts. Raises Faulty with all
    faults.
    """
    return tuple(records(Franchise, sheet, COLUMNS, _complete).values())


def brand_code(brand: str) -> str:
    """Make a code of a brand's name: "BRAND-" and its letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", brand).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[A-Z0-9]+", plain.replace("'", "").upper()))
    if not slug:
        raise Invalid("brand", "without an SBA code, a brand needs a Latin letter or a digit")
    return f"BRAND-{slug}"[:LONGEST_CODE].rstrip("-")


def _complete(values: Values) -> Values:
    form_2462, negotiated = values.pop("form_2462"), values.pop("negotiated")
    named = Addendum.FORM_2462 if form_2462 else Addendum.NONE
    return values | {
        "code": values["sba_code"] or brand_code(values["brand"]),
        "meets_ftc_definition": values["sba_code"] is not None,
        "addendum_type": Addendum.NEGOTIATED if negotiated else named,
    }
