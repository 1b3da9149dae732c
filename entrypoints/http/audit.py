"""/api/v1/audit: questions to the trail."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application.audit.questions import LISTING
from application.audit.record import AuditRecord
from entrypoints.http.dependencies import Run
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
