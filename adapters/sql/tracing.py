"""A span for each statement that runs for a request."""

from threading import local
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from adapters.sql.database import Database
from application.tracing import NO_SPAN, SPAN, Span, Tracing


class _Running(local):
    """The statement that runs in a thread."""

    span: Span = NO_SPAN


def trace_statements(database: Database, tracing: Tracing) -> None:
    """Tell of the statements of a database, below the span under way in their thread."""
    for engine in (database.writing_engine, database.reading_engine):
        _trace(engine, tracing)


def _trace(engine: Engine, tracing: Tracing) -> None:
    running = _Running()

    def begin(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        running.span = tracing.statement(SPAN.get(), statement)

    def end(*_all: Any) -> None:
        running.span.end()

    def fail(context: ExceptionContext) -> None:
        running.span.end(context.original_exception)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)
