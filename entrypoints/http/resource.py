"""/api/v1/resource: the worked example, with every method that a resource can have."""

from collections.abc import Callable
from datetime import date, datetime, time, timezone
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application import resources
from domain.resource import Resource
from entrypoints.http.dependencies import CallerIn, IfMatch, MergePatch, Run
from entrypoints.http.examples import EXAMPLE_ID, example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, Recorded, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/resource", tags=["resource"], route_class=Route)

Listed = Annotated[Asked[Resource], Depends(ListQuery(resources.LISTING))]
Patch = Annotated[
    Callable[[Resource], Resource], Depends(MergePatch(Resource, {"description": None}))
]


@router.post("", status_code=201)
@needs("resource.create", "resource:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def create_resource(resource: Resource, caller: CallerIn, run: Run) -> Resource:
    """Make a resource."""
    return await run.write(resources.create, caller, resource)


@router.get("")
@needs("resource.list", "resource:read", RateClass.LIST, user=True)
async def list_resources(asked: Listed, caller: CallerIn, run: Run) -> Answered[Resource]:
    """List the client's resources."""
    return asked.answer(await run.list(resources.search, asked, caller, asked.query))


@router.get("/{resource_id}")
@needs("resource.show", "resource:read", RateClass.READ, user=True)
async def show_resource(resource_id: UUID, caller: CallerIn, run: Run) -> Resource:
    """Show one resource."""
    return await run.read(resources.show, caller, resource_id)


@router.put("/{resource_id}")
@needs("resource.replace", "resource:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def replace_resource(
    resource_id: UUID, resource: Resource, version: IfMatch, caller: CallerIn, run: Run
) -> Resource:
    """Replace a resource; what the service assigned stays."""
    return await run.write(resources.replace_with, caller, resource_id, version, resource)


@router.patch("/{resource_id}")
@needs("resource.amend", "resource:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def amend_resource(
    resource_id: UUID, patch: Patch, version: IfMatch, caller: CallerIn, run: Run
) -> Resource:
    """Amend a resource with a JSON merge patch (RFC 7396)."""
    return await run.write(resources.amend, caller, resource_id, version, patch)


@router.delete("/{resource_id}", status_code=204)
@needs("resource.remove", "resource:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def remove_resource(resource_id: UUID, version: IfMatch, caller: CallerIn, run: Run) -> None:
    """Remove a resource."""
    return await run.write(resources.remove, caller, resource_id, version)


@example
def a_shelf(today: date) -> Resource:
    """Give the example."""
    made_at = datetime.combine(today, time(13), timezone.utc)
    return Resource(
        id=UUID(EXAMPLE_ID),
        name="first shelf",
        description="Where the signed notes are kept.",
        attributes={"room": "B-12", "boxes": 3},
        client_id="prepay",
        created_at=made_at,
        updated_at=made_at,
        version=1,
    )
