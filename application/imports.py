"""Datasets brought in: what a file has is added or brought up to date, all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from application.ports import Reading, Work
from application.query import Query
from application.reference import DATASETS
from domain.dataset import Dataset
from domain.model import Record, as_requested, key_of, kind_name, same

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
    missing: int = 0
    """Active ones that the file lacks, left alone."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one record: `after` is `before` where nothing does."""

    before: Record | None
    after: Record

    @property
    def name(self) -> str:
        """How `Imported` counts it."""
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

    With `retire_missing`, active records of a kind that the file has, but not them, become
    inactive.
    """
    touched: set[type[Record]] = set()
    effects = list(_watched(_effects(work, records, retire_missing), watch))
    for effect in effects:
        if effect.before is None:
            work.add(effect.after)
        elif effect.name == "changed":
            work.change(effect.after)
        if effect.name != "unchanged":
            touched.add(type(effect.after))
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


def _effects(
    reading: Reading, records: Sequence[Record], retire_missing: bool
) -> Iterator[Effect]:
    for record in map(as_requested, records):
        current = reading.get(type(record), *key_of(record))
        version = 0 if current is None else current.version
        yield Effect(current, _with(record, version=version))
    if retire_missing:
        for record in _missing(reading, records):
            yield Effect(record, _with(record, active=False))


def _missing(reading: Reading, records: Iterable[Record]) -> Iterator[Record]:
    """Give the active records that a file of the same kinds lacks."""
    keys: dict[type[Record], set[tuple[object, ...]]] = {}
    for record in records:
        if "active" in type(record).__dataclass_fields__:
            keys.setdefault(type(record), set()).add(key_of(record))
    for kind, known in keys.items():
        active = Query(limit=MOST_RECORDS).where("active", True)
        yield from (one for one in reading.find(kind, active).items if key_of(one) not in known)


def _counted(reading: Reading, effects: Sequence[Effect], records: Sequence[Record]) -> Imported:
    brought, retired = effects[:len(records)], len(effects) - len(records)
    names = [effect.name for effect in brought]
    return Imported(
        added=names.count("added"),
        changed=names.count("changed"),
        unchanged=names.count("unchanged"),
        retired=retired,
        missing=0 if retired else sum(1 for _ in _missing(reading, records)),
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
