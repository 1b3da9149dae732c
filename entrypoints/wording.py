"""Says plainly what to give in place of a value that pydantic refuses."""

from collections.abc import Mapping

from pydantic_core import ErrorDetails

A_TIME = "give a time with its zone, as 2026-01-31T00:00:00Z"
A_DATE = "give a date, as 2026-01-31"
A_NUMBER = "give a whole number in digits"
YES_OR_NO = "give true or false"
_AN_OBJECT = "give an object"
_A_LIST = "give a list"
_A_UUID = "give a UUID, as 0199c1a2-7f3e-7b6a-8c5d-1e2f3a4b5c6d"
_A_NETWORK = "give an address or a network, as 10.0.0.0/8"
_MISSING = "give this member"
_UNKNOWN = "there is no such member; leave it out"
_DECIMALS = "give a decimal number"

_INSTEAD: Mapping[str, str] = {
    "missing": _MISSING,
    "missing_argument": _MISSING,
    "missing_keyword_only_argument": _MISSING,
    "unexpected_keyword_argument": _UNKNOWN,
    "extra_forbidden": _UNKNOWN,
    "string_type": "give a text",
    "string_too_short": "give a text whose length is at least {min_length}",
    "string_too_long": "give a text whose length is at most {max_length}",
    "string_unicode": "give a text in UTF-8",
    "string_pattern_mismatch": "give a text of the form {pattern}",
    "enum": "give {expected}",
    "literal_error": "give {expected}",
    "bool_type": YES_OR_NO,
    "bool_parsing": YES_OR_NO,
    "int_type": A_NUMBER,
    "int_parsing": A_NUMBER,
    "int_parsing_size": "give a smaller number",
    "float_parsing": "give a number",
    "int_from_float": A_NUMBER,
    "greater_than": "give more than {gt}",
    "greater_than_equal": "give {ge} or more",
    "less_than": "give less than {lt}",
    "less_than_equal": "give {le} or less",
    "decimal_type": _DECIMALS,
    "decimal_parsing": _DECIMALS,
    "date_type": A_DATE,
    "date_parsing": A_DATE,
    "date_from_datetime_parsing": A_DATE,
    "date_from_datetime_inexact": A_DATE,
    "datetime_type": A_TIME,
    "datetime_parsing": A_TIME,
    "datetime_from_date_parsing": A_TIME,
    "timezone_aware": A_TIME,
    "uuid_type": _A_UUID,
    "uuid_parsing": _A_UUID,
    "dataclass_type": _AN_OBJECT,
    "dict_type": _AN_OBJECT,
    "list_type": _A_LIST,
    "tuple_type": _A_LIST,
    "ip_v4_network": _A_NETWORK,
    "ip_v6_network": _A_NETWORK,
    "too_short": "give at least {min_length} items",
    "too_long": "give at most {max_length} items",
}
"""By pydantic's word for the fault; its own sentences say what an input *should* have been, and
some hold a piece of it."""


def plainly(one: ErrorDetails) -> str:
    """Say what is wrong with a value, and nothing of the value."""
    context = one.get("ctx", {})
    if one["type"] == "value_error":
        return str(context["error"])
    instead = _INSTEAD.get(one["type"])
    return one["msg"] if instead is None else instead.format(**context)
