"""Turns what an endpoint returns into a response: JSON, ETag, links."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from types import GenericAlias, NoneType
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from starlette.requests import Request

from domain.model import Record, key_of, key_text, marked
from entrypoints.http.asking import Asking
from entrypoints.http.errors import Header
from entrypoints.http.lists import Answered
from entrypoints.http.ready import Ready, json, length

CHANGING = ("POST", "PUT", "PATCH")


class Answering:
    """Knows how to answer with what one endpoint returns."""

    def __init__(self, endpoint: Callable[..., Any], status: int) -> None:
        returned = get_type_hints(endpoint, include_extras=True)["return"]
        self._is_list = get_origin(returned) is Answered
        self._status = status
        of = get_args(returned)[0] if self._is_list else returned
        self._one: TypeAdapter[Any] = TypeAdapter(of)
        # A type that is only known here cannot be written as an annotation.
        several: Any = GenericAlias(tuple, (of, ...))
        self._many: TypeAdapter[Any] = TypeAdapter(several)
        self._by_version = not self._is_list and of is not NoneType and has_version(of)

    def response(self, request: Request, value: Any) -> Ready:
        """Give the response."""
        if value is None:
            return Ready(self._status, [])
        if self._is_list:
            return self._list(value)
        return self._record(request, value)

    def _record(self, request: Request, record: Record) -> Ready:
        asked: Asking = request.scope["loapi"]
        method, body = request.scope["method"], None
        if not self._by_version:
            body = self._one.dump_json(record)
        etag = f'"{record.version}"' if body is None else etag_of(body)
        headers = [(b"etag", etag.encode())]
        seen = asked.values(b"if-none-match")
        if seen and method in ("GET", "HEAD") and has_seen(b",".join(seen).decode("latin-1"), etag):
            return Ready(304, headers)
        if self._status == 201:
            place = f"{request.scope['path']}/{key_text(key_of(record))}"
            headers.append((b"location", place.encode("latin-1")))
        preferences = asked.values(b"prefer")
        if preferences and method in CHANGING and wants_minimal(preferences):
            return self._minimal(headers)
        return json(self._status, body or self._one.dump_json(record), *headers)

    def _minimal(self, headers: list[Header]) -> Ready:
        headers.append((b"preference-applied", b"return=minimal"))
        if self._status == 201:
            return Ready(201, [*headers, length(b"")])
        return Ready(204, headers)

    def _list(self, page: Answered[Any]) -> Ready:
        only = None if page.only is None else {"__all__": set(page.only)}
        body = b'{"items":' + self._many.dump_json(page.items, include=only)
        headers: list[Header] = []
        if page.cursor and page.next_link:
            body += b',"next":"' + page.cursor.encode() + b'"'
            headers.append((b"link", f'<{page.next_link}>; rel="next"'.encode("latin-1")))
        return json(self._status, body + b"}", *headers)


def has_version(of: Any) -> bool:
    """Tell whether the version of one of these is its ETag: not where callers differ in it."""
    return not marked(of, "derived")


def etag_of(body: bytes) -> str:
    """Give the strong ETag of these very bytes."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def has_seen(given: str, etag: str) -> bool:
    """Tell whether an If-None-Match names what there is (RFC 9110, section 13.1.2)."""
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in given.split(","))


def wants_minimal(given: Iterable[bytes]) -> bool:
    """Tell whether the caller prefers no body (RFC 7240, section 4.2); the first word counts."""
    lines = [line.decode("latin-1") for line in given]
    preferences = (one.partition(";")[0] for line in lines for one in line.split(","))
    for name, _, value in (one.strip().lower().partition("=") for one in preferences):
        if name.strip() == "return":
            return value.strip().strip('"') == "minimal"
    return False
