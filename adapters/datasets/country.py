"""Countries of ISO 3166-1, from a CSV file."""

from pathlib import Path

from adapters.datasets import DATA
from adapters.datasets.cells import one_of, text
from adapters.datasets.sheet import Columns, records
from adapters.datasets.workbook import read_table
from domain.country import Country

COUNTRIES = DATA / "countries_iso3166_1.csv"

COLUMNS: Columns = {
    "alpha2": ("alpha2", text),
    "alpha3": ("alpha3", text),
    "numeric": ("numeric", text),
    "name": ("name", text),
    "display_name": ("apolitical_name", lambda cell: upright(text(cell))),
    "officially_assigned": ("officially_assigned", one_of({"Y": True, "N": False})),
}


def read_countries(path: Path = COUNTRIES) -> tuple[Country, ...]:
    """Read the countries of a file, in its order. Raises Faulty with all faults."""
    return tuple(records(Country, read_table(path), COLUMNS).values())


def upright(name: str) -> str:
    """Turn an inverted name around: "Korea, Republic of" becomes "Republic of Korea".

    Names that list islands, as "Bonaire, Sint Eustatius and Saba", stay as they are.
    """
    head, comma, tail = name.partition(", ")
    if not comma or " and " in tail:
        return name
    return f"{tail} {head}"
