"""The list grammar: a query string becomes a query, a page becomes items and a cursor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from application.query import Listing, Operator, Order, Page, Query, Term
from domain.model import Kind, marked
from entrypoints.http.cursors import Cursors
from entrypoints.http.errors import Fault, Problem
from entrypoints.http.filterable import filterable_fields, kebab, type_of

DEFAULT_LIMIT = 50
MOST_LIMIT = 999_999_999
"""The largest number that is read as a limit; no list gives so many."""
MOST_VALUES = 50
MOST_GROUPS = 3
MOST_TERMS = 5
LONGEST_GROUP = 8
MOST_QUERY_BYTES = 8192
MOST_PARAMETERS = 300

PAGING = ("cursor", "fields", "limit", "sort")


@dataclass(frozen=True, slots=True)
class Answered(Generic[Kind]):
    """A page on its way to the caller."""

    items: tuple[Kind, ...]
    cursor: str | None
    only: tuple[str, ...] | None
    next_link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Kind]):
    """A list as it was asked for."""

    query: Query
    filters: Mapping[str, list[str]]
    """What was asked, word for word."""
    sensitive: frozenset[str]
    """Filters whose values nobody is to read later."""
    only: tuple[str, ...] | None
    cursors: Cursors

    def answer(self, page: Page[Kind]) -> Answered[Kind]:
        """Give a page with the cursor to the next one."""
        cursor = link = None
        if page.more and page.items:
            cursor = self.cursors.behind(page.items[-1], self.query)
            parameters = {**self.filters, "cursor": [cursor]}
            link = f"{self.cursors.path}?{urlencode(parameters, doseq=True)}"
        return Answered(page.items, cursor, self.only, link)

    def told(self) -> dict[str, Any]:
        """Give what was asked, for the record of this read."""
        return {
            name: ["sensitive"] if name in self.sensitive else values
            for name, values in self.filters.items()
        }


@dataclass(slots=True)
class Draft:
    """A query string as it is read, with all that is wrong with it."""

    faults: list[Fault] = field(default_factory=list)
    terms: dict[tuple[str, str, Operator], list[Any]] = field(default_factory=dict)
    """Values by group (empty outside groups), field and operator."""
    paging: dict[str, str] = field(default_factory=dict)
    asked: dict[str, list[str]] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)

    def refuse(self, parameter: str, detail: str, allowed: tuple[str, ...] = ()) -> None:
        """Note a fault."""
        self.faults.append(Fault(parameter, detail, allowed))


class ListQuery(Generic[Kind]):
    """Reads the query string of one resource's list; unknown parameters are faults."""

    def __init__(self, listing: Listing[Kind]) -> None:
        self.listing = listing
        self.filterable = filterable_fields(listing)
        self.sensitive = frozenset(map(kebab, marked(listing.kind, "sensitive")))

    def __call__(self, request: Request) -> Asked[Kind]:
        """Give what is asked; raises Problem with every fault at once."""
        draft = self._draft(request.scope["query_string"])
        order = self._order(draft)
        limit = self._limit(draft)
        only = self._fields(draft)
        query = Query(clauses=self._clauses(draft), order=order, limit=limit)
        cursors = Cursors(request.scope["path"], request.app.state.services.cursor_key)
        if "cursor" in draft.paging and not draft.faults:
            query = self._resumed(draft, query, cursors)
        if draft.faults:
            first = draft.faults[0]
            raise Problem(
                "invalid-parameter", f"{first.field}: {first.detail}", tuple(draft.faults)
            )
        return Asked(
            query=query,
            filters=draft.asked,
            sensitive=frozenset(draft.sensitive),
            only=only,
            cursors=cursors,
        )

    def parameter_names(self) -> tuple[str, ...]:
        """Give every parameter that this list takes, or-groups aside."""
        return (*sorted(self.filterable), *PAGING)

    def _draft(self, query_string: bytes) -> Draft:
        draft = Draft()
        if len(query_string) > MOST_QUERY_BYTES:
            draft.refuse("query", f"send at most {MOST_QUERY_BYTES} bytes")
            return draft
        for name, text in _pairs(query_string, draft):
            if name != "cursor":
                draft.asked.setdefault(name, []).append(text)
            if name in PAGING:
                self._paging(draft, name, text)
            else:
                self._term(draft, name, text)
        self._check_groups(draft)
        return draft

    def _paging(self, draft: Draft, name: str, text: str) -> None:
        if name in draft.paging:
            draft.refuse(name, "give it once")
        draft.paging[name] = text

    def _term(self, draft: Draft, name: str, text: str) -> None:
        group, plain_name = _group(name)
        base, _, suffix = plain_name.partition(".")
        known = self.filterable.get(base)
        if known is None or group is None or (group and not self.listing.or_groups):
            draft.refuse(name, "there is no such parameter", self.parameter_names())
            return
        if base in self.sensitive:
            draft.sensitive.add(name)
        operator = _operator(suffix)
        if operator not in known.operators:
            allowed = (base if one is Operator.EQ else f".{one}" for one in known.operators)
            draft.refuse(name, "there is no such comparison", tuple(allowed))
            return
        try:
            value = known.value(operator, text)
        except ValueError as error:
            draft.refuse(name, str(error))
            return
        self._add(draft, name, (group, base, operator), value)

    def _add(
        self, draft: Draft, name: str, term: tuple[str, str, Operator], value: Any
    ) -> None:
        values = draft.terms.setdefault(term, [])
        several = term[2] in (Operator.EQ, Operator.NE)
        if values and not several:
            draft.refuse(name, "give it once")
        elif len(values) >= MOST_VALUES:
            draft.refuse(name, f"give at most {MOST_VALUES} values")
        values.append(value)

    def _check_groups(self, draft: Draft) -> None:
        sizes: dict[str, int] = {}
        for group, _, _ in draft.terms:
            sizes[group] = sizes.get(group, 0) + 1
        sizes.pop("", None)
        if len(sizes) > MOST_GROUPS:
            draft.refuse("or", f"use at most {MOST_GROUPS} groups")
        for group, size in sizes.items():
            if size > MOST_TERMS:
                draft.refuse(f"or.{group}", f"use at most {MOST_TERMS} terms in a group")

    def _clauses(self, draft: Draft) -> tuple[tuple[Term, ...], ...]:
        grouped: dict[str, list[Term]] = {}
        alone: list[tuple[Term, ...]] = []
        for (group, name, operator), values in draft.terms.items():
            chosen = self.filterable[name].field
            term = Term(chosen.field, operator, tuple(values), chosen.link)
            if group:
                grouped.setdefault(group, []).append(term)
            else:
                alone.append((term,))
        return (*alone, *(tuple(terms) for terms in grouped.values()))

    def _order(self, draft: Draft) -> tuple[Order, ...]:
        chosen: list[Order] = []
        for part in draft.paging["sort"].split(",") if "sort" in draft.paging else ():
            spelled = part.removeprefix("-")
            name = spelled.replace("-", "_")
            known = name in self.listing.sorts and spelled == kebab(name)
            if not known or name in [order.field for order in chosen]:
                allowed = tuple(kebab(one) for one in self.listing.sorts)
                draft.refuse("sort", "this list cannot be sorted by that", allowed)
            chosen.append(Order(name, part.startswith("-")))
        return self.listing.complete(tuple(chosen)) if not draft.faults else ()

    def _limit(self, draft: Draft) -> int:
        text = draft.paging.get("limit", str(DEFAULT_LIMIT))
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_LIMIT))
        if not digits or int(text) < 1:
            draft.refuse("limit", f"give a whole number from 1 to {self.listing.largest}")
            return DEFAULT_LIMIT
        return min(int(text), self.listing.largest)

    def _fields(self, draft: Draft) -> tuple[str, ...] | None:
        if "fields" not in draft.paging:
            return None
        known = {kebab(name): name for name in self.listing.kind.__dataclass_fields__}
        asked = [part.replace("_", "-") for part in draft.paging["fields"].split(",")]
        for part in asked:
            if part not in known:
                draft.refuse("fields", "there is no such field", tuple(known))
        return tuple(known[part] for part in asked if part in known)

    def _resumed(self, draft: Draft, query: Query, cursors: Cursors) -> Query:
        types = tuple(type_of(self.listing.kind, item.field) for item in query.order)
        try:
            return cursors.resumed(draft.paging["cursor"], query, types)
        except ValueError as error:
            draft.refuse("cursor", str(error))
            return query


def _pairs(query_string: bytes, draft: Draft) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        draft.refuse("query", f"send percent-encoded UTF-8, at most {MOST_PARAMETERS} parameters")
        return []


def _group(name: str) -> tuple[str | None, str]:
    """Split "or.<group>.<field>" into group and rest; None for a malformed group."""
    if not name.startswith("or."):
        return "", name
    _, group, rest = (*name.split(".", 2), "", "")[:3]
    good = 1 <= len(group) <= LONGEST_GROUP and group.isascii() and group.isalnum()
    return (group if good else None), rest


def _operator(suffix: str) -> Operator | None:
    if suffix == "":
        return Operator.EQ
    try:
        operator = Operator(suffix)
    except ValueError:
        return None
    return None if operator is Operator.EQ else operator
