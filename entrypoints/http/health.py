"""/health: whether the process lives, has started and can serve; no token needed."""

import asyncio
import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from entrypoints.http.services import Probe, Services

PROBE_SECONDS = 2.0
REMEMBERED_SECONDS = 1.0


class Health:
    """Asks every part of the service how it is, at most once a second."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._asked_at = -REMEMBERED_SECONDS
        self._failed: tuple[str, ...] = ()
        self._lock = asyncio.Lock()

    async def failed(self) -> tuple[str, ...]:
        """Name the parts that do not work."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= REMEMBERED_SECONDS:
                self._failed = await self._ask()
                self._asked_at = time.monotonic()
        return self._failed

    async def _ask(self) -> tuple[str, ...]:
        answers = await asyncio.gather(
            *(asyncio.wait_for(probe(), PROBE_SECONDS) for probe in self._probes.values()),
            return_exceptions=True,
        )
        pairs = zip(self._probes, answers, strict=True)
        return tuple(name for name, answer in pairs if isinstance(answer, BaseException))


def health_routes(services: Services, unready: int) -> list[Route]:
    """Give the routes of /health; `unready` is the status of a service that cannot serve."""
    health = Health(services.probes)

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "pass"})

    async def ready(_request: Request) -> JSONResponse:
        failed = await health.failed()
        status = "fail" if failed else "pass"
        return JSONResponse({"status": status}, unready if failed else 200)

    answers = {"": ready, "/live": live, "/ready": ready, "/startup": ready}
    return [
        Route(f"/health{path}{slash}", answer)
        for path, answer in answers.items()
        for slash in ("", "/")
    ]
