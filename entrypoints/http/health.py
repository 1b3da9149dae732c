"""/health: whether the process lives, has started and can serve; no token needed."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from entrypoints.http.operators import Operators
from entrypoints.http.services import Measures, Probe, Services

PROBE_SECONDS = 2.0
REMEMBERED_SECONDS = 1.0
MEASURE_SECONDS = 1.0

_log = logging.getLogger("loapi")


@dataclass(frozen=True, slots=True)
class State:
    """Which parts of the service do not work, and which will not for long."""

    failed: Mapping[str, str] = field(default_factory=dict)
    """Why each does not: for operators, not for whoever asks."""
    warned: tuple[str, ...] = ()
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the others say of themselves."""

    @property
    def status(self) -> str:
        """The state in one word: pass, warn or fail."""
        return "fail" if self.failed else "warn" if self.warned else "pass"

    def plain(self) -> dict[str, Any]:
        """Give what anybody may know."""
        told: dict[str, Any] = {"status": self.status}
        return told | {"failed": sorted(self.failed)} if self.failed else told

    def checks(self) -> dict[str, Any]:
        """Give what operators may know, part by part."""
        good = {name: {"status": "pass", **told} for name, told in self.told.items()}
        bad = {name: {"status": "fail", "reason": why} for name, why in self.failed.items()}
        return good | bad


class Health:
    """Asks every part of the service how it is, at most once a second."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._asked_at = -REMEMBERED_SECONDS
        self._state = State()
        self._lock = asyncio.Lock()
        self.started = False
        """Whether everything has worked at once."""

    async def state(self) -> State:
        """Give the state of all parts."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= REMEMBERED_SECONDS:
                before, self._state = self._state, await self._ask()
                self._asked_at = time.monotonic()
                self.started = self.started or not self._state.failed
                _tell(before, self._state)
        return self._state

    async def _ask(self) -> State:
        answers = await asyncio.gather(
            *(asyncio.wait_for(probe(), PROBE_SECONDS) for probe in self._probes.values()),
            return_exceptions=True,
        )
        all_told = dict(zip(self._probes, answers, strict=True))
        told = {name: one for name, one in all_told.items() if isinstance(one, Mapping)}
        return State(
            {name: _why(one) for name, one in all_told.items() if isinstance(one, BaseException)},
            tuple(name for name, one in told.items() if one.get("status") == "warn"),
            told,
        )


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {PROBE_SECONDS:.0f} s"
    return str(error).partition("\n")[0] or type(error).__name__


def _tell(before: State, after: State) -> None:
    """Log what has ceased to work, for another reason than before, or works again."""
    for name, why in after.failed.items():
        if before.failed.get(name) != why:
            _log.error("not ready: %s: %s", name, why)
    for name in after.warned:
        if name not in before.warned:
            _log.warning("ready, with a warning: %s: %s", name, after.told[name].get("reason"))
    for name in (*before.failed, *before.warned):
        if name not in after.failed and name not in after.warned:
            _log.warning("ready again: %s", name)


async def _details(state: State, measures: Measures) -> dict[str, Any]:
    """Give what operators may know; what cannot be measured now is left out."""
    try:
        numbers = await asyncio.wait_for(measures(), MEASURE_SECONDS)
    except Exception:  # pylint: disable=broad-except  # what ails it is in the state
        numbers = {}
    return {"checks": state.checks(), "numbers": dict(numbers)}


def health_routes(services: Services, unready: int) -> list[Route]:
    """Give the routes of /health; `unready` is the status of a service that cannot serve."""
    health, operators = Health(services.probes), Operators(services)

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "pass"})

    async def ready(request: Request) -> JSONResponse:
        state = await health.state()
        told = state.plain()
        if await operators.includes(request):
            told |= await _details(state, services.measures)
        return JSONResponse(told, unready if state.failed else 200)

    async def startup(request: Request) -> JSONResponse:
        return await (live if health.started else ready)(request)

    answers = {"": ready, "/live": live, "/ready": ready, "/startup": startup}
    return [
        Route(f"/health{path}{slash}", answer)
        for path, answer in answers.items()
        for slash in ("", "/")
    ]
