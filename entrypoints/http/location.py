"""/api/v1/location: the locations that the user may see."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from application import locations
from domain.location import Address, Location, LocationType, PartnerType, Role
from domain.model import LocationId
from entrypoints.http.dependencies import CallerIn, Run
from entrypoints.http.examples import example
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


@example
def an_invented_bank(_today: date) -> Location:
    """Give the example, from the demo portfolio."""
    name = "Invented Bank of Cedar Falls (demo)"
    return Location(
        location_id=900101,
        name=name,
        partner_id=9001,
        partner_name=name,
        partner_type=PartnerType.BANK,
        type=LocationType.HQ,
        address=Address(
            street1="101 Invented Street", city="Cedar Falls", state="IA", zip="50613"
        ),
        phone="202-555-0101",
        start_date=date(2018, 1, 2),
        roles=(Role.PAYOFF_REQUESTER.value, Role.PAYOFF_SERVICER.value),
        version=1,
    )
