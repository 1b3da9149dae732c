"""Tokens are read the quick way where that reads what the strict reader reads, and nowhere else."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.jwt.guard import _read
from application import strict_json
from tests.unit.test_jwt_guard import JSON

strictly = partial(strict_json.parse, depth=4)

READINGS = (
    b'{"a":1,"a":1}', b'{"a":1,"\\u0061":1}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e999}',
    b'{"a":"\\ud800"}', b'{"a":"\\ud83d\\ude00"}', b'{"a":[[[[1]]]]}', b'{"a":1.0}', b'{"a":1E2}',
    b'{"a":-0}', b'{"a":"\xff"}', b'\xef\xbb\xbf{}', b'{"a":"\x01"}', b'{"a":"/"}', b'{"a":"\\/"}',
    b'{"a":%b}' % (b"9" * 4300), b'{"a":%b}' % (b"9" * 4301), b"{}x", b"{},", b"", b" {}\n",
)
"""JSON that readers differ in, and JSON that they do not."""


def read_by(reader: Callable[[bytes], Any], text: bytes) -> str:
    """Give what a reader makes of a text, to the type of every number; "refused" for none."""
    try:
        return repr(reader(text))
    except ValueError:
        return "refused"


@pytest.mark.parametrize("text", READINGS)
def test_text_that_readers_differ_in_is_read_strictly(text: bytes) -> None:
    assert read_by(_read, text) == read_by(strictly, text)


@given(
    st.binary()
    | st.builds(lambda value: json.dumps(value, separators=(",", ":")).encode(), JSON)
    | st.builds(lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
                .encode("utf-8", "surrogatepass"), JSON)
)
@settings(max_examples=500)
def test_any_text_is_read_as_the_strict_reader_reads_it(text: bytes) -> None:
    assert read_by(_read, text) == read_by(strictly, text)
