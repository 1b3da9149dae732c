"""What is wrong with a value is said in our words: what to give instead."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from application import payoffs, reference, resources, users
from application.query import Listing, Operator
from domain.errors import Invalid
from domain.payoff import Payoff, Requester, StatusChange
from domain.resource import Resource
from entrypoints.http.filterable import filterable_fields
from entrypoints.wording import plainly

WRONG: tuple[Any, ...] = (
    None, 0, -1, 10**12, 10**40, 1.5, True, "", " ", "x", "x" * 5000, "2026-13-45", "12/07/2026",
    "2026-12-07T00:00:00Z", "2026-12-07T00:00:00", "\x00", [], [1], {}, {"x": 1},
)
BODIES = (Payoff, Requester, StatusChange, Resource)
LISTS = (payoffs.LISTING, resources.LISTING, users.LISTING, reference.HOLIDAYS,
         reference.COUNTRIES, reference.FRANCHISES, reference.NAICS_CODES)
OURS = ("give ", "there is no such member", "take out the control character")


def faults_of(body: type[Any]) -> Iterator[ErrorDetails]:
    """Give a wrong value of every kind in each field, alone."""
    adapter = TypeAdapter(body)
    texts = [to_json(value) for value in WRONG]
    texts += [to_json({field.name: value}) for field in fields(body) for value in WRONG]
    for text in texts:
        try:
            adapter.validate_json(text)
        except ValidationError as error:
            yield from error.errors(include_url=False, include_input=False)


@pytest.mark.parametrize("body", BODIES)
def test_each_fault_of_a_body_says_what_to_give(body: type[Any]) -> None:
    told = {
        plainly(one) for one in faults_of(body)
        if not isinstance(one.get("ctx", {}).get("error"), Invalid)
    }
    assert told and [one for one in told if not one.startswith(OURS)] == []


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.kind.__name__)
def test_each_fault_of_a_filter_says_what_to_give(listing: Listing[Any]) -> None:
    told = set()
    for one in filterable_fields(listing).values():
        for text in [str(value) for value in WRONG]:
            try:
                one.value(Operator.EQ, text)
            except ValueError as error:
                told.add(str(error))
    assert told and [one for one in told if not one.startswith(OURS)] == []
