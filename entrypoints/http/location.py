"""/api/v1/location: the locations that the user may see."""

from typing import Annotated

from fastapi import APIRouter, Depends

from application import locations
from domain.location import Location
from domain.model import LocationId
from entrypoints.http.dependencies import CallerIn, Run
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/location", tags=["location"], route_class=Route)

Listed = Annotated[Asked[Location], Depends(ListQuery(locations.LISTING))]


@router.get("")
@needs("location.list", "location:read", RateClass.LIST, user=True)
async def list_locations(asked: Listed, caller: CallerIn, run: Run) -> Answered[Location]:
    """List the locations that the user may see, with the user's roles there."""
    return asked.answer(await run.list(locations.search, asked, caller, asked.query))


@router.get("/{location_id}")
@needs("location.show", "location:read", RateClass.READ, user=True)
async def show_location(location_id: LocationId, caller: CallerIn, run: Run) -> Location:
    """Show one location."""
    return await run.read(locations.show, caller, location_id)
