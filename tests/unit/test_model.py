"""What resources share: identity, assigned, derived and sensitive fields, and their names."""

from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.client import Client, ClientKey
from domain.country import Country
from domain.drafts import altered
from domain.errors import Invalid
from domain.franchise import Franchise
from domain.holiday import Holiday
from domain.loan import Loan
from domain.location import Access, Location
from domain.model import (
    NEVER,
    NIL,
    NOT_BLANK,
    Form,
    Record,
    alike,
    as_requested,
    as_stored,
    keep_assigned,
    key_of,
    key_text,
    kind_name,
    marked,
    same,
    stored_fields,
    uuid7,
)
from domain.naics import NaicsCode
from domain.payoff import Payoff, StatusChange
from domain.payoff_status import PayoffStatus
from domain.resource import Resource
from domain.user import User, UserStatus, UserType

RESOURCES: list[type[Record]] = [
    Access, Client, ClientKey, Country, Franchise, Holiday, Loan, Location, NaicsCode, Payoff,
    Resource, User,
]
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)
FULL = Resource(
    id=UUID(int=7), name="n", description="d", attributes={"a": 1}, client_id="prepay",
    created_at=NOON, updated_at=NOON, version=3,
)
ADA = User(
    user_id="U1", login="ada", first_name="Ada", last_name="Moreno", email="ada@example.com",
    user_type=UserType.PARTNER, status=UserStatus.ACTIVE, version=2,
    locations=(Access(user_id="U1", location_id=1),),
)
VALUES = st.sampled_from(
    [
        None, True, 1, 1.0, 0.0, -0.0, False, "1", "a", [1], [True], {"a": 1}, {"a": True},
        Decimal("1"), Decimal("1.0"), Decimal("1.00"), NOON, UserStatus.ACTIVE, "ACTIVE",
        NOON.astimezone(timezone(timedelta(hours=-5))), ADA, replace(ADA, version=True),
    ]
)
"""Values of which many are equal and not the same."""


@pytest.mark.parametrize("kind", RESOURCES, ids=kind_name)
def test_every_resource_has_an_identity_and_a_version_that_the_server_assigns(
    kind: type[Record],
) -> None:
    assert marked(kind, "identity")
    assert "version" in marked(kind, "assigned")
    assert fields(kind)[-1].name == "version"


@pytest.mark.parametrize("kind", RESOURCES, ids=kind_name)
def test_what_the_server_assigns_is_read_only_to_callers(kind: type[Record]) -> None:
    for field in fields(kind):
        read_only = field.metadata.get("json_schema_extra", {}).get("readOnly", False)
        assert read_only == bool(field.metadata.get("assigned")), field.name


@pytest.mark.parametrize("kind", RESOURCES, ids=kind_name)
def test_what_is_worked_out_for_each_caller_is_assigned_and_not_stored(kind: type[Record]) -> None:
    derived = set(marked(kind, "derived"))
    assert derived <= set(marked(kind, "assigned"))
    assert set(stored_fields(kind)) == {field.name for field in fields(kind)} - derived


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (User, ("email", "phone")), (Loan, ("borrower_name",)), (ClientKey, ("sealed",)),
        (Resource, ()), (Location, ()),
    ],
)
def test_what_no_record_may_show_is_marked(kind: type[Record], named: tuple[str, ...]) -> None:
    assert marked(kind, "sensitive") == named


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Payoff, "payoff"), (NaicsCode, "naics-code"), (ClientKey, "client-key"), (User, "user")],
)
def test_a_kind_is_named_in_kebab_case(kind: type[Record], name: str) -> None:
    assert kind_name(kind) == name


def test_a_key_is_the_values_of_the_identity() -> None:
    assert key_of(FULL) == (UUID(int=7),)
    assert key_of(Access(user_id="U1", location_id=7)) == ("U1", 7)
    assert key_text(("U1", 7)) == "U1/7"


