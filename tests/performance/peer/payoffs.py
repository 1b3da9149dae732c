"""The peer's `POST /payoff`: the same rules and figures; a row and its record in one commit."""

from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from application.identities import new_id
from domain import loan as loans
from domain import payoff as payoffs
from domain.calendars import Calendar, business_date
from domain.errors import DomainError
from domain.payoff_day import DayRules, appointed, check_payable
from domain.payoff_status import OPEN
from domain.quote import estimated
from tests.performance.peer.access import Caller, Places, WritesPayoffs, limited
from tests.performance.peer.models import AuditRecord, Holiday, Loan, Payoff, SpentToken
from tests.performance.peer.sessions import SessionDep
from tests.performance.peer.shown import PayoffIn, PayoffOut

router = APIRouter()

CLOSURES = timedelta(days=14)
MAY_ASK = {"payoff-requester", "payoff-servicer"}
STATES = [state.value for state in OPEN]
HIDDEN = {"email", "phone"}

_loan: TypeAdapter[loans.Loan] = TypeAdapter(loans.Loan)
_json_columns = {"requester", "fees", "warnings"}


@router.post("/payoff/", status_code=201, response_model=PayoffOut)
@limited
def request_payoff(
    request: Request, payoff: PayoffIn, caller: WritesPayoffs, places: Places, session: SessionDep
) -> Payoff:
    """Ask for a loan to be paid off."""
    loan = session.get(Loan, payoff.loan_number)
    if loan is None or loan.location_id not in places:
        raise HTTPException(404, "There is no such loan.")
    if not MAY_ASK.intersection(places[loan.location_id]):
        raise HTTPException(403, "This needs a role that the user has not got.")
    taken = select(Payoff.id).where(Payoff.loan_number == loan.loan_number)
    if session.scalar(taken.where(Payoff.status.in_(STATES)).limit(1)):
        raise HTTPException(409, "This loan has an open payoff already.")
    row = _row(caller, _figured(payoff, loan, _calendar(session, payoff)))
    session.add(row)
    session.add(_audited(request, caller, row))
    if caller.once:
        session.add(SpentToken(
            client_id=caller.client_id, token_id=caller.token_id, expires_at=caller.expires_at
        ))
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(409, "Another request was first.") from None
    return row


def _calendar(session: SessionDep, payoff: PayoffIn) -> Calendar:
    around = payoff.payoff_date - CLOSURES, payoff.payoff_date + CLOSURES
    closed = select(Holiday.date).where(
        Holiday.calendar == "FED_BANK", Holiday.date.between(*around)
    )
    return Calendar(frozenset(session.scalars(closed)))


def _figured(payoff: PayoffIn, loan: Loan, fed: Calendar) -> payoffs.Payoff:
    """Apply the rules that both services share, to the same kind of records."""
    now = datetime.now(timezone.utc)
    terms = _loan.validate_python(
        {name: getattr(loan, name) for name in _LOAN_FIELDS}, strict=False
    )
    asked = payoffs.Payoff(
        **payoff.model_dump(exclude={"requester"}),
        requester=payoffs.Requester(**payoff.requester.model_dump()),
    )
    try:
        check_payable(terms, payoff.payoff_date, business_date(now))
        dated = appointed(asked, terms, fed, now, DayRules())
        return estimated(dated, terms, business_date(now))
    except DomainError as error:
        raise HTTPException(422, str(error)) from None


_LOAN_FIELDS = tuple(field.name for field in fields(loans.Loan))


def _row(caller: Caller, payoff: payoffs.Payoff) -> Payoff:
    values: dict[str, Any] = {
        field.name: getattr(payoff, field.name) for field in fields(payoffs.Payoff)
    }
    values |= {name: to_jsonable_python(values[name]) for name in _json_columns}
    now = datetime.now(timezone.utc)
    values |= {
        "id": new_id(now), "client_id": caller.client_id, "created_by": caller.user_id,
        "created_at": now, "updated_at": now, "version": 1,
    }
    return Payoff(**values)


def _audited(request: Request, caller: Caller, row: Payoff) -> AuditRecord:
    after = PayoffOut.model_validate(row).model_dump(mode="json")
    after["requester"] = {
        name: "changed" if name in HIDDEN else value for name, value in after["requester"].items()
    }
    changes = {name: {"before": None, "after": value} for name, value in after.items()}
    return record_of(request, caller, "payoff.request", ("payoff", str(row.id)), changes)


def record_of(
    request: Request, caller: Caller, action: str, entity: tuple[str, str], changes: dict[str, Any]
) -> AuditRecord:
    """Give the audit record of a request."""
    now = datetime.now(timezone.utc)
    return AuditRecord(
        id=new_id(now),
        occurred_at=now,
        outcome="committed" if changes else "read",
        client_id=caller.client_id,
        key_id=caller.key_id,
        token_id=caller.token_id,
        user_id=caller.user_id,
        location_id=caller.location_id,
        request_id=request.state.request_id,
        address=request.client.host if request.client else None,
        method=request.method,
        route=request.scope["route"].path,
        action=action,
        entity=entity[0],
        entity_id=entity[1],
        changes=changes,
    )
