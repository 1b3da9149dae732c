"""/api/v1/payoff: ask for payoffs and take them through their states."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application import payoffs
from domain.fee import Fee
from domain.holiday import CalendarName
from domain.payoff import Payoff, PayoffReason, Requester, StatusChange
from domain.payoff_day import cutoff_of
from domain.payoff_status import PayoffStatus
from entrypoints.http.dependencies import CallerIn, IfMatch, Run
from entrypoints.http.examples import EXAMPLE_ID, example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, Recorded, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/payoff", tags=["payoff"], route_class=Route)

Listed = Annotated[Asked[Payoff], Depends(ListQuery(payoffs.LISTING))]


@router.post("", status_code=201)
@needs("payoff.request", "payoff:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def request_payoff(payoff: Payoff, caller: CallerIn, run: Run) -> Payoff:
    """Ask for a loan to be paid off, and get an estimate.

    The user needs the role `payoff-requester` or `payoff-servicer` where the loan is serviced.
    Amounts are never taken from the caller. A loan has one open payoff at a time.
    """
    fed = await run.services.calendars.get(CalendarName.FED_BANK)
    return await run.write(payoffs.request, caller, payoff, fed, run.services.day_rules)


@router.get("")
@needs("payoff.list", "payoff:read", RateClass.LIST, recorded=Recorded.READS, user=True)
async def list_payoffs(asked: Listed, caller: CallerIn, run: Run) -> Answered[Payoff]:
    """List the payoffs of the locations that the user may see, in their states of now."""
    return asked.answer(await run.list(payoffs.search, asked, caller, asked.query))


@router.get("/{payoff_id}")
@needs("payoff.show", "payoff:read", RateClass.READ, recorded=Recorded.READS, user=True)
async def show_payoff(payoff_id: UUID, caller: CallerIn, run: Run) -> Payoff:
    """Show one payoff; open ones are `expired` once their wire cut-off has passed."""
    return await run.read(payoffs.show, caller, payoff_id)


@router.patch("/{payoff_id}")
@needs("payoff.move", "payoff:write", RateClass.WRITE, recorded=Recorded.WRITES, user=True)
async def move_payoff(
    payoff_id: UUID, change: StatusChange, version: IfMatch, caller: CallerIn, run: Run
) -> Payoff:
    """Take a payoff to another state; nothing else of it can be changed.

    | from | to, with the role `payoff-requester` | to, with the role `payoff-servicer` |
    |---|---|---|
    | `requested` | `cancelled` | `quoted` `rejected` `failed` `expired` |
    | `quoted` | `accepted` `cancelled` | `quoted` `rejected` `expired` |
    | `accepted` | `cancelled` | `funds_received` `expired` |
    | `funds_received` | | `settled` |
    | `failed` | `requested` `cancelled` | `requested` `quoted` `rejected` `expired` |

    The role is held where the loan is serviced. `quoted` takes the figures anew: FINAL ones from
    the accounting system where one is configured; if it gives none, the payoff is `failed`, or
    stays `quoted` as it was, with the warning `figures-unavailable`.
    """
    obtained = await run.services.quoting.obtain(caller, payoff_id, version, change.status)
    return await run.write(payoffs.move, caller, payoff_id, version, change.status, obtained)


@example
def a_refinanced_loan(today: date) -> Payoff:
    """Give the example: the first loan of the demo portfolio, which bears interest for 32 days."""
    day, asked_at = today + timedelta(days=14), datetime.combine(today, time(13), timezone.utc)
    return Payoff(
        id=UUID(EXAMPLE_ID),
        loan_number="9900101001",
        payoff_date=day,
        reason=PayoffReason.REFINANCE,
        voluntary=True,
        requester=Requester(name="Pat Example", email="pat@example.com"),
        location_id=900101,
        good_through_date=day,
        wire_cutoff=cutoff_of(day),
        principal=Decimal("412350.75"),
        annual_rate=Decimal("0.107500"),
        interest_paid_through=today - timedelta(days=18),
        interest_to=day,
        days=32,
        per_diem=Decimal("121.44577"),
        accrued_interest=Decimal("3886.26"),
        fees=(Fee(code="LATE", description="Late charge", amount=Decimal("125.00")),),
        total=Decimal("416362.01"),
        source="loapi",
        client_id="prepay",
        created_by="U1001",
        created_at=asked_at,
        updated_at=asked_at,
        version=1,
    )


@example
def a_quote(_today: date) -> StatusChange:
    """Give the example."""
    return StatusChange(status=PayoffStatus.QUOTED)
