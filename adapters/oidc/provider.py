"""Where an OpenID provider's keys are, and how they are fetched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from adapters.oidc.keys import Keys, read_keys
from application.fetching import Fetcher, NoAnswer

DISCOVERY = "/.well-known/openid-configuration"

_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider, as configuration names it."""

    issuer: str
    """The `iss` of its tokens, exactly."""
    audience: str
    """The `aud` of its tokens for us, exactly."""
    keys_url: str | None = None
    """Where its keys are; else its discovery document says it."""


async def fetch_keys(provider: Provider, fetcher: Fetcher) -> Keys:
    """Give the provider's good keys of now; raises NoAnswer."""
    url = provider.keys_url or await _discover(provider, fetcher)
    return read_keys(await fetcher.fetch("GET", url, _NO_HEADERS))


async def _discover(provider: Provider, fetcher: Fetcher) -> str:
    """Give the address of the keys; a document may not send us to another host than its own."""
    url = provider.issuer.removesuffix("/") + DISCOVERY
    document: Any = await fetcher.fetch("GET", url, _NO_HEADERS)
    if not isinstance(document, dict) or document.get("issuer") != provider.issuer:
        raise NoAnswer("wrong-issuer")
    keys_url = document.get("jwks_uri")
    if not isinstance(keys_url, str) or _origin(keys_url) != _origin(provider.issuer):
        raise NoAnswer("keys-elsewhere")
    return keys_url


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NoAnswer("keys-elsewhere") from None
    return parts.scheme, parts.netloc
