"""/api/v1/holiday: holidays of federal offices and the Federal Reserve Banks."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from application import reference
from domain.holiday import CalendarName, Holiday, holiday_code
from entrypoints.http.dependencies import Run
from entrypoints.http.examples import example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/holiday", tags=["holiday"], route_class=Route)

Listed = Annotated[Asked[Holiday], Depends(ListQuery(reference.HOLIDAYS))]


@router.get("")
@needs("holiday.list", "reference:read", RateClass.LIST, dataset="holiday")
async def list_holidays(asked: Listed, run: Run) -> Answered[Holiday]:
    """List holidays of federal offices and the Federal Reserve Banks."""
    return asked.answer(await run.list(reference.search, asked, Holiday, asked.query))


@router.get("/{code}")
@needs("holiday.show", "reference:read", RateClass.READ, dataset="holiday")
async def show_holiday(code: str, run: Run) -> Holiday:
    """Show one of them by its code."""
    return await run.read(reference.show, Holiday, code)


@example
def independence_day(_today: date) -> Holiday:
    """Give the example."""
    day = date(2026, 7, 4)
    return Holiday(
        code=holiday_code(CalendarName.FED_BANK, day),
        calendar=CalendarName.FED_BANK,
        date=day,
        name="Independence Day",
        observed=False,
        actual_date=day,
        version=1,
    )
