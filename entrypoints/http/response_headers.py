"""Describes the headers that answers carry, and the way to ask whether one still holds."""

from types import NoneType
from typing import get_origin, get_type_hints

from entrypoints.http.answers import CHANGING
from entrypoints.http.errors import RETRY_SECONDS, TYPES
from entrypoints.http.lists import Answered
from entrypoints.http.shapes import Document
from entrypoints.http.table import Entry

MEANING = {
    "X-Request-Id": "The request's id: the caller's, where it sent a good one.",
    "RateLimit": "What is left of the limit that is nearest, and for how many seconds.",
    "RateLimit-Policy": "Every limit that the request was counted against.",
    "ETag": "The version, to be sent as If-Match with a change, or as If-None-Match; of what is"
            " shown to each caller in another form, and of reference data, a digest of the body.",
    "Location": "Where the new record is.",
    "Link": "The next page, with `rel=\"next\"`, if there is one.",
    "Idempotency-Replayed": "`true` where this is the answer of an earlier request.",
    "Preference-Applied": "`return=minimal` where the body is left out for that.",
    "Retry-After": "After how many seconds to ask again.",
    "WWW-Authenticate": "`Bearer`.",
}

_ALWAYS = ("X-Request-Id",)
_OF_SUCCESS = ("X-Request-Id", "RateLimit", "RateLimit-Policy")
_WAITING = {TYPES[word].status for word in (*RETRY_SECONDS, "rate-limited")}


def describe_headers(components: Document) -> None:
    """Describe every header once, and those of problems where they come."""
    components["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in MEANING.items()
    }
    for kind in TYPES.values():
        names = [*_ALWAYS]
        names += ["Retry-After"] if kind.status in _WAITING else []
        names += ["WWW-Authenticate"] if kind is TYPES["unauthenticated"] else []
        components["responses"][f"Problem{kind.status}"].setdefault("headers", _named(*names))


def add_headers(operation: Document, method: str, entry: Entry) -> None:
    """Tell which headers the successes of an operation carry; and 304, where there is one."""
    returned = get_type_hints(entry.endpoint)["return"]
    is_list = get_origin(returned) is Answered
    tagged = entry.needs.dataset is not None or not (is_list or returned is NoneType)
    names = [*_OF_SUCCESS]
    names += ["Link"] if is_list else []
    names += ["ETag"] if tagged else []
    names += ["Idempotency-Replayed"] if method != "GET" else []
    names += ["Preference-Applied"] if method in CHANGING else []
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            created = ("Location",) if status == "201" else ()
            response["headers"] = _named(*names, *created)
    if method == "GET" and tagged:
        operation["parameters"].append(_IF_NONE_MATCH)
        seen = {"description": "It is as it was.", "headers": _named(*_OF_SUCCESS, "ETag")}
        operation["responses"]["304"] = seen


_IF_NONE_MATCH: Document = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer that is known: if it is the same, 304 and no body.",
    "schema": {"type": "string"},
}


def _named(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
