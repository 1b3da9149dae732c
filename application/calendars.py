"""What is known of calendars without asking the store for every payoff."""

import time
from functools import partial
from typing import Protocol

from application.ports import Runner
from application.reference import calendar
from application.remembering import Flights, Remembered
from domain.calendars import Calendar
from domain.holiday import CalendarName, Holiday
from domain.model import kind_name

KEPT_SECONDS = 3600.0
"""How long a calendar is kept whose edition stays, as the shelf keeps answers."""

HOLIDAYS = kind_name(Holiday)

Edition = tuple[CalendarName, int]
"""A calendar, and the version of the holidays that it is made of."""


class Editions(Protocol):
    """Knows which edition of a dataset is in force."""

    async def edition(self, dataset: str) -> int:
        """Give the version of a dataset, at most 10 s out of date."""


class Calendars:
    """The calendars, each read once for every edition of the holidays."""

    def __init__(self, runner: Runner, editions: Editions) -> None:
        self._runner = runner
        self._editions = editions
        self._kept: Remembered[Edition, Calendar] = Remembered(len(CalendarName))
        self._asked: Flights[Edition, Calendar] = Flights()

    async def get(self, name: CalendarName) -> Calendar:
        """Give a calendar, at most 10 s out of date; raises what reading it raises."""
        # The edition first: what is read after it is as new, or newer and soon read again.
        edition = name, await self._editions.edition(HOLIDAYS)
        kept = self._kept.get(edition)
        return kept or await self._asked.share(edition, partial(self._read, edition))

    async def _read(self, edition: Edition) -> Calendar:
        found = await self._runner.read(calendar, edition[0])
        self._kept.keep(edition, found, time.monotonic() + KEPT_SECONDS)
        return found
