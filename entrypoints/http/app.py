"""Puts the HTTP layer together: the gate, the resources behind it, health and documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from entrypoints.http.errors import TYPES, problem_of
from entrypoints.http.gate import Gate, problem_response
from entrypoints.http.health import health_routes
from entrypoints.http.openapi import describe
from entrypoints.http.services import Services
from entrypoints.http.table import RouteTable

ROUTERS = tuple(
    module.router
    for module in (
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
)


def create_app(services: Services) -> ASGIApp:
    """Give the ASGI application that serves with these services."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = Event()
        threads = [Thread(target=run, args=(stop,)) for run in services.background]
        for thread in threads:
            thread.start()
        yield
        await services.notes.close()
        stop.set()
        for thread in threads:
            thread.join()
        await services.identities.close()
        services.close()

    table = RouteTable(ROUTERS)
    app = FastAPI(
        title="loapi",
        version="1",
        summary="One audited door to loans, locations and people.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None if services.production else "/openapi.json",
        separate_input_output_schemas=False,
        redirect_slashes=False,
        exception_handlers={HTTPException: _refuse_elsewhere},
        routes=[*health_routes(services, TYPES["unavailable"].status)],
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    describe(app, table)
    return Gate(app, app, table, services)


async def _refuse_elsewhere(request: Request, error: Exception) -> Response:
    """Refuse outside /api in the words that the gate has for those inside."""
    request_id = asking(request.scope).request_id
    response = problem_response(problem_of(error), request_id)
    response.headers["x-request-id"] = request_id
    return response
