"""A request on its way through the service: who asks, for what, and what to say of it."""

import re
import time
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.types import Scope

from application.audit.record import Origin
from application.caller import Caller
from application.identities import random_bits
from application.ports import Errand, IdempotencyKey, SpentToken
from application.tracing import NO_SPAN, Span, TraceParent
from entrypoints.http.address import Proxies
from entrypoints.http.errors import Fault, Header, Problem
from entrypoints.http.needs import Needs

NO_PROXIES = Proxies()

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_TRACE_PARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_IDEMPOTENCY_KEY = re.compile(rb"[\x21-\x7e]{1,255}")


@dataclass(slots=True)
class Asking:
    """One request; the gate fills it in from the outside to the inside."""

    scope: Scope
    request_id: str
    trace_id: str | None
    address: str | None
    parent: TraceParent | None = None
    """The caller's span, where it names one."""
    span: Span = NO_SPAN
    began: float = field(default_factory=time.perf_counter)
    needs: Needs | None = None
    route: str | None = None
    caller: Caller | None = None
    key_id: str | None = None
    token_id: str | None = None
    spends: SpentToken | None = None
    """The token, where it is good for one write only."""
    body: bytes = b""
    holds_room: bool = False
    """Whether the body is a large one, of which there are only so many at once."""
    headers: list[Header] = field(default_factory=list)
    """What the answer carries beside its own headers."""
    refusal: str | None = None
    """The word of the problem that the answer is, if it is one."""

    def header(self, name: bytes) -> bytes | None:
        """Give a request header that may come once; raises Problem where it comes twice."""
        values = [value for key, value in self.scope["headers"] if key == name]
        if len(values) > 1:
            field_name = name.decode()
            fault = Fault(field_name, "send this header once")
            raise Problem("malformed-request", f"{field_name}: {fault.detail}", (fault,))
        return values[0] if values else None

    @property
    def origin(self) -> Origin:
        """Where the request comes from, as the audit knows it."""
        caller = self.caller
        return Origin(
            request_id=self.request_id,
            action=self.needs.action if self.needs else "unknown",
            route=self.route,
            method=self.scope["method"],
            client_id=caller.client_id if caller else None,
            key_id=self.key_id,
            token_id=self.token_id,
            user_id=caller.user_id if caller else None,
            proof=caller.proof if caller else None,
            location_id=caller.location_id if caller else None,
            trace_id=self.trace_id,
            address=self.address,
        )

    def errand(self) -> Errand:
        """Give what a write carries; raises Problem where the Idempotency-Key is malformed."""
        return Errand(
            origin=self.origin, token=self.spends, idempotency=self._idempotency_key()
        )

    def _idempotency_key(self) -> IdempotencyKey | None:
        given = self.header(b"idempotency-key")
        if given is None or self.caller is None:
            return None
        if not _IDEMPOTENCY_KEY.fullmatch(given):
            fault = Fault("Idempotency-Key", "give 1 to 255 visible ASCII characters")
            raise Problem("malformed-request", f"{fault.field}: {fault.detail}", (fault,))
        # Nobody must get the answer that another got, nor one from another place.
        user = repr((self.caller.user_id, self.caller.location_id))
        request = b"\n".join(
            part.encode() for part in (self.scope["method"], self.scope["path"], user)
        )
        return IdempotencyKey(
            client_id=self.caller.client_id,
            key=given.decode("ascii"),
            fingerprint=sha256(request + b"\n" + self.body).digest(),
        )


def asking(scope: Scope, proxies: Proxies = NO_PROXIES) -> Asking:
    """Begin a request: its id is the caller's where that is well formed, else a new one."""
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    request_id = given.decode() if _REQUEST_ID.fullmatch(given) else f"{random_bits(128):032x}"
    parent = _parent(headers.get(b"traceparent"))
    return Asking(
        scope=scope,
        request_id=request_id,
        trace_id=parent.trace_id if parent else None,
        address=proxies.address(scope),
        parent=parent,
    )


def _parent(header: bytes | None) -> TraceParent | None:
    found = _TRACE_PARENT.fullmatch(header) if header else None
    if found is None:
        return None
    trace_id, span_id, flags = (part.decode() for part in found.groups())
    return TraceParent(trace_id, span_id, bool(int(flags, 16) & 1))
