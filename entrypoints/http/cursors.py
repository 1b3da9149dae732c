"""Positions in a list as opaque text: signed, bound to one question, and good for a day."""

import base64
import hmac
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from application.query import Query, position
from domain.model import Record

CURSOR_SECONDS = 24 * 3600
"""How long a cursor is good."""

SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cursors:
    """Makes and reads the cursors of the list at a path."""

    path: str
    signing_key: bytes

    def behind(self, last: Record, query: Query) -> str:
        """Give the cursor that stands behind a record of the query's answer."""
        place = to_json(position(last, query.order)).decode()
        expires_at = int(time.time()) + CURSOR_SECONDS
        body = to_json([expires_at, place, question_digest(self.path, query)])
        return base64.urlsafe_b64encode(self._signature(body) + body).rstrip(b"=").decode()

    def resumed(self, cursor: str, query: Query, types: tuple[Any, ...]) -> Query:
        """Give the query from where a cursor stands; `types` are those of its order's fields.

        Raises ValueError, which says what to do, where the cursor is not ours, not of this
        question, or too old.
        """
        adapter: TypeAdapter[Any] = TypeAdapter(tuple[types])  # type: ignore[valid-type]  # dynamic
        try:
            expires_at, place, digest = self._opened(cursor)
            after = tuple(adapter.validate_json(place, strict=True))
        except ValueError:
            raise ValueError("this is no cursor of ours; start again without one") from None
        if digest != question_digest(self.path, query):
            raise ValueError("it belongs to other filters or another order")
        if expires_at < time.time():
            raise ValueError("it has expired; start again without one")
        return replace(query, after=after)

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self.signing_key, body, "sha256")[:SIGNATURE_BYTES]

    def _opened(self, cursor: str) -> tuple[int, str, str]:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        signature, body = sealed[:SIGNATURE_BYTES], sealed[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise ValueError("not signed by us")
        expires_at, place, digest = from_json(body)
        return expires_at, place, digest


def question_digest(path: str, query: Query) -> str:
    """Give what binds a cursor to its list, filters and order."""
    terms = sorted(
        f"{[(t.field, t.operator.value, sorted(map(repr, t.values))) for t in clause]}"
        for clause in query.clauses
    )
    order = [(item.field, item.descending) for item in query.order]
    return sha256(repr((path, terms, order)).encode()).hexdigest()[:32]
