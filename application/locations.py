"""Locations: those that the caller's user may see, with the roles held there."""

from dataclasses import replace

from application.caller import Caller
from application.ports import Reading
from application.query import Listing, Order, Page, Query
from domain.errors import NotFound
from domain.location import Location

LISTING = Listing(
    kind=Location,
    filters=("location_id", "name", "partner_id", "status"),
    sorts=("location_id", "name"),
    order=(Order("location_id"),),
)


def show(reading: Reading, caller: Caller, location_id: int) -> Location:
    """Give one location."""
    location = reading.get(Location, location_id) if caller.sees(location_id) else None
    if location is None:
        raise NotFound("location", "location_id")
    return _with_roles(location, caller)


def search(reading: Reading, caller: Caller, query: Query) -> Page[Location]:
    """List the locations that the caller's user may see."""
    page = reading.find(Location, query.where("location_id", *caller.locations))
    return replace(page, items=tuple(_with_roles(item, caller) for item in page.items))


def _with_roles(location: Location, caller: Caller) -> Location:
    return replace(location, roles=caller.roles[location.location_id])
