"""Datasets brought in: what a file has is added or brought up to date, all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from application.ports import Reading, Work
from application.query import Operator, Order, Query, Term
from application.reference import DATASETS
from domain.dataset import Dataset
from domain.holiday import CalendarName, Holiday
from domain.model import Record, as_requested, key_of, kind_name, same
from domain.naics import NaicsCode

MOST_RECORDS = 1_000_000
"""The most active records of a kind."""

Watch = Callable[[int], None]
"""Is told how many records have been looked at."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in numbers of records."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    """Active ones that the file lacks, made inactive because that was asked for."""
    removed: int = 0
    """Holidays that the file lacks, taken out because that was asked for."""
    missing: int = 0
    """Active ones, or holidays, that the file lacks, left alone."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one record: `after` is `before` where nothing does, None where it goes."""

    before: Record | None
    after: Record | None

    @property
    def kind(self) -> type[Record] | None:
        """What kind of record it is."""
        record = self.before or self.after
        return None if record is None else type(record)

    @property
    def name(self) -> str:
        """How `Imported` counts it."""
        if self.after is None:
            return "removed"
        if self.before is None:
            return "added"
        return "unchanged" if same(self.before, self.after) else "changed"


def bring_in(
    work: Work,
    records: Sequence[Record],
    retire_missing: bool = False,
    watch: Watch | None = None,
) -> Imported:
    """Bring records into the store; the same records once more change nothing.

    An entry of an older NAICS vintage takes nothing from a newer one: it is added, inactive, where
    the newer ones have no such code. With `retire_missing`, active records of a kind that the file
    has, but not them, become inactive, unless they are of a newer vintage; holidays are removed,
    in those years of a calendar that the file has.
    """
    effects = list(_watched(_effects(work, records, retire_missing), watch))
    for effect in effects:
        _do(work, effect)
    touched = {effect.kind for effect in effects if effect.name != "unchanged"}
    for kind in DATASETS:
        if kind in touched:
            _renew(work, kind_name(kind))
    return _counted(work, effects, records)


def foresee(
    reading: Reading,
    records: Sequence[Record],
    retire_missing: bool = False,
    watch: Watch | None = None,
) -> Imported:
    """Say what bringing records in would do, and do nothing."""
    effects = list(_watched(_effects(reading, records, retire_missing), watch))
    return _counted(reading, effects, records)


def _do(work: Work, effect: Effect) -> None:
    if effect.before is None:
        if effect.after is not None:
            work.add(effect.after)
    elif effect.after is None:
        work.remove(effect.before)
    elif effect.name == "changed":
        work.change(effect.after)


def _effects(
    reading: Reading, records: Sequence[Record], retire_missing: bool
) -> Iterator[Effect]:
    newest = _newest_vintage(reading) if any(isinstance(r, NaicsCode) for r in records) else 0
    for record in map(as_requested, records):
        current = reading.get(type(record), *key_of(record))
        version = 0 if current is None else current.version
        after = _with(record, version=version)
        if isinstance(after, NaicsCode):
            after = after.beside(current, newest)
        yield Effect(current, after)
    if retire_missing:
        for record in _missing(reading, records):
            gone = isinstance(record, Holiday)
            yield Effect(record, None if gone else _with(record, active=False))


def _newest_vintage(reading: Reading) -> int:
    newest = Query(order=(Order("naics_year", True), Order("code", True)), limit=1)
    return max((entry.naics_year for entry in reading.find(NaicsCode, newest).items), default=0)


def _missing(reading: Reading, records: Sequence[Record]) -> Iterator[Record]:
    """Give the active records, and the holidays, that a file of the same kinds lacks."""
    keys: dict[type[Record], set[tuple[object, ...]]] = {}
    for record in records:
        if "active" in type(record).__dataclass_fields__:
            keys.setdefault(type(record), set()).add(key_of(record))
    years = [record.naics_year for record in records if isinstance(record, NaicsCode)]
    for kind, known in keys.items():
        active = Query(limit=MOST_RECORDS).where("active", True)
        if kind is NaicsCode:
            active = active.and_(Term("naics_year", Operator.LTE, (max(years),)))
        yield from (one for one in reading.find(kind, active).items if key_of(one) not in known)
    yield from _missing_holidays(reading, [one for one in records if isinstance(one, Holiday)])


def _missing_holidays(reading: Reading, holidays: Sequence[Holiday]) -> Iterator[Record]:
    """Give the holidays that a file lacks in those years of a calendar that it has."""
    known = {holiday.code for holiday in holidays}
    for calendar, year in sorted({(one.calendar, one.date.year) for one in holidays}):
        yield from (one for one in _of_year(reading, calendar, year) if one.code not in known)


def _of_year(reading: Reading, calendar: CalendarName, year: int) -> tuple[Holiday, ...]:
    of_year = (
        Query(limit=MOST_RECORDS)
        .where("calendar", calendar)
        .and_(Term("date", Operator.GTE, (date(year, 1, 1),)))
        .and_(Term("date", Operator.LTE, (date(year, 12, 31),)))
    )
    return reading.find(Holiday, of_year).items


def _counted(reading: Reading, effects: Sequence[Effect], records: Sequence[Record]) -> Imported:
    names = [effect.name for effect in effects[:len(records)]]
    gone = [effect.name for effect in effects[len(records):]]
    return Imported(
        added=names.count("added"),
        changed=names.count("changed"),
        unchanged=names.count("unchanged"),
        retired=gone.count("changed"),
        removed=gone.count("removed"),
        missing=0 if gone else sum(1 for _ in _missing(reading, records)),
    )


def _with(record: Record, **values: object) -> Record:
    found: Record = replace(record, **values)
    return found


def _watched(effects: Iterable[Effect], watch: Watch | None) -> Iterator[Effect]:
    for count, effect in enumerate(effects, 1):
        yield effect
        if watch is not None:
            watch(count)


def _renew(work: Work, name: str) -> None:
    current = work.get(Dataset, name)
    if current is None:
        work.add(Dataset(name=name, imported_at=work.now))
    else:
        work.change(replace(current, imported_at=work.now))
