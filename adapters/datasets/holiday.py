"""Holidays of federal offices and the Federal Reserve Banks, worked out or from a CSV file."""

from datetime import date, timedelta
from pathlib import Path

from adapters.datasets.cells import day, one_of, text
from adapters.datasets.sheet import Columns, Values, records
from adapters.datasets.workbook import read_table
from domain.errors import Invalid
from domain.holiday import CalendarName, Holiday, holiday_code

FIRST_YEAR = 1999
LAST_YEAR = 2100
"""The years for which the `holidays` package knows both calendars."""

FRIDAY = 4
OBSERVED = " (observed)"

NAMES = {"Martin Luther King Jr. Day": "Birthday of Martin Luther King, Jr."}
"""Where the package's calendars differ, the name in 5 USC 6103."""

COLUMNS: Columns = {
    "calendar": ("calendar", one_of({name.value: name for name in CalendarName})),
    "date": ("date", day),
    "name": ("name", text),
    "observed": ("observed", one_of({"true": True, "false": False, "yes": True, "no": False})),
    "actual_date": ("actual_date", day),
}


def holidays_of(calendar: CalendarName, years: range) -> tuple[Holiday, ...]:
    """Give the holidays whose date falls in these years, by date.

    A holiday on a weekend has a row for its own day, and one more, `observed`, for the day on
    which the calendar closes in lieu, if there is one. So 2021-12-31, in lieu of 2022-01-01,
    is of 2021. Raises ValueError for years before 1999 or after 2100.
    """
    if not years:
        return ()
    first, last = min(years), max(years)
    if first < FIRST_YEAR or last > LAST_YEAR:
        raise ValueError(f"holidays are known from {FIRST_YEAR} to {LAST_YEAR}")
    names = _names(calendar, range(first - 1, last + 2))
    found = (_holiday(calendar, on, name) for on, name in sorted(names.items()))
    return tuple(holiday for holiday in found if holiday.date.year in years)


def read_holidays(path: Path) -> tuple[Holiday, ...]:
    """Read the holidays of a file, in its order. Raises Faulty with all faults."""
    return tuple(records(Holiday, read_table(path), COLUMNS, _checked).values())


def _names(calendar: CalendarName, years: range) -> dict[date, str]:
    """Name the actual days and the days in lieu; only the latter say "(observed)"."""
    import holidays  # pylint: disable=import-outside-toplevel  # it takes 0.2 s to load

    names: dict[date, str] = {}
    for observed in (True, False):
        if calendar is CalendarName.US_FEDERAL:
            names |= holidays.country_holidays("US", years=years, observed=observed, expand=False)
        else:
            names |= holidays.financial_holidays(
                "FED", years=years, observed=observed, expand=False
            )
    return names


def _holiday(calendar: CalendarName, on: date, label: str) -> Holiday:
    name = label.removesuffix(OBSERVED)
    observed = name != label
    return Holiday(
        code=holiday_code(calendar, on),
        calendar=calendar,
        date=on,
        name=NAMES.get(name, name),
        observed=observed,
        actual_date=_actual(on) if observed else on,
    )


def _actual(closed: date) -> date:
    """Give the Saturday after a Friday in lieu, the Sunday before a Monday in lieu."""
    return closed + timedelta(days=1 if closed.weekday() == FRIDAY else -1)


def _checked(values: Values) -> Values:
    apart = abs((values["date"] - values["actual_date"]).days)
    if apart != int(values["observed"]):
        wanted = "the day before or after" if values["observed"] else "the same day as"
        raise Invalid("actual_date", f"give {wanted} the date, as 'observed' says")
    if not FIRST_YEAR <= values["date"].year <= LAST_YEAR:
        raise Invalid("date", f"give a day from {FIRST_YEAR} to {LAST_YEAR}")
    return values | {"code": holiday_code(values["calendar"], values["date"])}