def test_what_is_requested_has_nothing_that_the_server_assigns() -> None:
    requested = as_requested(FULL)
    assert requested == Resource(name="n", description="d", attributes={"a": 1})
    assert (requested.id, requested.created_at, requested.version) == (NIL, NEVER, 0)


def test_the_server_assigns_while_it_clears() -> None:
    requested = as_requested(FULL, id=UUID(int=8), created_at=FULL.created_at)
    assert requested == replace(as_requested(FULL), id=UUID(int=8), created_at=FULL.created_at)


def test_what_has_one_field_only_is_copied_like_all_else() -> None:
    change: Any = StatusChange(status=PayoffStatus.QUOTED)
    assert as_requested(change) == altered(change) == change


def test_a_record_that_is_altered_is_another_one_with_other_values() -> None:
    changed = altered(FULL, name="m", version=9)
    assert changed == replace(FULL, name="m", version=9)
    assert (FULL.name, FULL.version) != (changed.name, changed.version)
    assert altered(FULL) == FULL and altered(FULL) is not FULL


def test_what_is_no_field_cannot_be_altered() -> None:
    with pytest.raises(AttributeError):
        altered(FULL, nonsense=1)


@given(VALUES, VALUES)
def test_values_are_alike_where_they_are_equal_and_look_so(one: Any, other: Any) -> None:
    seem_alike = one == other and repr(one) == repr(other)
    assert alike(one, other) is seem_alike
    records = (replace(FULL, attributes={"a": value}) for value in (one, other))
    assert same(*records) is seem_alike


def test_records_of_two_kinds_are_not_the_same() -> None:
    assert not same(FULL, ADA)


def test_an_identity_that_callers_give_is_kept() -> None:
    assert as_requested(ADA) == replace(ADA, locations=(), version=0)


def test_what_is_stored_has_nothing_that_is_worked_out() -> None:
    assert as_stored(ADA) == replace(ADA, locations=())
    assert as_stored(FULL) is FULL


def test_a_new_form_keeps_what_the_server_assigned() -> None:
    forged = Resource(name="m", client_id="lx", version=99)
    assert keep_assigned(forged, FULL) == replace(
        FULL, name="m", description=None, attributes={}
    )


# Identities that sort by time

milliseconds = st.integers(0, 2**48 - 1)


@given(milliseconds, st.integers(0, 2**12 - 1), st.integers(0, 2**62 - 1))
def test_an_identity_is_a_uuid_of_version_7_with_its_time_in_front(
    at: int, high: int, low: int
) -> None:
    made = uuid7(at, lambda bits: {12: high, 62: low}[bits])
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == at
    assert made.int >> 64 & 0xFFF == high
    assert made.int & (1 << 62) - 1 == low


@given(milliseconds, milliseconds)
def test_identities_sort_by_time_as_numbers_bytes_and_text(one: int, other: int) -> None:
    first, second = (uuid7(at, lambda bits: (1 << bits) - 1) for at in sorted((one, other)))
    assert first <= second
    assert first.bytes <= second.bytes
    assert str(first) <= str(second)


def test_an_identity_is_as_in_the_standards_own_example() -> None:
    # RFC 9562, appendix A.6.
    made = uuid7(0x017F22E279B0, lambda bits: {12: 0xCC3, 62: 0x18C4DC0C0C07398F}[bits])
    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@pytest.mark.parametrize("blank", ["", " ", "\t\r\n", "\u00a0\u2003", "\x1c\x1d\x1e\x1f", "\x85"])
def test_a_text_of_white_space_only_is_blank(blank: str) -> None:
    with pytest.raises(Invalid, match="^name: give a text that is not blank$"):
        NOT_BLANK.check("name", blank)


@given(st.text())
def test_a_text_is_blank_where_nothing_is_left_of_it(text: str) -> None:
    try:
        NOT_BLANK.check("name", text)
    except Invalid:
        assert not text.strip()
    else:
        assert text.strip()


def test_no_text_is_of_every_form() -> None:
    Form("^[0-9]{10}$", "give 10 digits").check("loan_number", None)
