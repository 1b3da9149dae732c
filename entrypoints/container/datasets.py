"""The datasets that ship with the service, and the readers of those that are imported."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from adapters.datasets.country import read_countries
from adapters.datasets.demo import demo_portfolio
from adapters.datasets.faults import Faulty
from adapters.datasets.franchise import DEMO_FRANCHISES, read_franchises
from adapters.datasets.holiday import holidays_of, read_holidays
from adapters.datasets.naics import NAICS_2017, NAICS_2022, merged, read_naics
from domain.holiday import CalendarName
from domain.model import Record

__all__ = ["READERS", "Faulty", "demo_data", "demo_portfolio", "reference_data"]

YEARS = range(1999, 2052)
"""The years for which holidays are loaded: 2000 to 2050, and one more at each end, so that the
business days next to those years are known."""

Reader = Callable[[Path], tuple[Record, ...]]

READERS: Mapping[str, Reader] = {
    "country": read_countries,
    "naics": read_naics,
    "holiday": read_holidays,
    "franchise": read_franchises,
}
"""Reads a dataset's file for `loapi import`."""


def reference_data() -> Mapping[str, Callable[[], tuple[Record, ...]]]:
    """Give the reference data that ships with the service, by dataset."""
    return {
        "country": read_countries,
        "naics": lambda: merged(read_naics(NAICS_2022), read_naics(NAICS_2017)),
        "holiday": lambda: tuple(
            day for calendar in CalendarName for day in holidays_of(calendar, YEARS)
        ),
    }


def demo_data(today: date) -> tuple[Record, ...]:
    """Give the demo portfolio, clients aside, and the invented franchises."""
    portfolio = demo_portfolio(today)
    return (
        *portfolio.locations,
        *portfolio.users,
        *portfolio.accesses,
        *portfolio.loans,
        *read_franchises(DEMO_FRANCHISES),
    )
