"""Finds payoffs by the state that they are in now: they expire by date, with no job to do it."""

from dataclasses import replace
from datetime import datetime

from application.query import Clause, Operator, Query, Term
from domain.payoff_status import PERISHABLE, PayoffStatus


def as_of(query: Query, now: datetime) -> Query:
    """Give the query whose conditions on the state hold for the stored records as for those of now.

    A stored payoff is expired where it says so, or where its state is perishable and its wire
    cut-off has passed; so each condition on the state becomes two, one of which asks the clock.
    """
    clauses = [one for clause in query.clauses for one in _clauses(clause, now)]
    return replace(query, clauses=tuple(clauses))


def _clauses(clause: Clause, now: datetime) -> tuple[Clause, ...]:
    others = tuple(term for term in clause if term.field != "status")
    if len(others) == len(clause):
        return (clause,)
    wanted = frozenset[PayoffStatus]().union(
        *(_wanted(term) for term in clause if term.field == "status")
    )
    if PayoffStatus.EXPIRED in wanted:
        late = Term("wire_cutoff", Operator.LT, (now,))
        # Most rows are of these states: to say which are not leaves the store its other indexes.
        never = tuple(sorted(frozenset(PayoffStatus) - wanted - PERISHABLE))
        possible = Term("status", Operator.NE, never)
        return (possible, *others), (*_one_of(wanted), late, *others)
    in_time = Term("wire_cutoff", Operator.GTE, (now,))
    return (*_one_of(wanted), *others), (*_one_of(wanted - PERISHABLE), in_time, *others)


def _wanted(term: Term) -> frozenset[PayoffStatus]:
    if term.operator is Operator.NE:
        return frozenset(PayoffStatus) - frozenset(term.values)
    return frozenset(term.values)


def _one_of(states: frozenset[PayoffStatus]) -> Clause:
    return (Term("status", Operator.EQ, tuple(sorted(states))),) if states else ()
