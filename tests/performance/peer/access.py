"""Who calls the peer: a token of HS256 by PyJWT, scopes, a rate limit by slowapi, places."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any, TypeVar

# pylint: disable-next=import-error  # of the peer's own environment
import jwt  # type: ignore[import-not-found]  # of the peer's own environment
from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

# pylint: disable-next=import-error  # of the peer's own environment
from slowapi import Limiter  # type: ignore[import-not-found]  # of the peer's own environment
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.performance.peer.models import Access, Client, ClientKey, User
from tests.performance.peer.sessions import SessionDep

AUDIENCE = "loapi-development"
REQUIRED = ["iss", "aud", "iat", "exp", "jti", "request_context"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True)
class Known:
    """A key with its client."""

    key_id: str
    secret: str
    client_id: str
    scopes: frozenset[str]
    once: bool


@dataclass(frozen=True)
class Caller:
    """Who a token proves."""

    client_id: str
    key_id: str
    token_id: str
    expires_at: datetime
    once: bool
    user_id: str | None
    location_id: int | None


KEYS: dict[str, Known] = {}
"""Every key, read when the service starts: a query for it on each request would cost more."""


def load_keys(session: Session) -> None:
    """Read all keys."""
    rows = session.execute(select(ClientKey, Client).join(Client)).tuples()
    for key, client in rows:
        KEYS[key.key_id] = Known(
            key.key_id, key.secret, client.client_id, frozenset(client.scopes),
            client.replay == "once",
        )


async def current_caller(
    request: Request,
    scopes: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> Caller:
    """Prove the token; 401 for one that proves nothing, 403 for a scope that is not there."""
    try:
        header = jwt.get_unverified_header(credentials.credentials)
        known = KEYS[header["kid"]]
        claims = jwt.decode(
            credentials.credentials, known.secret, algorithms=["HS256"], audience=AUDIENCE,
            issuer=known.client_id, options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, KeyError):
        raise HTTPException(401, "The token proves nothing.") from None
    if not known.scopes.issuperset(scopes.scopes):
        raise HTTPException(403, f"This needs {scopes.scope_str}.")
    caller = _caller(known, claims)
    request.state.caller = caller
    return caller


def _caller(known: Known, claims: Mapping[str, Any]) -> Caller:
    context = claims["request_context"]
    return Caller(
        client_id=known.client_id,
        key_id=known.key_id,
        token_id=claims["jti"],
        expires_at=datetime.fromtimestamp(claims["exp"], timezone.utc),
        once=known.once,
        user_id=context.get("user_id"),
        location_id=context.get("location_id"),
    )


def places(request: Request, session: SessionDep) -> dict[int, list[str]]:
    """Give the roles of the caller's user by location; 403 for someone who may not act."""
    caller: Caller = request.state.caller
    user = session.get(User, caller.user_id)
    if user is None or user.status != "ACTIVE":
        raise HTTPException(403, "The user is not an active one.")
    rows = session.scalars(select(Access).where(Access.user_id == user.user_id))
    found = {row.location_id: row.roles for row in rows}
    if caller.location_id is not None and caller.location_id not in found:
        raise HTTPException(403, "The user may not act for this location.")
    return found


def _client_of(request: Request) -> str:
    caller: Caller = request.state.caller
    return caller.client_id


limiter = Limiter(key_func=_client_of)


def limited(endpoint: Endpoint) -> Endpoint:
    """Count calls by client, against a limit that no measurement reaches."""
    decorated: Endpoint = limiter.limit("100000000/minute")(endpoint)
    return decorated


ReadsReference = Annotated[Caller, Security(current_caller, scopes=["reference:read"])]
ReadsUsers = Annotated[Caller, Security(current_caller, scopes=["user:read"])]
WritesPayoffs = Annotated[Caller, Security(current_caller, scopes=["payoff:write"])]
Places = Annotated[dict[int, list[str]], Depends(places)]
