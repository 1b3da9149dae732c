"""/api/v1/franchise: brands of the SBA Franchise Directory."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from application import reference
from domain.franchise import Certification, Franchise
from entrypoints.http.dependencies import Run
from entrypoints.http.examples import example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/franchise", tags=["franchise"], route_class=Route)

Listed = Annotated[Asked[Franchise], Depends(ListQuery(reference.FRANCHISES))]


@router.get("")
@needs("franchise.list", "reference:read", RateClass.LIST, dataset="franchise")
async def list_franchises(asked: Listed, run: Run) -> Answered[Franchise]:
    """List brands of the SBA Franchise Directory."""
    return asked.answer(await run.list(reference.search, asked, Franchise, asked.query))


@router.get("/{code}")
@needs("franchise.show", "reference:read", RateClass.READ, dataset="franchise")
async def show_franchise(code: str, run: Run) -> Franchise:
    """Show one of them by its code."""
    return await run.read(reference.show, Franchise, code)


@example
def an_invented_brand(_today: date) -> Franchise:
    """Give the example, from the invented directory."""
    return Franchise(
        code="D0001",
        sba_code="D0001",
        brand="Invented Brand: Harbor Coffee (demo)",
        meets_ftc_definition=True,
        certification_status=Certification.RECEIVED,
        addendum_required=False,
        code_start_date=date(2025, 6, 1),
        notes="This row is invented; no such brand is known to SBA.",
        version=1,
    )
