"""Strict JSON: one meaning for every text, or a refusal that echoes nothing."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.strict_json import MalformedJson, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)

GOOD = [
    (b"{}", {}),
    (b" [1, 2.5, -3e2, true, false, null]\n", [1, 2.5, -300.0, True, False, None]),
    (b'"\\ud83d\\ude00"', "\U0001f600"),
    ('"\U0001f600"'.encode(), "\U0001f600"),
    (b'"\\\\ud800"', "\\ud800"),
    (b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 38),
    (b'["\\"", "[{", "\\\\", [' + b"[]," * 40 + b"1]]", ['"', "[{", "\\", [*([[]] * 40), 1]]),
    (b'{"a": {"a": 1}, "b": {"a": 1}}', {"a": {"a": 1}, "b": {"a": 1}}),
    (b"9" * 4000, int("9" * 4000)),
    (b"1e308", 1e308),
    (b'"\\u0000"', "\0"),
    ('{"\u00e9": 1}'.encode(), {"\u00e9": 1}),
]

BAD = {
    "nothing": b"",
    "spaces only": b"  \n",
    "two values": b"1 2",
    "text after the value": b"{} x",
    "trailing comma": b"[1,]",
    "single quotes": b"{'a': 1}",
    "a comment": b"{} // no",
    "a bare word": b"nil",
    "a leading zero": b"01",
    "a plus sign": b"+1",
    "a point without digits": b"1.",
    "hexadecimal": b"0x10",
    "underscores": b"1_000",
    "Arabic digits": "\u0661".encode(),
    "a no-break space": "\u00a01".encode(),
    "an open text": b'"abc',
    "an open text that ends in a backslash": b'"abc\\',
    "a raw newline in a text": b'"a\nb"',
    "a NUL in a text": b'"a\0b"',
    "an unknown escape": b'"\\x41"',
    "a short escape": b'"\\u12"',
    "NaN": b"NaN",
    "NaN inside": b'{"a": [NaN]}',
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "1e400": b"1e400",
    "-1e400": b"[-1e400]",
    "a float of a thousand digits": b"1" * 1000 + b".0",
    "an integer of 5000 digits": b"1" * 5000,
    "a member twice": b'{"a": 1, "a": 1}',
    "a member twice, one escaped": b'{"a": 1, "\\u0061": 2}',
    "a member twice, deep inside": b'[{"b": {"a": 1, "c": 2, "a": 3}}]',
    "the empty member twice": b'{"": 1, "": 2}',
    "half a pair, first": b'"\\ud800"',
    "half a pair, second": b'"\\udc00"',
    "half a pair in capitals": b'"\\uDFFF"',
    "a pair in the wrong order": b'"\\ude00\\ud83d"',
    "half a pair in a member name": b'{"\\ud800": 1}',
    "half a pair beside a whole one": b'["\\ud83d\\ude00", "\\ud83d"]',
    "half a pair in raw bytes": b'"\xed\xa0\x80"',
    "an overlong character": b'"\xc0\xaf"',
    "Latin-1": b'"\xe9"',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16 with its mark": "{}".encode("utf-16"),
    "UTF-16 without a mark": "{}".encode("utf-16-le"),
    "UTF-32": "{}".encode("utf-32"),
    "an open array": b"[",
    "a stray bracket": b"]",
    "crossed brackets": b"[{]}",
    "33 arrays": b"[" * 33 + b"]" * 33,
    "33 objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "33 levels of both kinds": b'[{"a":' * 16 + b"[1]" + b"}]" * 16,
    "33 levels behind a quoted bracket": b'["]]]]]]]]",' + b"[" * 32 + b"]" * 32 + b"]",
    "a thousand levels": b"[" * 1000 + b"]" * 1000,
    "a hundred thousand levels": b"[" * 100_000 + b"]" * 100_000,
    "a hundred thousand open arrays": b"[" * 100_000,
    "a hundred thousand open objects": b'{"a":' * 100_000,
    "levels behind a quote that is escaped": b'["\\"",' + b"[" * 40 + b"]" * 40 + b"]",
}

COSTLY = {
    "a megabyte of brackets": b"[" * 1_000_000,
    "a megabyte of pairs": b"[" + b"[]," * 330_000 + b"0]",
    "a megabyte of escaped quotes": b'"' + b'\\"' * 500_000,
    "a megabyte of empty texts": b"[" * 40 + b'"",' * 330_000,
    "a megabyte of digits": b"1" * 1_000_000,
    "a megabyte of digits and a point": b"1" * 1_000_000 + b".5",
    "a megabyte of long integers": b"[" + (b"1" * 4300 + b",") * 230 + b"1]",
    "a megabyte of half pairs": b'"' + b"\\ud800" * 160_000 + b'"',
    "a megabyte of deep arrays": b"[" + (b"[" * 31 + b"]" * 31 + b",") * 15_000 + b"1]",
}


@pytest.mark.parametrize(("data", "value"), GOOD, ids=range(len(GOOD)))
def test_good_json_is_read(data: bytes, value: Any) -> None:
    assert parse(data) == value


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_anything_that_reads_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse(data)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_refusal_is_one_short_sentence_that_shows_no_cause(data: bytes) -> None:
    with pytest.raises(MalformedJson) as refusal:
        parse(data)
    assert len(str(refusal.value)) < 80
    assert str(refusal.value).isascii()
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_a_refusal_says_where_the_text_stops_being_json() -> None:
    with pytest.raises(MalformedJson, match="line 2, column 3"):
        parse(b'{"secret":\n  hunter2}')


@pytest.mark.parametrize("depth", [1, 4, 32, 200])
def test_nesting_is_allowed_up_to_the_depth_and_not_beyond(depth: int) -> None:
    assert parse(b"[" * depth + b"]" * depth, depth=depth) is not None
    assert parse(b"[" + b"[]," * 99 + b"[]]", depth=2) == [[] for _ in range(100)]
    with pytest.raises(MalformedJson, match=f"deeper than {depth} levels"):
        parse(b"[" * (depth + 1) + b"]" * (depth + 1), depth=depth)


def test_a_depth_beyond_the_interpreter_is_still_a_refusal() -> None:
    with pytest.raises(MalformedJson):
        parse(b"[" * 20_000 + b"]" * 20_000, depth=100_000)


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY.keys())
def test_no_megabyte_takes_long(data: bytes) -> None:
    start = time.process_time()
    try:
        parse(data)
    except MalformedJson:
        pass
    assert time.process_time() - start < 2


@given(VALUES)
def test_whatever_json_writes_is_read_back(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary() | st.text('[]{}",:\\ud8001eE.-tfn ', max_size=60).map(str.encode))
def test_any_bytes_are_read_as_python_reads_them_or_refused(data: bytes) -> None:
    try:
        value = parse(data, depth=4)
    except MalformedJson:
        return
    assert value == json.loads(data)
