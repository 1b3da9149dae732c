"""The one place that knows status codes: every refusal as a problem (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_json
from starlette.exceptions import HTTPException

from application.errors import (
    BacklogFull,
    Busy,
    KeyInFlight,
    KeyReused,
    OutcomeUnknown,
    ServiceError,
    TimedOut,
    TokenReplayed,
    Unavailable,
)
from application.identity import ProofUnavailable
from domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale
from entrypoints.wording import plainly

Header = tuple[bytes, bytes]

MOST_FAULTS = 50
LONGEST_NAME = 200
"""How much of what a caller made up is told back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request."""

    field: str
    detail: str
    allowed: tuple[str, ...] = ()

    def plain(self, name: str) -> dict[str, Any]:
        """Give the fault as JSON knows it; `name` is "field" or "parameter"."""
        told: dict[str, Any] = {name: self.field, "detail": self.detail}
        return told | {"allowed": list(self.allowed)} if self.allowed else told


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemType:
    """A kind of refusal: its word never changes."""

    word: str
    status: int
    title: str


TYPES: Mapping[str, ProblemType] = {
    one.word: one
    for one in (
        ProblemType(word="malformed-request", status=400, title="The request is malformed"),
        ProblemType(word="invalid-parameter", status=400, title="A query parameter is wrong"),
        ProblemType(word="missing-context", status=400, title="The token says too little"),
        ProblemType(word="unauthenticated", status=401, title="The caller is not proven"),
        ProblemType(word="token-replayed", status=401, title="The token was used before"),
        ProblemType(word="forbidden", status=403, title="The caller may not do this"),
        ProblemType(word="not-found", status=404, title="There is no such thing here"),
        ProblemType(word="method-not-allowed", status=405, title="Not with this method"),
        ProblemType(word="timeout", status=408, title="The request took too long to arrive"),
        ProblemType(word="conflict", status=409, title="It contradicts what is there"),
        ProblemType(word="key-in-flight", status=409, title="The same request is running"),
        ProblemType(word="stale", status=412, title="The record has changed"),
        ProblemType(word="too-large", status=413, title="The body is too large"),
        ProblemType(word="unsupported-media-type", status=415, title="Not in this format"),
        ProblemType(word="invalid", status=422, title="A value is wrong"),
        ProblemType(word="key-reused", status=422, title="The idempotency key is taken"),
        ProblemType(word="version-required", status=428, title="Name the version"),
        ProblemType(word="rate-limited", status=429, title="Too many requests"),
        ProblemType(word="internal", status=500, title="Our mistake"),
        ProblemType(word="busy", status=503, title="Busy"),
        ProblemType(word="unavailable", status=503, title="Unavailable"),
        ProblemType(word="proof-unavailable", status=503, title="The user cannot be verified"),
        ProblemType(word="audit-backlog", status=503, title="The audit trail is behind"),
        ProblemType(word="outcome-unknown", status=503, title="The outcome is unknown"),
        ProblemType(word="timed-out", status=504, title="The store took too long"),
    )
}

WORDS: Mapping[type[Exception], str] = {
    NotFound: "not-found",
    Conflict: "conflict",
    Forbidden: "forbidden",
    Stale: "stale",
    Invalid: "invalid",
    TokenReplayed: "token-replayed",
    KeyReused: "key-reused",
    KeyInFlight: "key-in-flight",
    Busy: "busy",
    Unavailable: "unavailable",
    ProofUnavailable: "proof-unavailable",
    BacklogFull: "audit-backlog",
    OutcomeUnknown: "outcome-unknown",
    TimedOut: "timed-out",
}
"""Which problem each error of the business and of the service is."""

RETRY_SECONDS: Mapping[str, int] = {
    "key-in-flight": 1,
    "busy": 2,
    "unavailable": 5,
    "proof-unavailable": 5,
    "audit-backlog": 5,
    "outcome-unknown": 1,
    "timed-out": 5,
}


@dataclass(slots=True)
class Problem(Exception):
    """A refusal on its way to the caller."""

    word: str
    detail: str
    faults: tuple[Fault, ...] = ()
    headers: tuple[Header, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The status code of this kind of problem."""
        return TYPES[self.word].status

    def body(self, request_id: str) -> bytes:
        """Give the problem document."""
        kind = TYPES[self.word]
        document: dict[str, Any] = {
            "type": f"urn:loapi:problem:{kind.word}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "instance": f"urn:loapi:request:{request_id}",
        }
        if self.faults:
            name = "parameter" if kind.word == "invalid-parameter" else "field"
            document["errors"] = [fault.plain(name) for fault in self.faults]
            # A single fault also stands on the top level, where scripts look first.
            document |= {k: v for k, v in document["errors"][0].items() if k != "detail"}
        return to_json(document | dict(self.extra))


