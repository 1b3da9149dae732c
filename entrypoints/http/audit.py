"""/api/v1/audit: questions to the trail."""

from datetime import date, datetime, time, timezone
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application.audit.questions import LISTING
from application.audit.record import AuditRecord, Change, Operation, Outcome
from application.caller import Proof
from entrypoints.http.dependencies import Run
from entrypoints.http.examples import EXAMPLE_ID, example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, Recorded, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], route_class=Route)

Listed = Annotated[Asked[AuditRecord], Depends(ListQuery(LISTING))]


@router.get("")
@needs("audit.list", "audit:read", RateClass.AUDIT, recorded=Recorded.READS)
async def list_audit_records(asked: Listed, run: Run) -> Answered[AuditRecord]:
    """List audit records, newest first; a writer sees its own writes at once."""
    return asked.answer(await run.question(asked))


@router.get("/{record_id}")
@needs("audit.show", "audit:read", RateClass.AUDIT, recorded=Recorded.READS)
async def show_audit_record(record_id: UUID, run: Run) -> AuditRecord:
    """Show one audit record."""
    return await run.account(record_id)


@example
def a_quoted_payoff(today: date) -> AuditRecord:
    """Give the example."""
    change = Change(
        kind="payoff",
        key=EXAMPLE_ID,
        operation=Operation.CHANGE,
        version=2,
        fields={"status": {"before": "requested", "after": "quoted"}},
    )
    return AuditRecord(
        id=UUID("0199c1a5-02d4-7c11-9e0a-4b5c6d7e8f90"),
        occurred_at=datetime.combine(today, time(13, 30), timezone.utc),
        outcome=Outcome.COMMITTED,
        client_id="prepay",
        key_id="prepay-3c0e01",
        token_id="POlV7MWBIYUInyYflday-Q",
        user_id="U1001",
        proof=Proof.ASSERTED,
        location_id=900101,
        request_id="4666ab94877067e2105f8ece72cc965f",
        address="192.0.2.7",
        method="PATCH",
        route="/api/v1/payoff/{payoff_id}",
        action="payoff.move",
        entities=(f"payoff/{EXAMPLE_ID}",),
        changes=(change,),
    )
