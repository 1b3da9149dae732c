"""Reference data: countries, holidays, franchises and NAICS codes, the same for everyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.ports import Reading, Work
from application.query import Listing, Order, Page, Query
from domain.country import Country
from domain.dataset import Dataset
from domain.errors import NotFound
from domain.franchise import Franchise
from domain.holiday import Holiday
from domain.model import Kind, Record, as_requested, key_of, kind_name
from domain.naics import NaicsCode

COUNTRIES = Listing(
    kind=Country,
    filters=("alpha2", "alpha3", "numeric", "name", "active"),
    sorts=("alpha2", "name"),
    order=(Order("alpha2"),),
    largest=1000,
)
HOLIDAYS = Listing(
    kind=Holiday,
    filters=("code", "calendar", "date"),
    sorts=("date", "code"),
    order=(Order("date"),),
    largest=1000,
)
FRANCHISES = Listing(
    kind=Franchise,
    filters=("code", "sba_code", "brand", "active"),
    sorts=("code", "brand"),
    order=(Order("code"),),
    largest=1000,
)
NAICS_CODES = Listing(
    kind=NaicsCode,
    filters=("code", "level", "parent_code", "sector_code", "naics_year", "active"),
    sorts=("code",),
    order=(Order("code"),),
    largest=1000,
)


def show(reading: Reading, kind: type[Kind], code: str) -> Kind:
    """Give one entry by its code."""
    entry = reading.get(kind, code)
    if entry is None:
        raise NotFound(kind_name(kind), "code")
    return entry


def search(reading: Reading, kind: type[Kind], query: Query) -> Page[Kind]:
    """List entries."""
    return reading.find(kind, query)


DATASETS = (Country, Holiday, Franchise, NaicsCode)
"""What is the same for everyone until it is imported again."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in numbers of records."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


def bring_in(work: Work, records: Sequence[Record]) -> Imported:
    """Bring records into the store: new ones added, others brought up to date."""
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    touched: set[type[Record]] = set()
    for record in records:
        done = _bring_in_one(work, as_requested(record))
        counts[done] += 1
        if done != "unchanged":
            touched.add(type(record))
    for kind in DATASETS:
        if kind in touched:
            _renew(work, kind_name(kind))
    return Imported(**counts)


def editions(reading: Reading) -> Mapping[str, int]:
    """Give the version of each dataset that has one."""
    found = reading.find(Dataset, Query(limit=len(DATASETS))).items
    return {dataset.name: dataset.version for dataset in found}


def _renew(work: Work, name: str) -> None:
    current = work.get(Dataset, name)
    if current is None:
        work.add(Dataset(name=name, imported_at=work.now))
    else:
        work.change(replace(current, imported_at=work.now))


def _bring_in_one(work: Work, record: Record) -> str:
    current = work.get(type(record), *key_of(record))
    if current is None:
        work.add(record)
        return "added"
    kept = work.change(replace(record, version=current.version))
    return "unchanged" if kept == current else "changed"
