"""Which models are told in canonical JSON as soon as they are written out, and that they are."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from annotated_types import MaxLen

from application.audit.canonical import canonical_json, in_order
from application.audit.members import Ordered, is_spelled_one_way, members_of
from application.audit.record import added, plain, removed
from domain.fee import Fee
from domain.loan import Loan
from domain.model import Record
from domain.payoff import Payoff, Requester
from domain.payoff_status import PayoffStatus
from domain.resource import Resource
from entrypoints.container.datasets import demo_portfolio
from tests.unit.test_audit_record import LOAN, LOCATION, PAYOFF, USER


@dataclass(frozen=True)
class Weighed:
    """A model with a member that has many spellings."""

    weight: Annotated[float, MaxLen(3)]


@pytest.mark.parametrize("kind", [
    str, int, bool, UUID, Decimal, date, datetime, PayoffStatus, Fee, Requester, Payoff,
    str | None, tuple[str, ...], tuple[Fee, ...] | None, Loan,
], ids=str)
def test_texts_whole_numbers_and_models_of_them_have_one_spelling(kind: Any) -> None:
    assert is_spelled_one_way(kind)


@pytest.mark.parametrize("kind", [
    float, Any, object, dict, dict[str, str], dict[str, Any] | None, tuple[float, ...], Weighed,
    Resource, Weighed | None, frozenset[str],
], ids=str)
def test_what_may_hold_a_float_or_a_name_of_a_callers_has_many(kind: Any) -> None:
    assert not is_spelled_one_way(kind)


PORTFOLIO = demo_portfolio(date(2026, 11, 23))
RECORDS: list[Record] = [
    PAYOFF, LOAN, LOCATION, USER, Resource(id=UUID(int=1), name="a", attributes={"b": 0.5}),
    *PORTFOLIO.loans, *PORTFOLIO.locations, *PORTFOLIO.users, *PORTFOLIO.clients,
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_accounts_in_order_are_canonical_as_they_are_written(record: Record) -> None:
    for change in (added(record), removed(record)):
        text = json.dumps(in_order(change), ensure_ascii=False, separators=(",", ":"))
        ordered = isinstance(change.fields, Ordered)
        assert ordered is (members_of(type(record)).accounts is Ordered)
        assert text == canonical_json(plain(change)) or not ordered


def test_accounts_of_payoffs_are_in_order() -> None:
    assert members_of(Payoff).accounts is Ordered
    assert members_of(Resource).accounts is dict


def test_members_of_a_model_in_a_model_stand_in_order_among_the_others() -> None:
    told = [*added(LOCATION).fields]
    assert told == sorted(told) and "address.city" in told
