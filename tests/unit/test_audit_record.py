"""Audit records: how values are written, which fields a change names, and what stays unsaid."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.audit.record import (
    AuditRecord,
    Operation,
    Origin,
    Outcome,
    account,
    added,
    changed,
    plain,
    removed,
)
from application.caller import Proof
from domain.fee import Fee
from domain.interest import DayCount
from domain.loan import Loan, LoanStatus, Program
from domain.location import (
    Access,
    Address,
    Location,
    LocationType,
    PartnerType,
)
from domain.payoff import Payoff, PayoffReason, Requester
from domain.payoff_status import PayoffStatus
from domain.resource import Resource
from domain.user import User, UserStatus, UserType

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)
ORIGIN = Origin(request_id="r1", action="payoff.request", client_id="prepay", proof=Proof.OIDC)

PAYOFF = Payoff(
    id=UUID(int=1), loan_number="9900101001", payoff_date=date(2026, 11, 26),
    reason=PayoffReason.SALE, voluntary=True, version=1,
    requester=Requester(name="Ada", email="secret@example.com", phone="secret"),
    fees=(Fee(code="LATE", description="Late charge", amount=Decimal("12.50")),),
)
LOAN = Loan(
    loan_number="9900101001", location_id=900101, program=Program.SEVEN_A, borrower_name="secret",
    status=LoanStatus.ACTIVE, principal=Decimal("100.00"), annual_rate=Decimal("0.1"),
    day_count=DayCount.ACT_365F, interest_paid_through=date(2026, 11, 1), version=3,
)
LOCATION = Location(
    location_id=900101, name="Branch", partner_id=1, partner_name="Bank", version=1,
    partner_type=PartnerType.BANK, type=LocationType.BRANCH, roles=("viewer",),
    address=Address(street1="1 Main St", city="Waterloo", state="IA", zip="50701"),
)
USER = User(
    user_id="U1", login="ada", first_name="Ada", last_name="Moreno", email="secret@example.com",
    phone="secret", user_type=UserType.PARTNER, status=UserStatus.ACTIVE, version=1,
    locations=(Access(user_id="U1", location_id=1),),
)


# Values


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (0.5, 0.5),
        ("😀", "😀"),
        (Decimal("1.50"), "1.50"),
        (Decimal("0E-8"), "0E-8"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (date(2026, 1, 2), "2026-01-02"),
        (NOON, "2026-11-23T17:00:00.000000Z"),
        (NOON.replace(microsecond=7), "2026-11-23T17:00:00.000007Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-11-23T17:00:00.000000Z"),
        (PayoffStatus.REQUESTED, "requested"),
        ((1, (2, "a")), [1, [2, "a"]]),
        ({"b": Decimal("1"), "a": [NOON.date()]}, {"b": "1", "a": ["2026-11-23"]}),
        (
            Fee(code="A", description="b", amount=Decimal("1.00")),
            {"code": "A", "description": "b", "amount": "1.00"},
        ),
    ],
)
def test_a_value_is_written_as_json_knows_it(value: Any, written: Any) -> None:
    found = plain(value)
    assert found == written
    assert type(found) is type(written)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_what_is_json_already_is_written_as_it_is(value: Any) -> None:
    assert plain(value) == value


# Changes


def test_a_new_record_is_told_field_by_field_without_what_is_null() -> None:
    change = added(LOCATION)
    assert (change.kind, change.key, change.operation) == ("location", "900101", Operation.ADD)
    assert change.fields["name"] == {"before": None, "after": "Branch"}
    assert change.fields["partner_type"] == {"before": None, "after": "BANK"}
    assert "phone" not in change.fields


def test_members_of_a_nested_model_are_told_under_dotted_names() -> None:
    moved = replace(LOCATION, address=replace(LOCATION.address, city="Dubuque"), version=2)
    change = changed(LOCATION, moved)
    assert change.fields == {"address.city": {"before": "Waterloo", "after": "Dubuque"}}
    assert change.version == 2


def test_what_is_worked_out_for_each_caller_is_not_told() -> None:
    assert "roles" not in added(LOCATION).fields
    assert not changed(LOCATION, replace(LOCATION, roles=("other",))).fields
    assert "locations" not in added(USER).fields


def test_the_version_is_told_beside_the_fields_not_among_them() -> None:
    change = changed(LOAN, replace(LOAN, version=4))
    assert (change.version, change.fields) == (4, {})


def test_a_removal_tells_what_was_and_the_version_removed() -> None:
    change = removed(LOAN)
    assert (change.operation, change.version) == (Operation.REMOVE, 3)
    assert change.fields["principal"] == {"before": "100.00", "after": None}
    assert change.fields["fees"] == {"before": [], "after": None}


def test_a_field_that_becomes_null_is_told() -> None:
    before = Resource(id=UUID(int=1), name="a", description="d", version=1)
    change = changed(before, replace(before, description=None, version=2))
    assert change.fields == {"description": {"before": "d", "after": None}}


def test_lists_and_maps_are_told_whole() -> None:
    assert added(PAYOFF).fields["fees"]["after"] == [
        {"code": "LATE", "description": "Late charge", "amount": "12.50"}
    ]
    before = Resource(id=UUID(int=1), name="a", attributes={"a": 1}, version=1)
    change = changed(before, replace(before, attributes={"a": {"b": 2}}, version=2))
    assert change.fields == {"attributes": {"before": {"a": 1}, "after": {"a": {"b": 2}}}}


def test_a_key_of_two_parts_is_told_as_one_text() -> None:
    assert added(Access(user_id="U1", location_id=7)).key == "U1/7"


# What stays unsaid


@pytest.mark.parametrize("record", [PAYOFF, LOAN, USER], ids=lambda record: type(record).__name__)
def test_a_sensitive_field_is_told_as_changed_and_its_value_nowhere(
    record: Payoff | Loan | User,
) -> None:
    for change in (added(record), removed(record)):
        hidden = [told for told in change.fields.values() if "changed" in told]
        assert hidden == [{"changed": True}] * (1 if record is LOAN else 2)
        assert "secret" not in repr(change)


def test_a_change_of_a_sensitive_field_is_told_without_either_value() -> None:
    other = replace(PAYOFF, requester=replace(PAYOFF.requester, email="secret-2@example.com"))
    change = changed(PAYOFF, other)
    assert change.fields == {"requester.email": {"changed": True}}


def test_a_sensitive_field_that_appears_or_goes_is_told_as_changed() -> None:
    without = replace(USER, phone=None)
    for change in (changed(USER, without), changed(without, USER)):
        assert change.fields == {"phone": {"changed": True}}
    assert "phone" not in added(without).fields


def test_a_sensitive_field_that_stays_is_not_told() -> None:
    assert set(changed(USER, replace(USER, login="eve")).fields) == {"login"}


# The whole record


def test_an_account_names_the_entities_of_its_changes() -> None:
    record = account(
        UUID(int=9), NOON, ORIGIN, Outcome.COMMITTED, changes=(added(PAYOFF), added(LOAN))
    )
    assert record.entities == (f"payoff/{PAYOFF.id}", "loan/9900101001")
    assert (record.id, record.occurred_at, record.proof) == (UUID(int=9), NOON, Proof.OIDC)


def test_an_account_of_a_read_names_what_it_is_given() -> None:
    record = account(
        UUID(int=9), NOON, ORIGIN, Outcome.READ, entities=("user/U1",), filters={"limit": "50"}
    )
    assert (record.entities, record.filters, record.changes) == (("user/U1",), {"limit": "50"}, ())


def test_an_account_carries_every_member_of_its_origin() -> None:
    names = [field.name for field in fields(ORIGIN)]
    values: dict[str, Any] = {name: f"a {name}" for name in names}
    origin = Origin(**values)
    record = account(UUID(int=9), NOON, origin, Outcome.FAILED, reason="unavailable", count=3)
    assert {name: getattr(record, name) for name in names} == values
    assert (record.reason, record.count) == ("unavailable", 3)


def test_a_record_never_changes() -> None:
    record = account(UUID(int=9), NOON, ORIGIN, Outcome.READ)
    assert record.version == 1
    with pytest.raises(AttributeError):
        record.reason = "other"  # type: ignore[misc]  # frozen, as is to be shown
    assert isinstance(record, AuditRecord)
