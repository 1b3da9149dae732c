"""What is told of each request: its span, its line in the log, and its part in the numbers."""

import logging
import time
from typing import Any
from zlib import crc32

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.tracing import SPAN, NoTracing
from entrypoints.http.asking import Asking, asking
from entrypoints.http.services import Services

SLOW_SECONDS = 1.0
"""Requests that took longer are told of, however few of the others are."""

_LEVELS = {4: "warning", 5: "error"}
"""The levels of what did not go well, by the hundreds of its status."""

_SPACE = 2**32

_log = logging.getLogger("loapi")


class Watch:
    """Begins with a request and ends with its answer."""

    def __init__(self, services: Services) -> None:
        self._log = services.log
        self._tracing = services.tracing
        self._traces = not isinstance(services.tracing, NoTracing)
        self._traffic = services.traffic
        self._alarm = services.alarm
        self._proxies = services.proxies
        self._below = int(services.log_successes * _SPACE)

    def begin(self, scope: Scope) -> Asking:
        """Take note of a request that has come."""
        scope["loapi"] = asked = asking(scope, self._proxies)
        if self._traces:
            asked.span = span = self._tracing.request(scope["method"], asked.parent)
            asked.trace_id = span.trace_id
            SPAN.set(span)
        return asked

    def end(self, asked: Asking, status: int | None) -> None:
        """Tell of a request that is answered; without a status, its client had gone before."""
        _part(asked)
        seconds = time.perf_counter() - asked.began
        if self._traffic is not None:
            self._traffic.note(asked.scope["method"], asked.route or "none", status or 0, seconds)
        if self._traces:
            members = self._tracing.answered(asked.span, asked.origin, status)
            if self._is_told(asked, status, seconds):
                self._log({**_line(asked, status, seconds), **members})
        elif self._is_told(asked, status, seconds):
            self._log(_line(asked, status, seconds))

    def failed(self, asked: Asking, error: BaseException) -> None:
        """Tell of an error that nobody expected."""
        _log.error("request failed", exc_info=error, extra={"request_id": asked.request_id})
        origin = asked.origin
        tags = {
            "request_id": origin.request_id,
            "trace_id": origin.trace_id,
            "route": origin.route,
            "action": origin.action,
        }
        self._alarm.raised(error, "request", tags)

    async def look_on(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application serve that needs no token; only its refusals are told of."""
        asked = scope["loapi"] = asking(scope, self._proxies)
        status: int | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noting)
        finally:
            _part(asked)
            seconds = time.perf_counter() - asked.began
            if not _went_well(status) or seconds > SLOW_SECONDS:
                self._log(_line(asked, status, seconds))

    def _is_told(self, asked: Asking, status: int | None, seconds: float) -> bool:
        """Tell whether the log gets a line: all that failed or were slow, and some others.

        One request's lines are told by all services or by none, where they go by its trace.
        """
        if self._below == _SPACE or not _went_well(status) or seconds > SLOW_SECONDS:
            return True
        return crc32((asked.trace_id or asked.request_id).encode()) < self._below


def _part(asked: Asking) -> None:
    """Take a request out of its scope, so that both go at once, and not with the garbage."""
    asked.scope.pop("loapi", None)


def _went_well(status: int | None) -> bool:
    return status is not None and status // 100 not in _LEVELS


def _line(asked: Asking, status: int | None, seconds: float) -> dict[str, Any]:
    return {
        "status": _LEVELS.get((status or 0) // 100, "info"),
        "message": "request",
        "http.method": asked.scope["method"],
        "http.route": asked.route,
        "http.status_code": status,
        "duration": int(seconds * 1e9),
        "network.client.ip": asked.address,
        "usr.id": asked.proven.user_id,
        "client_id": asked.token.client.client_id if asked.token else None,
        "request_id": asked.request_id,
        "trace_id": asked.trace_id,
        "action": asked.action,
        "problem": asked.refusal,
    }
