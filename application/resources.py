"""Resources: make, look at, replace, amend and remove one; each client sees its own."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from application.caller import Caller
from application.ports import Reading, Work
from application.query import Listing, Order, Page, Query
from domain.errors import NotFound, Stale
from domain.model import as_requested, keep_assigned, same
from domain.resource import Resource

LISTING = Listing(
    kind=Resource,
    filters=("id", "name", "created_at"),
    sorts=("name", "created_at"),
    order=(Order("created_at", descending=True),),
)


def create(work: Work, caller: Caller, resource: Resource) -> Resource:
    """Make a resource that belongs to the caller's client."""
    return work.add(
        replace(
            as_requested(resource),
            id=work.new_id(),
            client_id=caller.client_id,
            created_at=work.now,
            updated_at=work.now,
        )
    )


def show(reading: Reading, caller: Caller, resource_id: UUID) -> Resource:
    """Give one resource."""
    resource = reading.get(Resource, resource_id)
    if resource is None or resource.client_id != caller.client_id:
        raise NotFound("resource", "resource_id")
    return resource


def search(reading: Reading, caller: Caller, query: Query) -> Page[Resource]:
    """List the resources of the caller's client."""
    return reading.find(Resource, query.where("client_id", caller.client_id))


def amend(
    work: Work,
    caller: Caller,
    resource_id: UUID,
    version: int,
    form: Callable[[Resource], Resource],
) -> Resource:
    """Give a resource the form that `form` makes of it; what the server assigns stays."""
    resource = _at_version(work, caller, resource_id, version)
    amended = keep_assigned(form(resource), resource)
    if same(amended, resource):
        return resource
    return work.change(replace(amended, updated_at=work.now))


def replace_with(
    work: Work, caller: Caller, resource_id: UUID, version: int, resource: Resource
) -> Resource:
    """Give a resource another form; what the server assigns stays."""
    return amend(work, caller, resource_id, version, lambda _: resource)


def remove(work: Work, caller: Caller, resource_id: UUID, version: int) -> None:
    """Remove a resource."""
    work.remove(_at_version(work, caller, resource_id, version))


def _at_version(work: Work, caller: Caller, resource_id: UUID, version: int) -> Resource:
    resource = show(work, caller, resource_id)
    if resource.version != version:
        raise Stale(f"This resource is at version {resource.version} by now.")
    return resource
