"""/api/v1/business-day: is a day a business day, and which ones are nearest."""

from datetime import date

from fastapi import APIRouter

from application import reference
from domain.business_day import BusinessDay, business_day
from domain.holiday import CalendarName
from entrypoints.http.dependencies import Run
from entrypoints.http.examples import example
from entrypoints.http.needs import RateClass, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/business-day", tags=["holiday"], route_class=Route)


@router.get("/{code}")
@needs("business-day.show", "reference:read", RateClass.READ, dataset="holiday")
async def show_business_day(code: str, run: Run) -> BusinessDay:
    """Say whether a day, as `FED_BANK-2026-07-03`, is a business day, and which are nearest."""
    return await run.read(reference.show_business_day, code)


@example
def a_friday(_today: date) -> BusinessDay:
    """Give the example: the Fed is open on the Friday before a Saturday holiday."""
    return business_day(CalendarName.FED_BANK, date(2026, 7, 3), {})
