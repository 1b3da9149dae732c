"""/api/v1/payoff: ask for payoffs and follow them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application import payoffs
from domain.payoff import Payoff, StatusChange
from entrypoints.http.dependencies import CallerIn, IfMatch, Run
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, Recorded, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/payoff", tags=["payoff"], route_class=Route)

Listed = Annotated[Asked[Payoff], Depends(ListQuery(payoffs.LISTING))]


@router.post("", status_code=201)
@needs("payoff.request", "payoff:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def request_payoff(payoff: Payoff, caller: CallerIn, run: Run) -> Payoff:
    """Ask for a loan to be paid off, and get an estimate."""
    return await run.write(payoffs.request, caller, payoff)


@router.get("")
@needs("payoff.list", "payoff:read", RateClass.LIST, recorded=Recorded.READS, user=True)
async def list_payoffs(asked: Listed, caller: CallerIn, run: Run) -> Answered[Payoff]:
    """List the payoffs of the locations that the user may see."""
    return asked.answer(await run.list(payoffs.search, asked, caller, asked.query))


@router.get("/{payoff_id}")
@needs("payoff.show", "payoff:read", RateClass.READ, recorded=Recorded.READS, user=True)
async def show_payoff(payoff_id: UUID, caller: CallerIn, run: Run) -> Payoff:
    """Show one payoff."""
    return await run.read(payoffs.show, caller, payoff_id)


@router.patch("/{payoff_id}")
@needs("payoff.move", "payoff:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def move_payoff(
    payoff_id: UUID, change: StatusChange, version: IfMatch, caller: CallerIn, run: Run
) -> Payoff:
    """Take a payoff to another state; nothing else of it can be changed."""
    return await run.write(payoffs.move, caller, payoff_id, version, change.status)
