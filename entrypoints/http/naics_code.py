"""/api/v1/naics-code: industries of NAICS."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from application import reference
from domain.naics import NaicsCode, NaicsLevel
from entrypoints.http.dependencies import Run
from entrypoints.http.examples import example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/naics-code", tags=["naics-code"], route_class=Route)

Listed = Annotated[Asked[NaicsCode], Depends(ListQuery(reference.NAICS_CODES))]


@router.get("")
@needs("naics-code.list", "reference:read", RateClass.LIST, dataset="naics-code")
async def list_naics_codes(asked: Listed, run: Run) -> Answered[NaicsCode]:
    """List industries of NAICS."""
    return asked.answer(await run.list(reference.search, asked, NaicsCode, asked.query))


@router.get("/{code}")
@needs("naics-code.show", "reference:read", RateClass.READ, dataset="naics-code")
async def show_naics_code(code: str, run: Run) -> NaicsCode:
    """Show one of them by its code."""
    return await run.read(reference.show, NaicsCode, code)


@example
def programming(_today: date) -> NaicsCode:
    """Give the example."""
    return NaicsCode(
        code="541511",
        title="Custom Computer Programming Services",
        level=NaicsLevel.NATIONAL_INDUSTRY,
        parent_code="54151",
        sector_code="54",
        naics_year=2022,
        active=True,
        version=1,
    )
