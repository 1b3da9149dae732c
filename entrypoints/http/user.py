"""/api/v1/user: the people who share a location with the caller's user."""

from typing import Annotated

from fastapi import APIRouter, Depends

from application import users
from domain.model import UserId
from domain.user import User
from entrypoints.http.dependencies import CallerIn, Run
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, Recorded, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/user", tags=["user"], route_class=Route)

Listed = Annotated[Asked[User], Depends(ListQuery(users.LISTING))]


@router.get("")
@needs("user.list", "user:read", RateClass.LIST, recorded=Recorded.READS, user=True)
async def list_users(asked: Listed, caller: CallerIn, run: Run) -> Answered[User]:
    """List the people who share a location with the user."""
    return asked.answer(await run.list(users.search, asked, caller, asked.query))


@router.get("/{user_id}")
@needs("user.show", "user:read", RateClass.READ, recorded=Recorded.READS, user=True)
async def show_user(user_id: UserId, caller: CallerIn, run: Run) -> User:
    """Show one person."""
    return await run.read(users.show, caller, user_id)
