"""A JSON line a request, with the standard library's logging."""

import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from fastapi import FastAPI, Request, Response

TOLD = ("method", "path", "status_code", "duration", "client", "client_id", "user_id", "request_id")

_log = logging.getLogger("peer")


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        told = {name: getattr(record, name, None) for name in TOLD}
        return json.dumps({"timestamp": record.created, "message": record.getMessage(), **told})


def log_requests(app: FastAPI) -> None:
    """Write a line for each request, as FastAPI's documentation adds middleware."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)

    @app.middleware("http")
    async def tell(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        began = time.perf_counter()
        request.state.request_id = uuid4().hex
        response = await call_next(request)
        response.headers["X-Request-Id"] = request.state.request_id
        caller = getattr(request.state, "caller", None)
        _log.info("request", extra={
            "method": request.method,
            "path": request.url.path,
            "status_code": response.status_code,
            "duration": time.perf_counter() - began,
            "client": request.client.host if request.client else None,
            "client_id": caller.client_id if caller else None,
            "user_id": caller.user_id if caller else None,
            "request_id": request.state.request_id,
        })
        return response
