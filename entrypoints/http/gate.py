"""The one way in: who calls, how often and whether at all, all before a body is read."""

import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from application.audit.record import Outcome
from application.errors import ServiceError
from application.identity import ProofUnavailable
from application.limits import Verdict
from application.ports import ORIGIN, SpentToken
from application.tokens import ProvenToken, Unauthenticated
from domain.client import ReplayPolicy
from domain.errors import Forbidden
from entrypoints.http.address import neighbourhood
from entrypoints.http.asking import Asking
from entrypoints.http.binding import check_body_binding, check_request_binding
from entrypoints.http.body import Bodies
from entrypoints.http.errors import Fault, Header, Problem, problem_of, unauthenticated
from entrypoints.http.needs import Needs, Recorded
from entrypoints.http.ready import Answer
from entrypoints.http.services import Services
from entrypoints.http.shelf import Shelf, Shelved
from entrypoints.http.table import Entry, RouteTable
from entrypoints.http.watch import Watch

API = "/api/"
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROBLEM_JSON = "application/problem+json"
NO_SNIFFING: Header = (b"x-content-type-options", b"nosniff")
NO_STORING: Header = (b"cache-control", b"no-store")

_log = logging.getLogger("loapi")


class Gate:
    """Serves /api; everything else goes to the open application behind it."""

    def __init__(self, app: Any, open_app: ASGIApp, table: RouteTable, services: Services) -> None:
        self._app = app
        self._open_app = open_app
        self._table = table
        self._services = services
        self._watch = Watch(services)
        self._shelf = Shelf()
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, as ASGI asks for it."""
        if scope["type"] != "http":
            await self._open_app(scope, receive, send)
            return
        if not scope["path"].startswith(API):
            await self._watch.look_on(self._open_app, scope, receive, send)
            return
        scope["app"] = self._app
        asked = self._watch.begin(scope)
        status = None
        try:
            response = await self._answer(asked, receive)
            if response is not None:
                status = response.status_code
                if asked.refusal is not None:
                    await self._record_refusal(asked, asked.refusal, status)
                self._finish(asked, response)
                headers, body = response.raw_headers, bytes(response.body)
                if asked.whole is None or not asked.whole.send(status, headers, body):
                    await response(scope, receive, send)
        finally:
            self._watch.end(asked, status)

    async def _answer(self, asked: Asking, receive: Receive) -> Answer | None:
        """Give the response; none where the client has gone before it was known."""
        try:
            entry = await self._admit(asked)
            if entry is None:
                return Response(status_code=204)
            return await self._serve(entry, asked, receive)
        except Exception as error:  # pylint: disable=broad-except  # the last resort
            return self._refuse(asked, error)

    async def _serve(self, entry: Entry, asked: Asking, receive: Receive) -> Answer | None:
        """Read and handle a request that is let in, unless its client has too many under way."""
        crowd, client = self._services.crowd, asked.token.client.client_id if asked.token else ""
        if not crowd.enter(client):
            raise _rate_limited(asked, crowd.refusal)
        try:
            if asked.scope["method"] in CHANGING:
                body = await self._bodies.read(asked, receive)
                if body is None:
                    return None
                asked.body = body
                check_body_binding(asked)
            if entry.needs.dataset is not None:
                return await self._from_shelf(entry.needs.dataset, entry, asked, receive)
            return await _handle(entry, asked, receive)
        finally:
            self._bodies.let_go(asked)
            crowd.leave(client)

    async def _from_shelf(
        self, dataset: str, entry: Entry, asked: Asking, receive: Receive
    ) -> Answer:
        """Answer from what is kept, or keep the answer."""
        key = (asked.scope["path"], asked.scope["query_string"])
        version = await self._services.directory.edition(dataset)
        kept = self._shelf.get(key, version)
        if kept is None:
            kept = await self._shelf.fill(key, version, partial(_handle, entry, asked, receive))
        if kept is None:
            return await _handle(entry, asked, receive)
        return kept.answer(asked.header(b"if-none-match"))

    async def _admit(self, asked: Asking) -> Entry | None:
        """Let the request in and give what serves it; none where OPTIONS is all it asks."""
        scope = asked.scope
        found = self._table.find(scope["path"])
        entry = found[0].entry(scope["method"]) if found else None
        if found:
            scope["path"] = scope["path"].removesuffix("/")
            scope["path_params"] = dict(found[1])
            asked.route = found[0].template
            asked.needs = entry.needs if entry else None
            if scope["method"] == "OPTIONS":
                asked.headers.append((b"allow", found[0].allowed.encode()))
                return None
        token = await self._authenticate(asked)
        await self._limit(asked, entry.needs if entry else None, token)
        if found is None:
            raise Problem("not-found", "There is no such path.")
        if entry is None:
            allow = (b"allow", found[0].allowed.encode())
            raise Problem("method-not-allowed", f"Use {found[0].allowed}.", headers=(allow,))
        await self._authorize(asked, entry.needs, token)
        return entry

    async def _authenticate(self, asked: Asking) -> ProvenToken:
        try:
            token = await self._services.verifier.verify(asked.values(b"authorization"))
            check_request_binding(asked, token)
            await self._prove_user(asked, token)
        except Unauthenticated as error:
            _log.info("refused a token: %s", error.reason, extra={"request_id": asked.request_id})
            await self._count_failure(asked)
            raise unauthenticated() from None
        return token

    async def _prove_user(self, asked: Asking, token: ProvenToken) -> None:
        """Say who calls; where the user is not proven, the refusal still names the client."""
        asked.token = token
        try:
            asked.proven = await self._services.identities.prove(token)
        except ProofUnavailable as error:
            extra = {"request_id": asked.request_id}
            _log.warning("no proof of the user: %s", error.reason, extra=extra)
            raise

    async def _count_failure(self, asked: Asking) -> None:
        address = neighbourhood(asked.address or "unknown")
        verdict = await self._services.limiter.hit({"failed": address})
        if not verdict.allowed:
            raise _rate_limited(asked, verdict)

    async def _limit(self, asked: Asking, needs: Needs | None, token: ProvenToken) -> None:
        client, user_id = token.client, asked.proven.user_id
        keys = {"client": client.client_id}
        if needs is not None:
            keys[needs.rate] = client.client_id
        if user_id:
            keys["user"] = f"{client.client_id}/{user_id}"
        verdict = await self._services.limiter.hit(keys, client.rate_limits)
        if not verdict.allowed:
            raise _rate_limited(asked, verdict)
        asked.headers += _limit_headers(verdict)

    async def _authorize(self, asked: Asking, needs: Needs, token: ProvenToken) -> None:
        client, user_id = token.client, asked.proven.user_id
        if needs.scope not in client.scopes:
            raise Forbidden(f"This needs the scope '{needs.scope}'.")
        _check_context(needs, user_id, token.location_id)
        if user_id is not None:
            # Who is named has to be active, whatever is asked.
            asked.roles = await self._places(user_id, token.location_id)
        if asked.scope["method"] in CHANGING and client.replay is ReplayPolicy.ONCE:
            asked.spends = SpentToken(
                client_id=client.client_id,
                token_id=token.token_id,
                expires_at=datetime.fromtimestamp(token.expires_at, timezone.utc),
            )

    async def _places(self, user_id: str, location: int | None) -> Mapping[int, tuple[str, ...]]:
        """Give the user's roles by place: at the one that the token names, where it does."""
        roles = await self._services.directory.roles(user_id)
        if location is None:
            return roles
        if location not in roles:
            raise Forbidden("The user may not act for the location in request_context.")
        return {location: roles[location]}

    def _refuse(self, asked: Asking, error: Exception) -> Response:
        problem = problem_of(error)
        asked.refusal = problem.word
        if problem.word == "internal":
            self._watch.failed(asked, error)
        return problem_response(problem, asked.request_id)

    async def _record_refusal(self, asked: Asking, reason: str, status: int) -> None:
        if not _owes_record(asked):
            return
        outcome = Outcome.FAILED if problem_is_ours(status) else Outcome.REFUSED
        try:
            await self._services.notes.refusal(asked.origin, outcome, reason)
        except ServiceError as error:
            # The refusal stands all the same: a store that is down must not open the door.
            _log.error("a refusal has no record", exc_info=error)

    def _finish(self, asked: Asking, response: Answer) -> None:
        headers = response.raw_headers
        headers += asked.headers
        if asked.needs is not None and asked.needs.retirement is not None:
            headers += asked.needs.retirement.headers()
        headers += ((b"x-request-id", asked.request_id.encode()), NO_SNIFFING)
        if not isinstance(response, Shelved):
            headers.append(NO_STORING)
        if asked.scope["method"] == "HEAD":
            response.body = b""


