"""What an import does on every adapter: all of a file or nothing, and nothing that it need not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from application.audit.record import Operation
from application.imports import Imported, bring_in, foresee
from application.query import Query
from domain.dataset import Dataset
from domain.franchise import Certification, Franchise
from domain.holiday import CalendarName, Holiday, holiday_code
from domain.model import Kind
from domain.naics import NaicsCode, NaicsLevel
from tests.contract.conftest import ALL, Rig


def everything(rig: Rig, kind: type[Kind]) -> tuple[Kind, ...]:
    """Give every record of a kind."""
    return rig.read(lambda reading: reading.find(kind, Query(limit=ALL)).items)


def a_holiday(day: date, calendar: CalendarName) -> Holiday:
    """Give a holiday of a calendar."""
    return Holiday(
        code=holiday_code(calendar, day), calendar=calendar, date=day, name="Thanksgiving Day",
        observed=False, actual_date=day,
    )


def a_franchise(code: str) -> Franchise:
    """Give an active brand."""
    return Franchise(
        code=code, sba_code=code, brand=f"Brand {code}", meets_ftc_definition=True,
        certification_status=Certification.RECEIVED, addendum_required=False,
    )


def test_an_import_adds_changes_and_leaves_alone(rig: Rig) -> None:
    days = [a_holiday(date(2026, 11, n), CalendarName.FED_BANK) for n in (24, 25, 26)]
    assert rig.do(bring_in, days[:2]) == Imported(added=2)
    rig.new_records()
    brought = rig.do(bring_in, [days[0], replace(days[1], name="Other"), days[2]])
    assert brought == Imported(added=1, changed=1, unchanged=1)
    (record,) = rig.new_records()
    assert len(record.changes) == 2


def test_what_a_file_lacks_is_counted_and_made_inactive_where_asked(rig: Rig) -> None:
    brands = [a_franchise(f"S{number}") for number in range(4)]
    assert rig.do(bring_in, brands) == Imported(added=4)
    assert rig.do(bring_in, brands[:1]) == Imported(unchanged=1, missing=3)
    rig.new_records()
    assert rig.do(bring_in, brands[:1], True) == Imported(unchanged=1, retired=3)
    (record,) = rig.new_records()
    assert [change.fields for change in record.changes] == [
        {"active": {"before": True, "after": False}}
    ] * 3
    assert rig.do(bring_in, brands[:1], True) == Imported(unchanged=1)
    assert rig.do(bring_in, brands) == Imported(unchanged=1, changed=3)


def test_holidays_that_a_file_lacks_are_removed_in_its_years_where_asked(rig: Rig) -> None:
    fed, federal = CalendarName.FED_BANK, CalendarName.US_FEDERAL
    wrong = a_holiday(date(2026, 7, 6), fed)
    right = [a_holiday(date(2026, 7, 4), fed), a_holiday(date(2026, 12, 25), fed)]
    others = [a_holiday(date(2026, 7, 6), federal), a_holiday(date(2025, 12, 25), fed),
              a_holiday(date(2027, 1, 1), fed)]
    rig.do(bring_in, [wrong, *right, *others])
    before = {one.name: one.version for one in everything(rig, Dataset)}
    assert rig.do(bring_in, right) == Imported(unchanged=2, missing=1)
    assert rig.read(foresee, right, True) == Imported(unchanged=2, removed=1)
    assert wrong.code in {one.code for one in everything(rig, Holiday)}
    rig.new_records()
    rig.clock.forward(timedelta(seconds=1))
    assert rig.do(bring_in, right, True) == Imported(unchanged=2, removed=1)
    (record,) = rig.new_records()
    removed = [one for one in record.changes if one.kind == "holiday"]
    assert [(one.key, one.operation) for one in removed] == [(wrong.code, Operation.REMOVE)]
    assert {one.code for one in everything(rig, Holiday)} == {one.code for one in (*right, *others)}
    assert {one.name: one.version for one in everything(rig, Dataset)} != before
    assert rig.do(bring_in, right, True) == Imported(unchanged=2)


def an_industry(code: str, year: int, **values: Any) -> NaicsCode:
    """Give an industry of a vintage, as its file tells of it."""
    usual: dict[str, Any] = {"title": f"{code} of {year}", "active": True}
    return NaicsCode(code=code, level=NaicsLevel.SECTOR, sector_code=code, naics_year=year,
                     **{**usual, **values})


def industries(rig: Rig) -> dict[str, tuple[int, bool]]:
    """Give the vintage of each industry, and whether it is active."""
    return {one.code: (one.naics_year, one.active) for one in everything(rig, NaicsCode)}


OLDER = [an_industry("11", 2017), an_industry("45", 2017)]
NEWER = [an_industry("11", 2022), an_industry("46", 2022)]


def test_an_older_vintage_adds_what_newer_ones_retired_and_takes_nothing(rig: Rig) -> None:
    rig.do(bring_in, NEWER)
    assert rig.do(bring_in, OLDER) == Imported(added=1, unchanged=1)
    assert industries(rig) == {"11": (2022, True), "46": (2022, True), "45": (2017, False)}
    assert rig.do(bring_in, OLDER, True) == Imported(unchanged=2)
    corrected = [OLDER[0], replace(OLDER[1], title="Other")]
    assert rig.do(bring_in, corrected, True) == Imported(changed=1, unchanged=1)
    assert industries(rig) == {"11": (2022, True), "46": (2022, True), "45": (2017, False)}
    assert rig.do(bring_in, NEWER, True) == Imported(unchanged=2)


def test_vintages_come_to_the_same_in_any_order(rig: Rig) -> None:
    assert rig.do(bring_in, OLDER) == Imported(added=2)
    assert rig.do(bring_in, NEWER) == Imported(added=1, changed=1, missing=1)
    assert rig.read(foresee, OLDER) == Imported(changed=1, unchanged=1)
    assert rig.do(bring_in, NEWER, True) == Imported(unchanged=2, retired=1)
    assert industries(rig) == {"11": (2022, True), "46": (2022, True), "45": (2017, False)}
    assert rig.do(bring_in, OLDER) == Imported(unchanged=2)


def test_what_an_import_would_do_is_foreseen_and_not_done(rig: Rig) -> None:
    brands = [a_franchise(f"S{number}") for number in range(3)]
    rig.do(bring_in, brands[:2])
    rig.new_records()
    watched: list[int] = []
    renamed = [replace(brands[0], brand="Other"), brands[2]]
    wanted = Imported(added=1, changed=1, retired=1)
    assert rig.read(foresee, renamed, True, watched.append) == wanted
    assert watched == [1, 2, 3] and rig.new_records() == []
    assert rig.do(bring_in, renamed, True) == wanted
