"""Reads what a token claims: exact types, exact parties, short times, nothing coerced."""

import hmac
import re
from typing import Any, Final, TypeGuard

from application.tokens import KnownKey, ProvenToken, Unauthenticated

MOST_LIFETIME: Final = 300
"""Seconds from `iat`, and from now, to `exp`."""
SKEW: Final = 30
"""Seconds that a client's clock may be ahead of ours."""

_CONTEXT: Final = {"user_id", "location_id"}
_USER_ID: Final = re.compile(r"[A-Za-z0-9._:@-]{1,40}")
_VISIBLE: Final = re.compile(r"[!-~]+")
_MOST_LOCATION: Final = 9_999_999_999


def require(fact: bool, reason: str = "malformed") -> None:
    """Raise Unauthenticated, for this reason, unless something is so."""
    if not fact:
        raise Unauthenticated(reason)


def an_object(value: Any) -> dict[str, Any]:
    """Give a JSON object; raises Unauthenticated for anything else."""
    if not isinstance(value, dict):
        raise Unauthenticated("malformed")
    return value


def check_parties(claims: dict[str, Any], known: KnownKey, audience: str) -> None:
    """Raise Unauthenticated unless the owner of the key speaks, and to us alone."""
    require(claims.get("iss") == known.client.client_id == known.key.client_id, "wrong-issuer")
    require(claims.get("aud") == audience, "wrong-audience")
    if "psk" in claims:
        told: str = claims["psk"]
        secret = known.secret if known.key.algorithm == "HS256" else None
        require(secret is not None and hmac.compare_digest(told.encode(), secret), "wrong-psk")


def check_times(claims: dict[str, Any], now: float) -> None:
    """Raise Unauthenticated unless the token lives now, and not for long."""
    issued, expires = claims.get("iat"), claims.get("exp")
    starts = claims.get("nbf", issued)
    if not (_whole(issued) and _whole(expires) and _whole(starts)):
        raise Unauthenticated("malformed")
    require(now < expires, "expired")
    require(issued <= now + SKEW and starts <= now + SKEW, "not-yet-valid")
    require(issued < expires <= issued + MOST_LIFETIME, "lives-too-long")
    require(expires <= now + MOST_LIFETIME, "lives-too-long")


def read_claims(claims: dict[str, Any], known: KnownKey) -> ProvenToken:
    """Give what a token proves, its parties and times being right."""
    context = an_object(claims.get("request_context"))
    require(context.keys() <= _CONTEXT)
    require("jti" in claims)
    _visible(claims, "jti", 128)
    _visible(claims, "sub", 128)
    return ProvenToken(
        client=known.client,
        key_id=known.key.key_id,
        key_version=known.key.version,
        token_id=claims["jti"],
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        user_id=_user(context),
        location_id=_location(context),
        oidc_token=_visible(claims, "oidc_token", 8192),
        session_id=_visible(claims, "session_id", 512),
        method=_visible(claims, "htm", 16),
        url=_visible(claims, "htu", 2048),
        body_sha256=_visible(claims, "body_sha256", 128),
    )


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _visible(claims: dict[str, Any], name: str, most: int) -> str | None:
    """Give a claim of visible ASCII, or None where it is absent; null is not absent."""
    if name not in claims:
        return None
    text: str = claims[name]
    require(len(text) <= most and _VISIBLE.fullmatch(text) is not None)
    return text


def _user(context: dict[str, Any]) -> str | None:
    if "user_id" not in context:
        return None
    user: str = context["user_id"]
    require(_USER_ID.fullmatch(user) is not None)
    return user


def _location(context: dict[str, Any]) -> int | None:
    if "location_id" not in context:
        return None
    location = context["location_id"]
    if not _whole(location) or not 1 <= location <= _MOST_LOCATION:
        raise Unauthenticated("malformed")
    return location
