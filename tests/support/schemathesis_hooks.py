"""Hooks of Schemathesis: what a well-meaning caller knows beyond what a schema can say."""

import os
import secrets
import time
from datetime import date, timedelta
from typing import Any

import schemathesis

from entrypoints.container.keys import mint
from entrypoints.http.dependencies import ETAG

MOST_DAYS_AHEAD = 300
"""How many days ahead the judge asks for a payoff; some more are allowed."""

_KEYS: set[str] = set()
"""The idempotency keys of requests that were sent."""
_CURSORS: dict[str, Any] = {}
"""For each cursor that was given out, the question that it belongs to."""
_ETAGS: dict[str, str] = {}
"""For each path of a record, its ETag as it was given last."""


# None: nothing is remembered, so that no two requests share a token.
@schemathesis.auth(refresh_interval=None)
class FreshToken:
    """Gives each request a token that nothing has used."""

    def get(self, _case: Any, _context: Any) -> str:
        """Mint a token by the key in the environment."""
        key_text, key_id = os.environ["JUDGE_KEY"], os.environ["JUDGE_KEY_ID"]
        return mint(
            key_text, key_id, "prepay", "loapi-development", "U1001", None, 240,
            int(time.time()), secrets.token_urlsafe(16),
        )

    def set(self, case: Any, data: str, _context: Any) -> None:
        """Put the token on a request."""
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Send what a caller knows who has read the answers; what is wrong by the schema stays so."""
    headers = case.headers or {}
    if ETAG.fullmatch(headers.get("If-Match", "").encode()):
        headers["If-Match"] = _ETAGS.get(case.formatted_path, headers["If-Match"])
    if case.meta is not None and case.meta.generation.mode.is_positive:
        _use_a_key_once(headers)
        _use_cursors_as_given(case)
        _ask_for_a_day_to_come(case.body)


def _use_a_key_once(headers: Any) -> None:
    """Use no idempotency key for two requests."""
    key = headers.get("Idempotency-Key")
    if key in _KEYS:
        headers["Idempotency-Key"] = secrets.token_urlsafe(16)
    _KEYS.add(key)


def _use_cursors_as_given(case: Any) -> None:
    """Use no cursor but those that were given, each for the question that it belongs to."""
    cursor = (case.query or {}).get("cursor")
    if cursor is not None and _CURSORS.get(cursor) != _question(case):
        del case.query["cursor"]


def _ask_for_a_day_to_come(body: Any) -> None:
    """Ask for no payoff in the past, nor in years."""
    if isinstance(body, dict) and "payoff_date" in body:
        ahead = date.fromisoformat(body["payoff_date"]).toordinal() % MOST_DAYS_AHEAD
        body["payoff_date"] = (date.today() + timedelta(days=ahead + 1)).isoformat()


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Note the cursors and the ETags that are given out."""
    if response.status_code not in (200, 201):
        return
    if "etag" in response.headers:
        path = response.headers.get("location", [case.formatted_path])[0]
        _ETAGS[path] = response.headers["etag"][0]
    if response.headers["content-type"] == ["application/json"]:
        answer = response.json()
        if isinstance(answer, dict) and "next" in answer:
            _CURSORS[answer["next"]] = _question(case)


def _question(case: Any) -> Any:
    query = case.query or {}
    return case.path, {name: value for name, value in query.items() if name != "cursor"}