def problem_of(error: Exception) -> Problem:
    """Give the problem that an error is to the caller; unknown errors tell nothing."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return invalid(error)
    if isinstance(error, HTTPException):
        return _elsewhere(error)
    for kind in type(error).__mro__:
        if kind in WORDS:
            return _known(WORDS[kind], error)
    return Problem("internal", "Something went wrong on our side; it has been recorded.")


def _known(word: str, error: Exception) -> Problem:
    faults = _faults_of(error)
    wait = RETRY_SECONDS.get(word)
    headers = ((b"retry-after", str(wait).encode()),) if wait else ()
    if TYPES[word].status == 401:
        headers = (*headers, CHALLENGE)
    return Problem(word, str(error), faults, headers)


def _faults_of(error: Exception) -> tuple[Fault, ...]:
    if isinstance(error, Stale):
        return (Fault("If-Match", "send the ETag of the version that is there now"),)
    if isinstance(error, DomainError) and error.field is not None:
        return (Fault(error.field, error.detail),)
    return ()


def _elsewhere(error: HTTPException) -> Problem:
    """Give the problem of a path outside /api that is none, or not with this method."""
    allow = (error.headers or {}).get("Allow")
    if allow is None:
        return Problem("not-found", "There is no such path.")
    header = (b"allow", allow.encode())
    return Problem("method-not-allowed", f"Use {allow}.", headers=(header,))


CHALLENGE: Header = (b"www-authenticate", b"Bearer")


def unauthenticated() -> Problem:
    """Give the one answer to every token that proves nothing."""
    detail = "Send 'Authorization: Bearer <token>' with a token signed by a key of your client."
    return Problem("unauthenticated", detail, headers=(CHALLENGE,))


def invalid(error: ValidationError, prefix: str = "") -> Problem:
    """Give the problem of a body whose values are wrong, all faults at once."""
    details = error.errors(include_url=False, include_input=False)
    faults = tuple(_fault(one, prefix) for one in details[:MOST_FAULTS])
    return Problem("invalid", _summary(faults[0], len(details)), faults)


def _summary(fault: Fault, count: int) -> str:
    first = f"{fault.field}: {fault.detail}"
    return first if count == 1 else f"{first} ({count} faults in all)"


def _fault(one: ErrorDetails, prefix: str) -> Fault:
    cause = one.get("ctx", {}).get("error")
    if isinstance(cause, Invalid):
        return Fault(cause.field or "body", cause.detail)
    path = ".".join(str(part) for part in one["loc"])
    where = ".".join(part for part in (prefix, path) if part) or "body"
    return Fault(where[:LONGEST_NAME], plainly(one))


def every_error() -> frozenset[type[Exception]]:
    """Give every error that the business and the service can raise, for the test of WORDS."""
    found: set[type[Exception]] = set()
    waiting: list[type[Exception]] = [DomainError, ServiceError]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        found.update(subclasses)
        waiting.extend(subclasses)
    return frozenset(found)
