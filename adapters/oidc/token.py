"""Takes OpenID tokens apart and reads them: exact types, exact parties, nothing coerced."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeGuard, TypeVar

from application import strict_json
from application.identity import NotProven

P = ParamSpec("P")
R = TypeVar("R")

MOST_TOKEN_BYTES: Final = 8192
MOST_HEADER_BYTES: Final = 1024
SKEW: Final = 30
"""Seconds that the provider's clock may differ from ours."""
MOST_LIFETIME: Final = 86_400
"""Seconds from `iat` to `exp`; no provider of ours gives a token for longer than a day."""

_DEPTH: Final = 8
_HEADER: Final = {"alg", "kid", "typ"}
_TYPES: Final = {"JWT", "at+jwt"}
_KEY_ID: Final = re.compile(r"[!-~]{1,128}")
_SUBJECT: Final = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """A token in its parts, well formed and not proven."""

    algorithm: str
    key_id: str
    claims: dict[str, Any]


def strictly(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step on what a stranger wrote; whatever goes wrong, the token proves nothing."""
    try:
        return step(*args, **kwargs)
    except NotProven:
        raise
    except Exception:
        raise NotProven("oidc-malformed") from None


def require(fact: bool, reason: str = "oidc-malformed") -> None:
    """Raise NotProven, for this reason, unless something is so."""
    if not fact:
        raise NotProven(reason)


def take_apart(text: str) -> SignedToken:
    """Give a token's parts; only `strictly` may call this."""
    require(len(text) <= MOST_TOKEN_BYTES and text.isascii())
    segments = text.encode().split(b".")
    require(len(segments) == 3)
    header, claims, _signature = (_canonical(segment) for segment in segments)
    require(len(header) <= MOST_HEADER_BYTES)
    named = _an_object(strict_json.parse(header, depth=_DEPTH))
    require(named.keys() <= _HEADER and named.get("typ", "JWT") in _TYPES)
    algorithm, key_id = named["alg"], named["kid"]
    require(isinstance(algorithm, str) and _KEY_ID.fullmatch(key_id) is not None)
    read = _an_object(strict_json.parse(claims, depth=_DEPTH))
    return SignedToken(algorithm=algorithm, key_id=key_id, claims=read)


def read_subject(claims: dict[str, Any], issuer: str, audience: str, now: float) -> str:
    """Give the subject, where the token is from this issuer, for this audience and of now.

    Only `strictly` may call this.
    """
    require(claims.get("iss") == issuer, "oidc-wrong-issuer")
    _check_audience(claims, audience)
    _check_times(claims, now)
    subject: str = claims["sub"]
    require(_SUBJECT.fullmatch(subject) is not None)
    return subject


def _check_audience(claims: dict[str, Any], audience: str) -> None:
    given = claims["aud"]
    if isinstance(given, list) and len(given) > 1:
        # A token for several was made for one of them: the authorized party.
        require(claims.get("azp") == audience, "oidc-wrong-audience")
    among = given if isinstance(given, list) else [given]
    require(all(isinstance(one, str) for one in among))
    require(among.count(audience) == 1, "oidc-wrong-audience")


def _check_times(claims: dict[str, Any], now: float) -> None:
    issued, expires = claims["iat"], claims["exp"]
    starts = claims.get("nbf", issued)
    if not (_whole(issued) and _whole(expires) and _whole(starts)):
        raise NotProven("oidc-malformed")
    require(now < expires + SKEW, "oidc-expired")
    require(issued <= now + SKEW and starts <= now + SKEW, "oidc-not-yet-valid")
    require(issued < expires <= issued + MOST_LIFETIME, "oidc-lives-too-long")


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _an_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotProven("oidc-malformed")
    return value


def _canonical(segment: bytes) -> bytes:
    """Decode base64url that has one spelling only: what it encodes to again."""
    data = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    require(data != b"" and base64.urlsafe_b64encode(data).rstrip(b"=") == segment)
    return data
