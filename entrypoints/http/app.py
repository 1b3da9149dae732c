"""Puts the HTTP layer together: the gate, the resources behind it, health and documents."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import date
from threading import Event, Thread

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from entrypoints.http import (
    audit,
    business_day,
    country,
    franchise,
    holiday,
    location,
    naics_code,
    payoff,
    resource,
    user,
)
from entrypoints.http.asking import asking
from entrypoints.http.docs_page import docs_routes
from entrypoints.http.errors import TYPES, Problem, problem_of
from entrypoints.http.gate import Gate, problem_response
from entrypoints.http.health import health_routes
from entrypoints.http.introduction import DESCRIPTION, SERVERS, tags_of
from entrypoints.http.openapi import describe
from entrypoints.http.services import Services
from entrypoints.http.table import RouteTable

RESOURCES = (
    resource,
    payoff,
    location,
    user,
    country,
    holiday,
    business_day,
    franchise,
    naics_code,
    audit,
)

ROUTERS = tuple(module.router for module in RESOURCES)


STOP_SECONDS = 3.0
"""How long what runs beside the requests may take to end."""


def create_app(services: Services, today: Callable[[], date] = date.today) -> ASGIApp:
    """Give the ASGI application that serves with these services; documents are as of today."""

    table = RouteTable(ROUTERS)
    app = FastAPI(
        title="loapi",
        version="1",
        summary="One audited door to loans, locations and people.",
        description=DESCRIPTION,
        openapi_tags=tags_of(RESOURCES),
        servers=SERVERS,
        lifespan=_life_of(services),
        docs_url=None,
        redoc_url=None,
        openapi_url=None if services.production else "/openapi.json",
        separate_input_output_schemas=False,
        redirect_slashes=False,
        exception_handlers={HTTPException: _refuse_elsewhere, Problem: _refuse_elsewhere},
        routes=[
            *health_routes(services, TYPES["unavailable"].status),
            *docs_routes(services.production),
        ],
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    describe(app, table, today)
    return Gate(app, app, table, services)


def _life_of(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Give what runs beside the application, and lets go of everything when it stops."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = Event()
        threads = [Thread(target=run, args=(stop,), daemon=True) for run in services.background]
        # Each step is taken, the last one first, whatever becomes of the others.
        async with AsyncExitStack() as ending:
            ending.callback(services.close)
            ending.push_async_callback(services.quoting.close)
            ending.push_async_callback(services.identities.close)
            for thread in threads:
                thread.start()
            ending.callback(_stop, stop, threads)
            ending.push_async_callback(services.notes.close)
            yield

    return lifespan


def _stop(stop: Event, threads: Sequence[Thread]) -> None:
    """Let threads end; what a store keeps waiting for longer is left behind."""
    stop.set()
    until = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


async def _refuse_elsewhere(request: Request, error: Exception) -> Response:
    """Refuse outside /api in the words that the gate has for those inside."""
    request_id = (request.scope.get("loapi") or asking(request.scope)).request_id
    response = problem_response(problem_of(error), request_id)
    response.headers["x-request-id"] = request_id
    return response