async def _handle(entry: Entry, asked: Asking, receive: Receive) -> Answer:
    ORIGIN.set(asked.origin)
    return await entry.handle(Request(asked.scope, receive))


def _check_context(needs: Needs, user_id: str | None, location: int | None) -> None:
    """Raise the problem of a token that does not say for whom, or where, its client acts."""
    told = (
        (needs.user and user_id is None, "user_id", "name the user that you act for"),
        (needs.location and location is None, "location_id",
         "name the location that the user acts for"),
    )
    faults = tuple(Fault(f"request_context.{name}", text) for lacks, name, text in told if lacks)
    if faults:
        raise Problem("missing-context", f"{faults[0].field}: {faults[0].detail}", faults)


def problem_response(problem: Problem, request_id: str) -> Response:
    """Give the response that a problem is."""
    response = Response(problem.body(request_id), problem.status, media_type=PROBLEM_JSON)
    response.raw_headers.extend(problem.headers)
    return response


def problem_is_ours(status: int) -> bool:
    """Tell whether a status says that the service failed, not the caller."""
    return status // 100 == 5


def _owes_record(asked: Asking) -> bool:
    if asked.scope["method"] in CHANGING:
        return True
    return asked.needs is not None and asked.needs.recorded is Recorded.READS


def _rate_limited(asked: Asking, verdict: Verdict) -> Problem:
    kept = [header for header in asked.headers if not header[0].startswith(b"ratelimit")]
    asked.headers = kept + _limit_headers(verdict)
    wait = (b"retry-after", str(verdict.retry_after).encode())
    detail = f"Try again in {verdict.retry_after} s; see RateLimit-Policy."
    return Problem("rate-limited", detail, headers=(wait,))


def _limit_headers(verdict: Verdict) -> list[tuple[bytes, bytes]]:
    return [
        (b"ratelimit-policy", verdict.policy.encode()),
        (b"ratelimit", verdict.state.encode()),
    ]
