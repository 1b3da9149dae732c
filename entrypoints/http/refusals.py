"""One example of each problem, as the service says it."""

import json
from collections.abc import Mapping
from typing import Any

from application.errors import (
    BacklogFull,
    Busy,
    KeyInFlight,
    KeyReused,
    OutcomeUnknown,
    TimedOut,
    TokenReplayed,
    Unavailable,
)
from application.identity import ProofUnavailable
from domain.errors import Conflict, Forbidden, NotFound, Stale
from entrypoints.http.errors import TYPES, Fault, Problem, problem_of, unauthenticated
from entrypoints.http.examples import EXAMPLE_ID

REQUEST_ID = "4666ab94877067e2105f8ece72cc965f"

_ERRORS = (
    TokenReplayed(),
    Forbidden("This needs the scope 'payoff:write'."),
    NotFound("payoff", "payoff_id"),
    Conflict(f"This loan has an open payoff already: {EXAMPLE_ID}.", "loan_number"),
    KeyInFlight(),
    Stale("This payoff is at version 2 by now."),
    KeyReused(),
    Busy(),
    Unavailable(),
    ProofUnavailable("breaker-open"),
    BacklogFull(),
    OutcomeUnknown(),
    TimedOut(),
    RuntimeError("any mistake of ours"),
)


def _faulty(word: str, *faults: Fault) -> Problem:
    more = f" ({len(faults)} faults in all)" if len(faults) > 1 else ""
    return Problem(word, f"{faults[0].field}: {faults[0].detail}{more}", faults)


_JSON_TYPE = "Send Content-Type: application/json, in UTF-8."
_CALENDARS = ("calendar", "code", "date", "cursor", "fields", "limit", "sort")
_MADE_HERE = (
    _faulty("malformed-request", Fault("body", "The JSON has an object that repeats a member.")),
    _faulty("invalid-parameter", Fault("year", "there is no such parameter", _CALENDARS)),
    _faulty(
        "missing-context", Fault("request_context.user_id", "name the user that you act for")
    ),
    unauthenticated(),
    Problem("method-not-allowed", "Use GET, HEAD, OPTIONS."),
    Problem("timeout", "Send the body within 30 s."),
    Problem("too-large", "Send at most 1048576 bytes."),
    Problem("unsupported-media-type", _JSON_TYPE, (Fault("Content-Type", _JSON_TYPE),)),
    _faulty(
        "invalid",
        Fault("name", "give this member"),
        Fault("nam", "there is no such member; leave it out"),
    ),
    Problem(
        "version-required",
        "If-Match: send the ETag of the version that you have seen",
        (Fault("If-Match", "send an ETag"),),
    ),
    Problem("rate-limited", "Try again in 7 s; see RateLimit-Policy."),
)


def refusals() -> Mapping[str, dict[str, Any]]:
    """Give a document of each kind of problem by its word, in the order of the table."""
    problems = {one.word: one for one in (*_MADE_HERE, *map(problem_of, _ERRORS))}
    return {word: json.loads(problems[word].body(REQUEST_ID)) for word in TYPES}
