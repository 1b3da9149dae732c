"""Reference data: countries, holidays, franchises and NAICS codes, the same for everyone."""

from collections.abc import Mapping
from datetime import date

from application.ports import Reading
from application.query import Listing, Operator, Order, Page, Query, Term
from domain.business_day import BusinessDay, business_day
from domain.calendars import WITHOUT_HOLIDAY, Calendar
from domain.country import Country
from domain.dataset import Dataset
from domain.errors import NotFound
from domain.franchise import Franchise
from domain.holiday import CalendarName, Holiday, holiday_code
from domain.model import Kind, kind_name
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


def show_country(reading: Reading, code: str) -> Country:
    """Give the country with an ISO 3166-1 code: two letters, three letters or three digits."""
    field = {2: "alpha2", 3: "numeric" if code.isdigit() else "alpha3"}.get(len(code))
    if field is None:
        raise NotFound("country", "code")
    for country in reading.find(Country, Query(limit=1).where(field, code)).items:
        return country
    raise NotFound("country", "code")


def calendar(reading: Reading, name: CalendarName) -> Calendar:
    """Give a calendar with all of its holidays."""
    every = Query(order=(Order("date"),), limit=MOST_HOLIDAYS).where("calendar", name)
    return Calendar(frozenset(holiday.date for holiday in reading.find(Holiday, every).items))


def show_business_day(reading: Reading, code: str) -> BusinessDay:
    """Say whether a day, as "FED_BANK-2026-07-03", is a business day, and which are nearest.

    Raises NotFound for a day of which the calendar's holidays are not known.
    """
    name, day = _calendar_day(code)
    around = (
        Query(limit=100, order=(Order("date"),))
        .where("calendar", name)
        .and_(Term("date", Operator.GTE, (day - WITHOUT_HOLIDAY,)))
        .and_(Term("date", Operator.LTE, (day + WITHOUT_HOLIDAY,)))
    )
    closed = {holiday.date: holiday for holiday in reading.find(Holiday, around).items}
    if not Calendar(closed.keys()).knows(day):
        raise NotFound("business day", "code")
    return business_day(name, day, closed)


def search(reading: Reading, kind: type[Kind], query: Query) -> Page[Kind]:
    """List entries."""
    return reading.find(kind, query)


FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Beyond these no calendar is known, whatever was imported."""

MOST_HOLIDAYS = 100_000
"""No calendar has more holidays than this; it is read in one go."""


def _calendar_day(code: str) -> tuple[CalendarName, date]:
    name, _, text = code.partition("-")
    try:
        calendar, day = CalendarName(name), date.fromisoformat(text)
    except ValueError:
        raise NotFound("business day", "code") from None
    if holiday_code(calendar, day) != code or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotFound("business day", "code")
    return calendar, day


DATASETS = (Country, Holiday, Franchise, NaicsCode)
"""What is the same for everyone until it is imported again."""


def editions(reading: Reading) -> Mapping[str, int]:
    """Give the version of each dataset that has one."""
    found = reading.find(Dataset, Query(limit=len(DATASETS))).items
    return {dataset.name: dataset.version for dataset in found}
