"""Calendars are read once for every edition of the holidays, and never older than that."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timezone
from typing import Any

import pytest

from adapters.datasets.holiday import holidays_of
from adapters.memory.audit import MemoryJournal
from adapters.memory.runner import MemoryRunner
from application.audit.record import Origin
from application.calendars import Calendars
from application.errors import Unavailable
from application.imports import bring_in
from application.ports import Errand
from application.reference import editions
from domain.calendars import Calendar
from domain.holiday import CalendarName, Holiday

FED, FEDERAL = CalendarName.FED_BANK, CalendarName.US_FEDERAL
THANKSGIVING = date(2026, 11, 26)


def now() -> datetime:
    return datetime.now(timezone.utc)


class Store(MemoryRunner):
    """Counts what it is asked, at leisure, and can be away; it tells its own editions, too."""

    def __init__(self) -> None:
        super().__init__(now, MemoryJournal())
        self.asked = 0
        self.away = False

    async def read(self, use_case: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer in a while."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable
        return await super().read(use_case, *args, **kwargs)

    async def edition(self, dataset: str) -> int:
        """Tell which edition there is."""
        found = await super().read(editions)
        return found.get(dataset, 0)

    async def bring_in(self, holidays: Sequence[Holiday]) -> None:
        """Import holidays."""
        origin = Origin(request_id="r", action="holiday.import")
        await self.write(Errand(origin=origin), bring_in, holidays)


async def stocked(*names: CalendarName) -> tuple[Store, Calendars]:
    """Give a store that has the holidays of 2026, and what knows its calendars."""
    store = Store()
    for name in names:
        await store.bring_in(holidays_of(name, range(2026, 2027)))
    return store, Calendars(store, store)


def test_a_calendar_has_its_own_holidays_and_is_read_once() -> None:
    async def act() -> None:
        store, calendars = await stocked(FED, FEDERAL)
        fed, federal = await calendars.get(FED), await calendars.get(FEDERAL)
        assert fed.closed == {one.date for one in holidays_of(FED, range(2026, 2027))}
        assert fed.closed != federal.closed
        assert [await calendars.get(name) for name in (FED, FEDERAL, FED)] == [fed, federal, fed]
        assert store.asked == 2

    asyncio.run(act())


def test_those_who_ask_at_once_share_one_answer() -> None:
    async def act() -> list[Calendar]:
        store, calendars = await stocked(FED)
        found = await asyncio.gather(*(calendars.get(FED) for _ in range(20)))
        assert store.asked == 1
        return found

    assert all(found.knows(THANKSGIVING) for found in asyncio.run(act()))


def test_an_import_is_known_as_soon_as_its_edition_is() -> None:
    async def act() -> None:
        store, calendars = await stocked(FED)
        before = await calendars.get(FED)
        added = holidays_of(FED, range(2027, 2028))
        await store.bring_in(added)
        after = await calendars.get(FED)
        assert after.closed == set(before.closed) | {one.date for one in added}
        assert (before.knows(date(2027, 6, 1)), after.knows(date(2027, 6, 1))) == (False, True)

    asyncio.run(act())


def test_an_import_while_a_calendar_is_read_is_not_missed() -> None:
    async def act() -> None:
        store, calendars = await stocked()
        asking = asyncio.ensure_future(calendars.get(FED))
        await asyncio.sleep(0)
        await store.bring_in(holidays_of(FED, range(2026, 2027)))
        await asking
        assert (await calendars.get(FED)).knows(THANKSGIVING)

    asyncio.run(act())


def test_what_was_never_imported_is_not_known() -> None:
    async def act() -> Calendar:
        _, calendars = await stocked(FEDERAL)
        return await calendars.get(FED)

    assert not asyncio.run(act()).knows(THANKSGIVING)


def test_a_store_that_is_away_is_asked_again() -> None:
    async def act() -> None:
        store, calendars = await stocked(FED)
        store.away = True
        for _ in range(2):
            with pytest.raises(Unavailable):
                await calendars.get(FED)
        assert store.asked == 2
        store.away = False
        assert (await calendars.get(FED)).knows(THANKSGIVING)

    asyncio.run(act())


def test_who_goes_away_while_asking_takes_the_answer_from_nobody() -> None:
    async def act() -> Calendar:
        _, calendars = await stocked(FED)
        first = asyncio.ensure_future(calendars.get(FED))
        other = asyncio.ensure_future(calendars.get(FED))
        await asyncio.sleep(0)
        first.cancel()
        return await other

    assert asyncio.run(act()).knows(THANKSGIVING)
