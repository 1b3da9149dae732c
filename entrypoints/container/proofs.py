"""Builds what proves users, for each mode of clients that the settings make room for."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from adapters.oidc.provider import Provider
from adapters.oidc.verifier import OidcVerifier
from adapters.ulp.sessions import SessionEndpoint, UlpSessions
from adapters.web.fetch import HttpFetcher
from application import users
from application.directory import Recent
from application.identity import ByOidcToken, BySession, Identities, IdentityVerifier
from application.ports import Runner
from application.remembering import Ticks
from domain.client import Mode
from entrypoints.settings import Settings

Clock = Callable[[], float]
"""Tells the time in seconds from 1970 UTC."""


def proof_options(settings: Settings) -> Mapping[str, Any]:
    """Give what `build_identities` is told of the settings."""
    return {
        "ulp": settings.ulp_url and SessionEndpoint(
            url=settings.ulp_url, method=settings.ulp_method.value, header=settings.ulp_header
        ),
        "ulp_seconds": settings.ulp_seconds,
        "oidc": settings.oidc_issuer and Provider(
            issuer=settings.oidc_issuer,
            audience=settings.oidc_audience or "",
            keys_url=settings.oidc_jwks_url,
        ),
        "oidc_stale_seconds": settings.oidc_max_stale_minutes * 60.0,
        "proof_urls": _addresses(settings),
    }


def _addresses(settings: Settings) -> Mapping[Mode, str]:
    """Give where each mode's users are proven, outside this process."""
    asked = {Mode.ULP: settings.ulp_url, Mode.OIDC: settings.oidc_jwks_url or settings.oidc_issuer}
    return {mode: url for mode, url in asked.items() if url is not None}


def build_identities(
    runner: Runner,
    clock: Clock,
    ulp: SessionEndpoint | None,
    ulp_seconds: float,
    oidc: Provider | None,
    oidc_stale_seconds: float,
    *,
    ticks: Ticks = time.monotonic,
) -> Identities:
    """Give what proves the users of every client whose mode is configured."""
    ways: dict[Mode, IdentityVerifier] = {}
    if ulp is not None:
        ways[Mode.ULP] = BySession(UlpSessions(ulp, HttpFetcher(ulp_seconds), clock, ticks))
    if oidc is not None:
        verifier = OidcVerifier(oidc, HttpFetcher(), clock, oidc_stale_seconds, ticks)
        found = Recent(lambda subject: runner.read(users.of_subject, subject))
        ways[Mode.OIDC] = ByOidcToken(verifier, found.get)
    return Identities(ways)
