"""Payoffs: ask for one, look at them, move one on."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from application.caller import Caller
from application.ports import Reading, Work
from application.query import Listing, Operator, Order, Page, Query, Term
from domain.calendars import Calendar, business_date
from domain.errors import Conflict, NotFound, Stale
from domain.holiday import CalendarName, Holiday
from domain.loan import Loan
from domain.model import as_requested
from domain.payoff import OPEN, Payoff, PayoffStatus, check_payable, estimated

LISTING = Listing(
    kind=Payoff,
    filters=("id", "loan_number", "location_id", "status", "payoff_date", "created_at"),
    sorts=("created_at", "payoff_date"),
    order=(Order("created_at", descending=True),),
)

LONGEST_CLOSURE = timedelta(days=10)
"""No run of weekends and Fed holidays is longer than this."""


def request(work: Work, caller: Caller, payoff: Payoff) -> Payoff:
    """Ask for a loan to be paid off, with our estimate of what that takes."""
    loan = work.get(Loan, payoff.loan_number)
    if loan is None or not caller.sees(loan.location_id):
        raise NotFound("loan", "loan_number")
    check_payable(loan, payoff.payoff_date, business_date(work.now))
    _refuse_second(work, loan)
    fed = Calendar(_fed_holidays(work, payoff))
    return work.add(_signed(work, caller, estimated(as_requested(payoff), loan, fed)))


def show(reading: Reading, caller: Caller, payoff_id: UUID) -> Payoff:
    """Give one payoff."""
    payoff = reading.get(Payoff, payoff_id)
    if payoff is None or not caller.sees(payoff.location_id):
        raise NotFound("payoff", "payoff_id")
    return payoff


def search(reading: Reading, caller: Caller, query: Query) -> Page[Payoff]:
    """List the payoffs of the locations that the caller may see."""
    return reading.find(Payoff, query.where("location_id", *caller.locations))


def move(
    work: Work, caller: Caller, payoff_id: UUID, version: int, status: PayoffStatus
) -> Payoff:
    """Take a payoff to another state."""
    payoff = show(work, caller, payoff_id)
    if payoff.version != version:
        raise Stale(f"This payoff is at version {payoff.version} by now.")
    return work.change(payoff.moved_to(status, work.now))


def _refuse_second(work: Work, loan: Loan) -> None:
    of_loan = Query(limit=1).where("loan_number", loan.loan_number).where("status", *OPEN)
    for other in work.find(Payoff, of_loan).items:
        raise Conflict(f"This loan has an open payoff already: {other.id}.", "loan_number")


def _fed_holidays(reading: Reading, payoff: Payoff) -> frozenset[date]:
    around = (
        Query(limit=20, order=(Order("date"),))
        .where("calendar", CalendarName.FED_BANK)
        .and_(Term("date", Operator.GTE, (payoff.payoff_date,)))
        .and_(Term("date", Operator.LTE, (payoff.payoff_date + LONGEST_CLOSURE,)))
    )
    return frozenset(holiday.date for holiday in reading.find(Holiday, around).items)


def _signed(work: Work, caller: Caller, payoff: Payoff) -> Payoff:
    return replace(
        payoff,
        id=work.new_id(),
        client_id=caller.client_id,
        created_by=caller.user,
        created_at=work.now,
        updated_at=work.now,
    )
