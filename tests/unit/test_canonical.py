"""Canonical JSON: one text for a record, the one that RFC 8785 says, by the quick way too."""

import json
import struct
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from application.audit.canonical import canonical, canonical_json, leaf_hash, number
from application.audit.record import (
    AuditRecord,
    Change,
    Operation,
    Outcome,
    plain,
)
from application.caller import Proof

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2**53 + 1, 2**53 - 1) | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ACCOUNTS = st.fixed_dictionaries({"before": JSON, "after": JSON}) | st.just({"changed": True})
CHANGES = st.builds(
    Change,
    kind=TEXT,
    key=TEXT,
    operation=st.sampled_from(Operation),
    version=st.integers(1, 9),
    fields=st.dictionaries(TEXT, ACCOUNTS | JSON, max_size=4),
)
RECORDS = st.builds(
    AuditRecord,
    id=st.uuids(),
    occurred_at=st.datetimes(
        datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from(
            [timezone.utc, timezone(timedelta(hours=-5))])
    ),
    outcome=st.sampled_from(Outcome),
    proof=st.none() | st.sampled_from(Proof),
    location_id=st.none() | st.integers(1, 9_999_999_999),
    request_id=WORD,
    user_id=st.none() | WORD,
    action=WORD,
    entities=st.lists(TEXT, max_size=3).map(tuple),
    filters=st.none() | st.dictionaries(TEXT, JSON, max_size=3),
    changes=st.lists(CHANGES, max_size=2).map(tuple),
)

APPENDIX_B = {
    0x0000000000000000: "0",
    0x8000000000000000: "0",
    0x0000000000000001: "5e-324",
    0x8000000000000001: "-5e-324",
    0x7FEFFFFFFFFFFFFF: "1.7976931348623157e+308",
    0xFFEFFFFFFFFFFFFF: "-1.7976931348623157e+308",
    0x4340000000000000: "9007199254740992",
    0xC340000000000000: "-9007199254740992",
    0x4430000000000000: "295147905179352830000",
    0x44B52D02C7E14AF5: "9.999999999999997e+22",
    0x44B52D02C7E14AF6: "1e+23",
    0x44B52D02C7E14AF7: "1.0000000000000001e+23",
    0x444B1AE4D6E2EF4E: "999999999999999700000",
    0x444B1AE4D6E2EF4F: "999999999999999900000",
    0x444B1AE4D6E2EF50: "1e+21",
    0x3EB0C6F7A0B5ED8C: "9.999999999999997e-7",
    0x3EB0C6F7A0B5ED8D: "0.000001",
    0x41B3DE4355555553: "333333333.3333332",
    0x41B3DE4355555554: "333333333.33333325",
    0x41B3DE4355555555: "333333333.3333333",
    0x41B3DE4355555556: "333333333.3333334",
    0x41B3DE4355555557: "333333333.33333343",
    0xBECBF647612F3696: "-0.0000033333333333333333",
    0x43143FF3C1CB0959: "1424953923781206.2",
}
"""Doubles by their bits, and how RFC 8785, appendix B writes them."""


def a_record(**facts: Any) -> AuditRecord:
    given_facts: dict[str, Any] = {
        "id": UUID(int=7),
        "occurred_at": datetime(2026, 11, 23, 17, 0, 0, 5, tzinfo=timezone.utc),
        "outcome": Outcome.COMMITTED,
        "request_id": "r1",
        "action": "payoff.request",
    }
    return AuditRecord(**given_facts | facts)


def in_utf16_order(names: list[str]) -> bool:
    units = [struct.unpack(f">{len(n.encode('utf-16-be')) // 2}H", n.encode("utf-16-be"))
             for n in names]
    return units == sorted(units)


@pytest.mark.parametrize("bits", APPENDIX_B, ids=hex)
def test_floats_are_written_as_the_rfc_lists_them(bits: int) -> None:
    (value,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert number(value) == APPENDIX_B[bits]


@given(FLOATS)
def test_floats_keep_their_value(value: float) -> None:
    assert float(number(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_becomes_null(value: float) -> None:
    assert number(value) == "null"


def test_the_sample_of_the_rfc_has_its_canonical_form() -> None:
    sample = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\nA'B\"\\\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(sample) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_names_sort_as_the_rfc_shows() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json({name: 0 for name in names}))) == ordered


@given(RECORDS)
def test_the_quick_way_gives_what_the_slow_one_gives(record: AuditRecord) -> None:
    text = canonical(record)
    assert text == canonical_json(plain(record)).encode()
    assert leaf_hash(record) == sha256(b"\0" + text).digest()


@given(RECORDS)
def test_the_text_means_the_record_and_its_names_are_in_order(record: AuditRecord) -> None:
    pairs: list[list[str]] = []

    def note(members: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.append([name for name, _ in members])
        return dict(members)

    found = json.loads(canonical(record), object_pairs_hook=note, parse_int=float)
    assert found == plain(record)
    assert all(map(in_utf16_order, pairs))


@given(RECORDS)
def test_a_record_that_was_stored_has_the_same_text(record: AuditRecord) -> None:
    adapter = TypeAdapter(AuditRecord)
    assert canonical(adapter.validate_json(adapter.dump_json(record))) == canonical(record)


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": {"before": 1.0, "after": 2}},
        {"rate": {"before": [{"deep": -0.0}], "after": None}},
        {"rate": 1e16},
        {"\ufb33": {"changed": True}, "\U0001f600": {"changed": True}},
        {"a": {"before": datetime(2026, 1, 1, tzinfo=timezone.utc), "after": UUID(int=1)}},
        {"a": {1: 2, 10: 3, 9: 4}},
        {1: 2},
        {"a": (1, [2], {"b": Proof.SESSION})},
    ],
    ids=str,
)
def test_what_is_not_ordinary_takes_the_slow_way(fields: Any) -> None:
    change = Change(kind="resource", key="1", operation=Operation.ADD, version=1, fields=fields)
    for record in (a_record(changes=(change,)), a_record(filters=fields)):
        assert canonical(record) == canonical_json(plain(record)).encode()


@given(RECORDS)
def test_a_text_that_is_read_and_written_again_stays_as_it_is(record: AuditRecord) -> None:
    text = canonical(record).decode()
    assert canonical_json(json.loads(text)) == text


def test_equal_numbers_have_one_text() -> None:
    assert canonical(a_record(filters={"n": 1.0})) == canonical(a_record(filters={"n": 1}))
