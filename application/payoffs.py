"""Payoffs: ask for one, look at them, move one on."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from application.caller import Caller
from application.expiry import as_of
from application.figures import NO_SOURCE, Obtained
from application.foresight import Question, foresees
from application.ports import Reading, Work
from application.query import Listing, Operator, Order, Page, Query, Term
from domain.calendars import Calendar, business_date
from domain.errors import Conflict, NotFound, Stale
from domain.loan import Loan, Program
from domain.location import Location
from domain.model import as_requested
from domain.payoff import Payoff
from domain.payoff_day import DayRules, appointed, check_active, check_payable
from domain.payoff_status import OPEN, WHO_MAY, PayoffStatus
from domain.quote import estimated, finalised, without_figures

LISTING = Listing(
    kind=Payoff,
    filters=("id", "loan_number", "location_id", "status", "payoff_date", "created_at"),
    sorts=("created_at", "payoff_date"),
    order=(Order("created_at", descending=True),),
)

PUBLIC_RULES = DayRules()

MOST_FORESEEN = 1_000
"""How many questions are kept from when they are foreseen until they are asked."""

_IN_THE_WAY = Term("status", Operator.EQ, (*OPEN, PayoffStatus.SETTLED))
"""Holds for the payoffs beside which a loan may not have another."""


def _about_the_loan(_caller: Caller, payoff: Payoff, *_: Any) -> Iterator[Question]:
    yield Loan, (payoff.loan_number,)
    yield Payoff, _others_of(payoff.loan_number)


@foresees(_about_the_loan)
def request(
    work: Work, caller: Caller, payoff: Payoff, fed: Calendar, rules: DayRules = PUBLIC_RULES
) -> Payoff:
    """Ask for a loan to be paid off, with our estimate of what that takes.

    `fed` has the business days of the Federal Reserve Banks.
    """
    loan = work.get(Loan, payoff.loan_number)
    if loan is None or not caller.sees(loan.location_id):
        raise NotFound("loan", "loan_number")
    caller.check_holds(loan.location_id, WHO_MAY[PayoffStatus.REQUESTED])
    today = business_date(work.now)
    check_payable(loan, payoff.payoff_date, today)
    _refuse_second(work, loan)
    if not fed.knows(payoff.payoff_date):
        raise Conflict("The Fed's holidays around this day are not known here.", "payoff_date")
    asked = as_requested(
        payoff,
        id=work.new_id(),
        client_id=caller.client_id,
        created_by=caller.user,
        created_at=work.now,
        updated_at=work.now,
    )
    dated = appointed(asked, loan, fed, work.now, _rules_at(work, loan, rules))
    return work.add(estimated(dated, loan, today))


def show(reading: Reading, caller: Caller, payoff_id: UUID) -> Payoff:
    """Give one payoff, as it is now."""
    payoff = reading.get(Payoff, payoff_id)
    if payoff is None or not caller.sees(payoff.location_id):
        raise NotFound("payoff", "payoff_id")
    return payoff.as_of(reading.now)


def search(reading: Reading, caller: Caller, query: Query) -> Page[Payoff]:
    """List the payoffs of the locations that the caller may see, as they are now."""
    # The places first: of several choices a store may look at the values of the first apart.
    visible = Query().where("location_id", *caller.locations).clauses
    asked = as_of(query, reading.now)
    page = reading.find(Payoff, replace(asked, clauses=visible + asked.clauses))
    return Page(tuple(payoff.as_of(reading.now) for payoff in page.items), page.more)


def movable(
    reading: Reading, caller: Caller, payoff_id: UUID, version: int, status: PayoffStatus
) -> Payoff:
    """Give a payoff that the caller may take to a state; raises what forbids that."""
    payoff = show(reading, caller, payoff_id)
    caller.check_holds(payoff.location_id, WHO_MAY[status])
    if payoff.version != version:
        raise Stale(f"This payoff is at version {payoff.version} by now.")
    payoff.check_leads_to(status)
    return payoff


def move(
    work: Work,
    caller: Caller,
    payoff_id: UUID,
    version: int,
    status: PayoffStatus,
    obtained: Obtained = NO_SOURCE,
) -> Payoff:
    """Take a payoff to another state; to be quoted, its figures are taken anew."""
    payoff = movable(work, caller, payoff_id, version, status)
    if obtained.refusal is not None:
        raise obtained.refusal
    if status is PayoffStatus.QUOTED:
        return work.change(_quoted(work, payoff, obtained))
    return work.change(payoff.moved_to(status, work.now))


def _quoted(work: Work, payoff: Payoff, obtained: Obtained) -> Payoff:
    """Quote the payoff, or note that there are no final figures."""
    if obtained.reason is not None:
        return without_figures(payoff, obtained.reason, work.now)
    loan = work.get(Loan, payoff.loan_number)
    if loan is None:
        raise Conflict("This payoff's loan is not known here any more.", "loan_number")
    check_active(loan)
    figured = estimated(payoff, loan, business_date(payoff.created_at))
    if obtained.quote is not None:
        figured = finalised(figured, obtained.quote)
    return figured.moved_to(PayoffStatus.QUOTED, work.now)


def _refuse_second(work: Work, loan: Loan) -> None:
    """Refuse a second payoff of a loan, and put down as expired what is so by date.

    A loan that was paid off stays ACTIVE until its accounts are brought up to date.
    """
    for stored in work.find(Payoff, _others_of(loan.loan_number)).items:
        other = stored.as_of(work.now)
        if other is not stored:
            work.change(other)
        elif other.status is not PayoffStatus.SETTLED:
            raise Conflict(f"This loan has an open payoff already: {other.id}.", "loan_number")
        elif other.good_through_date >= loan.interest_paid_through:
            raise Conflict(f"This loan was paid off by {other.id}.", "loan_number")


@lru_cache(MOST_FORESEEN)
def _others_of(loan_number: str) -> Query:
    of_loan = Term("loan_number", Operator.EQ, (loan_number,))
    return Query(clauses=((of_loan,), (_IN_THE_WAY,)), limit=20)


def _rules_at(reading: Reading, loan: Loan, rules: DayRules) -> DayRules:
    """Give the rules with the notice that the loan's office asks for."""
    if loan.program is not Program.FIVE_O_FOUR:
        return rules
    office = reading.get(Location, loan.location_id)
    days = office.notice_days if office else None
    return rules if days is None else replace(rules, notice_days=days)
