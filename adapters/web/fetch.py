"""Fetches JSON with httpx, and trusts nothing about the other end: not its time, size or type."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx

from application import strict_json
from application.fetching import NoAnswer
from application.strict_json import MalformedJson

SECONDS: Final = 2.0
"""How long an answer may take in all, from the first packet to the last byte."""
MOST_BYTES: Final = 128 * 1024
MOST_CONNECTIONS: Final = 64

_OK: Final = 200
_DEPTH: Final = 8
_JSON: Final = {"application/json", "application/jwk-set+json"}
_CHARSETS: Final = {"", "charset=utf-8", 'charset="utf-8"'}
_ASKED: Final = {"accept": ", ".join(sorted(_JSON)), "accept-encoding": "identity"}

# On their finer levels these tell headers and addresses, where secrets may be.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class HttpFetcher:
    """A Fetcher that keeps its connections, and nothing else, from one question to the next.

    It follows no redirect, keeps no cookie, decompresses nothing, and reads no proxy or password
    from the environment; certificates are checked against those that the machine trusts.
    """

    def __init__(self, seconds: float = SECONDS, most_bytes: int = MOST_BYTES) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._client = httpx.AsyncClient(
            headers=_ASKED,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            verify=_trusted(),
            timeout=None,  # a limit for each step would let a trickle go on for ever
            follow_redirects=False,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS),
            trust_env=False,
        )

    async def fetch(self, method: str, url: str, headers: Mapping[str, str]) -> Any:
        """Give the JSON that an address answers with; raises NoAnswer, and nothing else."""
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._body(method, url, headers)
            return strict_json.parse(body, depth=_DEPTH)
        except NoAnswer:
            raise
        except TimeoutError:
            raise NoAnswer("too-slow") from None
        except MalformedJson:
            raise NoAnswer("malformed") from None
        except Exception:
            raise NoAnswer("unreachable") from None

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _body(self, method: str, url: str, headers: Mapping[str, str]) -> bytes:
        async with self._client.stream(method, url, headers=dict(headers)) as answer:
            _check_head(answer)
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > self._most_bytes:
                    raise NoAnswer("too-large")
            return bytes(body)


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _check_head(answer: httpx.Response) -> None:
    if answer.status_code != _OK:
        raise NoAnswer(f"status-{answer.status_code}", answer.status_code)
    kind, _, parameter = answer.headers.get("content-type", "").lower().partition(";")
    if kind.strip() not in _JSON or parameter.strip() not in _CHARSETS:
        raise NoAnswer("wrong-content-type")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise NoAnswer("compressed")
