"""Spans: what a request spends its time on, told to whoever traces, or to nobody."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from application.audit.record import Origin


@dataclass(frozen=True, slots=True)
class TraceParent:
    """The span of a caller's that a request is part of (W3C Trace Context)."""

    trace_id: str
    """32 hexadecimal digits, not all zero."""
    span_id: str
    """16 hexadecimal digits, not all zero."""
    sampled: bool


class Span(Protocol):
    """Something that takes time; it is told when it ends."""

    @property
    def trace_id(self) -> str | None:
        """The trace that it belongs to, as 32 hexadecimal digits; None where nobody traces."""

    def end(self, error: BaseException | None = None) -> None:
        """Note that it is over; of an error only the type is told."""


class Traced(Protocol):
    """Work that is done for a request."""

    @property
    def span(self) -> Span:
        """The span of that request."""


class Tracing(Protocol):
    """Makes spans. No method raises, waits, or tells a value that a caller has sent."""

    def request(self, method: str, parent: TraceParent | None) -> Span:
        """Begin the span of a request."""

    def answered(self, span: Span, origin: Origin, status: int | None) -> Mapping[str, str]:
        """End the span of a request; give the members by which its log line refers to it."""

    def batch(self, kind: str, tasks: Sequence[Traced]) -> Span:
        """Begin the span of a batch, below its first task's; `kind` is read or write."""

    def statement(self, parent: Span, text: str) -> Span:
        """Begin the span of a database call; the text holds binds, no values."""

    def close(self) -> None:
        """Send what waits, for a second or two at most."""


class NoSpan:
    """Nobody traces."""

    __slots__ = ()

    trace_id = None

    def end(self, error: BaseException | None = None) -> None:
        """Tell nobody."""


NO_SPAN = NoSpan()
_NO_MEMBERS: Mapping[str, str] = {}


class NoTracing:
    """Traces nothing, at no cost."""

    def request(self, *_: Any, **__: Any) -> Span:
        """Begin nothing."""
        return NO_SPAN

    def answered(self, *_: Any, **__: Any) -> Mapping[str, str]:
        """Have nothing to refer to."""
        return _NO_MEMBERS

    def batch(self, *_: Any, **__: Any) -> Span:
        """Begin nothing."""
        return NO_SPAN

    def statement(self, *_: Any, **__: Any) -> Span:
        """Begin nothing."""
        return NO_SPAN

    def close(self) -> None:
        """Hold nothing."""


SPAN: ContextVar[Span] = ContextVar("span", default=NO_SPAN)
"""The span under way: of the request, and in a worker of the batch."""
