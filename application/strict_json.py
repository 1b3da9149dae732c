"""Reads JSON from strangers: one meaning for every text, or a refusal."""

import json
import math
import re
from json import JSONDecodeError
from typing import Any, NoReturn

_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class MalformedJson(ValueError):
    """A text is not the JSON that we read; the message is fit for the caller and echoes nothing."""


def parse(data: bytes, *, depth: int = 32) -> Any:
    """Read one JSON text in UTF-8.

    Raises MalformedJson, and nothing else, where it has a byte order mark, a repeated member, a
    number that is not finite, half a surrogate pair, or arrays and objects inside each other
    deeper than `depth`.
    """
    try:
        text = data.decode("utf-8")
        _check_depth(data, depth)
        value = _DECODER.decode(text)
        if _SURROGATE_ESCAPE.search(text):
            _check_encodable(value)
    except (ValueError, RecursionError) as error:
        raise _named(error) from None
    return value


def _check_depth(data: bytes, depth: int) -> None:
    if data.count(b"[") + data.count(b"{") > depth and _nests_deeper(data, depth):
        raise MalformedJson(f"The JSON is nested deeper than {depth} levels.")


def _nests_deeper(data: bytes, depth: int) -> bool:
    """Tell whether brackets outside of texts nest deeper, or do not pair up.

    Each pass takes away the innermost pairs, so it works in C however many brackets there are.
    """
    brackets = _TEXT.sub(b"", data).translate(_BRACKETS, _NO_BRACKETS)
    for _ in range(depth):
        outer = brackets.replace(b"[]", b"")
        if outer == brackets:
            break
        brackets = outer
    return bool(brackets)


def _check_encodable(value: Any) -> None:
    json.dumps(value, ensure_ascii=False).encode("utf-8")


def _named(error: Exception) -> MalformedJson:
    """Say what is wrong without a word of the text itself."""
    match error:
        case MalformedJson():
            return error
        case JSONDecodeError():
            return MalformedJson(f"This is not JSON, at line {error.lineno}, column {error.colno}.")
        case UnicodeDecodeError():
            return MalformedJson("The JSON is not in UTF-8.")
        case UnicodeEncodeError():
            return MalformedJson("The JSON has half a surrogate pair in a text.")
        case RecursionError():
            return MalformedJson("The JSON is nested too deep.")
    return MalformedJson("The JSON has a number with too many digits.")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(members)
    if len(read) != len(members):
        raise MalformedJson("The JSON has an object that repeats a member.")
    return read


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedJson("The JSON has a number that is too large.")
    return number


def _constant(_: str) -> NoReturn:
    raise MalformedJson("The JSON has a number that is not finite.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_constant=_constant
)
