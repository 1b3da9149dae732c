"""Who may know more of the service's health than whether it is good."""

import asyncio

from starlette.requests import Request

from application.tokens import Unauthenticated
from entrypoints.http.address import neighbourhood
from entrypoints.http.asking import Asking
from entrypoints.http.binding import check_request_binding
from entrypoints.http.services import Services

SCOPE = "ops:read"

PROOF_SECONDS = 1.0
"""How long a token may take to be verified, where its key has to be looked up."""


class Operators:
    """Callers with a token of a client that has the scope; it counts against the usual limits."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def includes(self, request: Request) -> bool:
        """Tell whether the caller is one of them; never raises, as health is told to anybody."""
        asked: Asking = request.scope["loapi"]
        values = [value for name, value in request.scope["headers"] if name == b"authorization"]
        address = neighbourhood(asked.address or "unknown")
        if not values or self._services.limiter.full("failed", address):
            return False
        try:
            async with asyncio.timeout(PROOF_SECONDS):
                return await self._proven(values, asked)
        except Unauthenticated:
            await self._services.limiter.hit({"failed": address})
        except Exception:  # pylint: disable=broad-except  # what ails it, health itself tells
            pass
        return False

    async def _proven(self, values: list[bytes], asked: Asking) -> bool:
        token = await self._services.verifier.verify(values)
        check_request_binding(asked, token)
        client = token.client
        verdict = await self._services.limiter.hit({"client": client.client_id}, client.rate_limits)
        return verdict.allowed and SCOPE in client.scopes
