"""/health: whether the process lives, has started and can serve; no token needed."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from entrypoints.http.services import Probe, Services

PROBE_SECONDS = 2.0
REMEMBERED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class State:
    """Which parts of the service do not work, and which will not for long."""

    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The state in one word: pass, warn or fail."""
        return "fail" if self.failed else "warn" if self.warned else "pass"


class Health:
    """Asks every part of the service how it is, at most once a second."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._asked_at = -REMEMBERED_SECONDS
        self._state = State()
        self._lock = asyncio.Lock()

    async def state(self) -> State:
        """Give the state of all parts."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= REMEMBERED_SECONDS:
                self._state = await self._ask()
                self._asked_at = time.monotonic()
        return self._state

    async def _ask(self) -> State:
        answers = await asyncio.gather(
            *(asyncio.wait_for(probe(), PROBE_SECONDS) for probe in self._probes.values()),
            return_exceptions=True,
        )
        told = dict(zip(self._probes, answers, strict=True))
        return State(
            tuple(name for name, answer in told.items() if isinstance(answer, BaseException)),
            tuple(name for name, answer in told.items() if _warns(answer)),
        )


def _warns(answer: Mapping[str, Any] | BaseException) -> bool:
    return isinstance(answer, Mapping) and answer.get("status") == "warn"


def health_routes(services: Services, unready: int) -> list[Route]:
    """Give the routes of /health; `unready` is the status of a service that cannot serve."""
    health = Health(services.probes)

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "pass"})

    async def ready(_request: Request) -> JSONResponse:
        state = await health.state()
        return JSONResponse({"status": state.status}, unready if state.failed else 200)

    answers = {"": ready, "/live": live, "/ready": ready, "/startup": ready}
    return [
        Route(f"/health{path}{slash}", answer)
        for path, answer in answers.items()
        for slash in ("", "/")
    ]
