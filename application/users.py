"""Users: the people who share a location with the caller's user."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from application.caller import Caller
from application.foresight import Question, foresees
from application.ports import Reading
from application.query import Clause, Filter, Link, Listing, Operator, Order, Page, Query, Term
from domain.drafts import altered
from domain.errors import Forbidden, NotFound
from domain.location import Access
from domain.model import LocationId
from domain.user import User, UserStatus

ACCESS = Link(Access, by="user_id")

LISTING = Listing(
    kind=User,
    filters=("user_id", "email", "last_name", "login", "status"),
    sorts=("user_id", "last_name"),
    order=(Order("user_id"),),
    more_filters={"location_id": Filter("location_id", LocationId, ACCESS)},
)

MOST_LOCATIONS = 5_000
"""No user has more locations than this; a list of places is read in one go."""

_BY_PLACE = (Order("user_id"), Order("location_id"))


def _about_the_person(caller: Caller, user_id: str) -> Iterator[Question]:
    yield User, (user_id,)
    yield Access, _shared_with(caller, (user_id,))


@foresees(_about_the_person)
def show(reading: Reading, caller: Caller, user_id: str) -> User:
    """Give one person; who shares no location with the caller's user is not there."""
    user = reading.get(User, user_id)
    places = reading.find(Access, _shared_with(caller, (user_id,))).items
    if user is None or not places:
        raise NotFound("user", "user_id")
    return altered(user, locations=places)


def search(reading: Reading, caller: Caller, query: Query) -> Page[User]:
    """List the people who share a location with the caller's user.

    A location outside those finds nobody: who works there is not the caller's to know. An
    address is looked up in lower case too, as addresses are kept.
    """
    shared = Term("location_id", Operator.EQ, caller.locations, ACCESS)
    clauses = (*(_spelled(_within(clause, caller)) for clause in query.clauses), (shared,))
    page = reading.find(User, replace(query, clauses=clauses))
    places = _places(reading, caller, (user.user_id for user in page.items))
    seen = (altered(user, locations=places.get(user.user_id, ())) for user in page.items)
    return Page(tuple(seen), page.more)


def roles(reading: Reading, user_id: str) -> Mapping[int, tuple[str, ...]]:
    """Give the roles of an active user at each of the user's locations.

    Raises Forbidden for anyone else, in the same words whether or not the person is known.
    """
    user = reading.get(User, user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        raise Forbidden("The user in request_context is not an active user.")
    places = reading.find(Access, Query(limit=MOST_LOCATIONS).where("user_id", user_id))
    return {place.location_id: place.roles for place in places.items}


def of_subject(reading: Reading, subject: str) -> str | None:
    """Give the id of the one user with this subject at the OpenID provider.

    Where two share it, it is neither's: nobody is proven by a mistake in the data.
    """
    found = reading.find(User, Query(limit=2).where("oidc_subject", subject)).items
    return found[0].user_id if len(found) == 1 else None


def _within(clause: Clause, caller: Caller) -> Clause:
    """Cut locations that the caller may not see out of a clause."""
    return tuple(
        replace(term, values=tuple(v for v in term.values if caller.sees(v)))
        if term.link == ACCESS and term.operator is Operator.EQ
        else term
        for term in clause
    )


def _spelled(clause: Clause) -> Clause:
    """Ask for addresses in lower case too, where they are given in another."""
    found: list[Term] = []
    for term in clause:
        kept = tuple(dict.fromkeys(map(_lower, term.values))) if term.field == "email" else ()
        several = term.operator in (Operator.EQ, Operator.NE)
        if not set(kept) - set(term.values):
            found.append(term)
        elif several:
            found.append(replace(term, values=tuple(dict.fromkeys((*term.values, *kept)))))
        else:
            found += [term, replace(term, values=kept)]
    return tuple(found)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _places(
    reading: Reading, caller: Caller, user_ids: Iterable[str]
) -> Mapping[str, tuple[Access, ...]]:
    found: dict[str, tuple[Access, ...]] = {}
    for place in reading.find(Access, _shared_with(caller, user_ids)).items:
        found[place.user_id] = (*found.get(place.user_id, ()), place)
    return found


def _shared_with(caller: Caller, user_ids: Iterable[str]) -> Query:
    of_users = Term("user_id", Operator.EQ, tuple(user_ids))
    shared = Term("location_id", Operator.EQ, caller.locations)
    return Query(clauses=((of_users,), (shared,)), order=_BY_PLACE, limit=MOST_LOCATIONS)
