"""/api/v1/user: the people who share a location with the caller's user."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated

from fastapi import APIRouter, Depends

from application import users
from domain.location import Access, Role
from domain.model import UserId
from domain.user import User, UserStatus, UserType
from entrypoints.http.dependencies import CallerIn, Run
from entrypoints.http.examples import example
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


@example
def an_invented_person(today: date) -> User:
    """Give the example, from the demo portfolio."""
    both = (Role.PAYOFF_REQUESTER.value, Role.PAYOFF_SERVICER.value)
    noon = datetime.combine(today, time(12), timezone.utc)
    return User(
        user_id="U1001",
        login="ada.moreno",
        first_name="Ada",
        last_name="Moreno",
        email="ada.moreno@example.com",
        phone="202-555-0110",
        user_type=UserType.PARTNER,
        status=UserStatus.ACTIVE,
        locations=(
            _access(900101, *both, is_primary=True),
            _access(900102, Role.PAYOFF_REQUESTER.value),
            _access(900103, Role.VIEWER.value),
        ),
        last_login_at=noon - timedelta(days=1),
        recertified_at=noon - timedelta(days=30),
        version=1,
    )


def _access(location_id: int, *roles: str, is_primary: bool = False) -> Access:
    return Access(
        user_id="U1001", location_id=location_id, roles=roles, is_primary=is_primary, version=1
    )
