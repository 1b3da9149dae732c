"""A request on its way through the service: who asks, for what, and what to say of it."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.types import Scope

from application.audit.record import Origin
from application.caller import Caller
from application.identities import new_text
from application.identity import NOBODY, Proven
from application.ports import Errand, IdempotencyKey, SpentToken
from application.tokens import ProvenToken
from application.tracing import NO_SPAN, Span, TraceParent
from entrypoints.http.address import Proxies
from entrypoints.http.errors import Fault, Header, Problem
from entrypoints.http.needs import Needs
from entrypoints.http.whole import WHOLE, Whole

NO_PROXIES = Proxies()

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_TRACE_PARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_IDEMPOTENCY_KEY = re.compile(rb"[\x21-\x7e]{1,255}")


@dataclass(slots=True)
class Asking:
    """One request; the gate fills it in from the outside to the inside."""

    scope: Scope
    named: Mapping[bytes, bytes]
    """The request's headers by name; of one that comes twice the last."""
    request_id: str
    trace_id: str | None
    address: str | None
    whole: Whole | None = None
    """What there is of the request as a whole, where the server tells."""
    parent: TraceParent | None = None
    """The caller's span, where it names one."""
    span: Span = NO_SPAN
    began: float = field(default_factory=time.perf_counter)
    needs: Needs | None = None
    route: str | None = None
    token: ProvenToken | None = None
    """What says which client calls, once it is proven."""
    proven: Proven = NOBODY
    """The user that it calls for, once that is proven."""
    roles: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """What that user may do where, once it is looked up."""
    spends: SpentToken | None = None
    """The token, where it is good for one write only."""
    body: bytes = b""
    holds_room: bool = False
    """Whether the body is a large one, of which there are only so many at once."""
    headers: list[Header] = field(default_factory=list)
    """What the answer carries beside its own headers."""
    refusal: str | None = None
    """The word of the problem that the answer is, if it is one."""
    _origin: Origin | None = None

    def values(self, name: bytes) -> list[bytes]:
        """Give every value of a request header."""
        if name not in self.named:
            return []
        headers = self.scope["headers"]
        if len(headers) == len(self.named):    # no header comes twice
            return [self.named[name]]
        return [value for key, value in headers if key == name]

    def header(self, name: bytes) -> bytes | None:
        """Give a request header that may come once; raises Problem where it comes twice."""
        if name not in self.named:
            return None
        values = self.values(name)
        if len(values) > 1:
            field_name = name.decode()
            fault = Fault(field_name, "send this header once")
            raise Problem("malformed-request", f"{field_name}: {fault.detail}", (fault,))
        return values[0]

    @property
    def action(self) -> str:
        """What is asked, as "payoff.request"."""
        return self.needs.action if self.needs else "unknown"

    @property
    def caller(self) -> Caller:
        """Who calls, and what they may see; there is one once the request is let in."""
        token = self.token
        assert token is not None, "the gate lets nobody in without a token"
        return Caller(
            client_id=token.client.client_id,
            scopes=frozenset(token.client.scopes),
            user_id=self.proven.user_id,
            proof=self.proven.proof,
            location_id=token.location_id,
            roles=self.roles,
        )

    @property
    def origin(self) -> Origin:
        """Where the request comes from, as the audit knows it once it is let in or refused."""
        if self._origin is None:
            token, proven = self.token, self.proven
            self._origin = Origin(
                request_id=self.request_id,
                action=self.action,
                route=self.route,
                method=self.scope["method"],
                client_id=token.client.client_id if token else None,
                key_id=token.key_id if token else None,
                token_id=token.token_id if token else None,
                user_id=proven.user_id,
                proof=proven.proof,
                location_id=token.location_id if token else None,
                trace_id=self.trace_id,
                address=self.address,
            )
        return self._origin

    def errand(self) -> Errand:
        """Give what a write carries; raises Problem where the Idempotency-Key is malformed."""
        return Errand(
            origin=self.origin, token=self.spends, idempotency=self._idempotency_key()
        )

    def _idempotency_key(self) -> IdempotencyKey | None:
        given, token = self.header(b"idempotency-key"), self.token
        if given is None or token is None:
            return None
        if not _IDEMPOTENCY_KEY.fullmatch(given):
            fault = Fault("Idempotency-Key", "give 1 to 255 visible ASCII characters")
            raise Problem("malformed-request", f"{fault.field}: {fault.detail}", (fault,))
        # Nobody must get the answer that another got, nor one from another place.
        user = repr((self.proven.user_id, token.location_id))
        request = b"\n".join(
            part.encode() for part in (self.scope["method"], self.scope["path"], user)
        )
        return IdempotencyKey(
            client_id=token.client.client_id,
            key=given.decode("ascii"),
            fingerprint=sha256(request + b"\n" + self.body).digest(),
        )


def asking(scope: Scope, proxies: Proxies = NO_PROXIES) -> Asking:
    """Begin a request: its id is the caller's where that is well formed, else a new one."""
    named = dict(scope["headers"])
    given = named.get(b"x-request-id")
    good = given is not None and _REQUEST_ID.fullmatch(given)
    parent = _parent(named.get(b"traceparent"))
    return Asking(
        scope=scope,
        named=named,
        request_id=given.decode() if given and good else new_text(),
        trace_id=parent.trace_id if parent else None,
        address=proxies.address(scope),
        whole=scope.get("state", {}).pop(WHOLE, None),
        parent=parent,
    )


def _parent(header: bytes | None) -> TraceParent | None:
    found = _TRACE_PARENT.fullmatch(header) if header else None
    if found is None:
        return None
    trace_id, span_id, flags = (part.decode() for part in found.groups())
    return TraceParent(trace_id, span_id, bool(int(flags, 16) & 1))
