"""Traces with ddtrace, by its plain interface: it patches nothing and starts nothing else."""

import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.telemetry.forwarding import Forwarding
from application.audit.record import Origin
from application.tracing import NO_SPAN, Span, Traced, TraceParent

CLOSE_SECONDS = 1.0
"""How long what waits may take to be sent at the end."""

FAILED = 500
"""The least status code that says that the service is at fault."""

_OFF = (
    "DD_APPSEC_ENABLED", "DD_CRASHTRACKING_ENABLED", "DD_DATA_STREAMS_ENABLED",
    "DD_DYNAMIC_INSTRUMENTATION_ENABLED", "DD_EXCEPTION_REPLAY_ENABLED", "DD_IAST_ENABLED",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED", "DD_LLMOBS_ENABLED", "DD_LOGS_INJECTION",
    "DD_PROFILING_ENABLED", "DD_REMOTE_CONFIGURATION_ENABLED", "DD_RUNTIME_METRICS_ENABLED",
    "DD_SYMBOL_DATABASE_UPLOAD_ENABLED", "DD_TRACE_STARTUP_LOGS",
)
"""What ddtrace would do beside traces."""


class DatadogSpan:
    """A span of ddtrace's."""

    __slots__ = ("inner", "trace_id")

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.trace_id: str | None = f"{inner.trace_id:032x}"

    def end(self, error: BaseException | None = None) -> None:
        """Note that it is over; of an error only the type is told."""
        if error is not None:
            self.inner.error = 1
            self.inner.set_tag("error.type", type(error).__name__)
        self.inner.finish()


class DatadogTracing:
    """A Tracing that sends spans to a Datadog agent, from a thread of ddtrace's.

    What the agent does not take in time is dropped. There is one for a process.
    """

    def __init__(self, service: str, env: str, agent: str) -> None:
        """Send to an agent at an address, as http://127.0.0.1:8126."""
        self._forwarding = Forwarding(agent)
        os.environ.update(dict.fromkeys(_OFF, "false"))
        os.environ.update(
            DD_TRACE_ENABLED="true",
            DD_SERVICE=service,
            DD_ENV=env,
            DD_TRACE_AGENT_URL=self._forwarding.url,
            DD_TRACE_WRITER_BUFFER_SIZE_BYTES=str(8 << 20),
        )
        with _signals_kept():
            # All of the above is read when it is imported.
            # pylint: disable=import-outside-toplevel  # an extra that need not be there
            from ddtrace.trace import Context, tracer
        _through_our_log(logging.getLogger("ddtrace"))
        self._context: Any = Context
        self._tracer: Any = tracer

    def request(self, method: str, parent: TraceParent | None) -> Span:
        """Begin the span of a request, below its caller's where that names one."""
        inner = self._tracer.start_span(
            "loapi.request", child_of=self._below(parent), resource=method, span_type="web"
        )
        return DatadogSpan(inner)

    def answered(self, span: Span, origin: Origin, status: int | None) -> Mapping[str, str]:
        """End the span of a request; give the ids by which Datadog finds it from a log line."""
        assert isinstance(span, DatadogSpan), "spans are made here"
        inner, method = span.inner, origin.method or ""
        inner.resource = f"{method} {origin.route or 'none'}"
        told = {
            "span.kind": "server",
            "component": "loapi",
            "http.method": method,
            "http.route": origin.route,
            "http.status_code": None if status is None else str(status),
            "loapi.action": origin.action,
            "loapi.client_id": origin.client_id,
            "loapi.request_id": origin.request_id,
        }
        inner.set_tags({name: value for name, value in told.items() if value is not None})
        if status is not None and status >= FAILED:
            inner.error = 1
        inner.finish()
        return {"dd.trace_id": f"{inner.trace_id:032x}", "dd.span_id": str(inner.span_id)}

    def batch(self, kind: str, tasks: Sequence[Traced]) -> Span:
        """Begin the span of a batch below the first request's; it links to the others'."""
        spans = [task.span.inner for task in tasks if isinstance(task.span, DatadogSpan)]
        if not spans:
            return NO_SPAN
        inner = self._tracer.start_span("loapi.batch", child_of=spans[0], resource=kind)
        inner.set_tag("loapi.batch.kind", kind)
        inner.set_metric("loapi.batch.size", len(tasks))
        for other in spans[1:]:
            inner.set_link(other.trace_id, other.span_id)
        return DatadogSpan(inner)

    def statement(self, parent: Span, text: str) -> Span:
        """Begin the span of a database call; the text holds binds, no values."""
        if not isinstance(parent, DatadogSpan):
            return NO_SPAN
        inner = self._tracer.start_span(
            "loapi.database", child_of=parent.inner, resource=text, span_type="sql"
        )
        inner.set_tag("span.kind", "client")
        return DatadogSpan(inner)

    def close(self) -> None:
        """Send what waits, for a second or two at most."""
        self._tracer.shutdown(CLOSE_SECONDS)
        self._forwarding.close(CLOSE_SECONDS)

    def _below(self, parent: TraceParent | None) -> Any:
        if parent is None:
            return None
        return self._context(
            trace_id=int(parent.trace_id, 16),
            span_id=int(parent.span_id, 16),
            sampling_priority=int(parent.sampled),
        )


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Let ddtrace take no signal: it would end its traces before the requests are answered."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def _through_our_log(logger: logging.Logger) -> None:
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)
