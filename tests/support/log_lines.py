"""What a line of the log may be: docs/observability.md as a schema, and a check of all lines."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Text = Annotated[str, MinLen(1)]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{8,64}$")]


class Line(BaseModel):
    """What every line has."""

    model_config = ConfigDict(extra="forbid", strict=True)

    timestamp: Annotated[int, Ge(1_500_000_000_000), Le(5_000_000_000_000)]
    service: Literal["loapi"]
    env: Text
    status: Literal["debug", "info", "warning", "error", "critical"]
    message: Text


class RequestLine(Line):
    """A request."""

    message: Literal["request"]
    method: Annotated[Text, Field(alias="http.method")]
    route: Annotated[str | None, Field(alias="http.route", pattern=r"^/[a-z0-9_/{}-]*$")]
    code: Annotated[int | None, Ge(100), Le(599), Field(alias="http.status_code")]
    duration: Annotated[int, Ge(0)]
    address: Annotated[str | None, Field(alias="network.client.ip")]
    user: Annotated[str | None, Field(alias="usr.id")]
    client_id: str | None
    request_id: RequestId
    trace_id: Hex32 | None
    action: Text
    problem: Annotated[str | None, Field(pattern=r"^[a-z-]+$")]
    dd_trace: Annotated[Hex32 | None, Field(alias="dd.trace_id")] = None
    dd_span: Annotated[str | None, Field(alias="dd.span_id", pattern=r"^[0-9]{1,20}$")] = None


class EventLine(Line):
    """Anything else."""

    logger: Annotated[Text, Field(alias="logger.name")]
    request_id: RequestId | None = None
    kind: Annotated[str | None, Field(alias="error.kind")] = None
    stack: Annotated[str | None, Field(alias="error.stack")] = None


LEVELS = {4: "warning", 5: "error"}

_REQUEST: TypeAdapter[RequestLine] = TypeAdapter(RequestLine)
_EVENT: TypeAdapter[EventLine] = TypeAdapter(EventLine)


def fields() -> set[str]:
    """Name every member that a line may have."""
    kinds = (RequestLine, EventLine)
    return {field.alias or name for kind in kinds for name, field in kind.model_fields.items()}


def fault(line: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a line, if anything is."""
    try:
        if "logger.name" in line:
            _EVENT.validate_python(line)
            return None
        told = _REQUEST.validate_python(line)
    except ValidationError as error:
        return f"{error.errors(include_url=False)} in {dict(line)}"
    if told.status != LEVELS.get((told.code or 0) // 100, "info"):
        return f"the level of {dict(line)}"
    if (told.problem is None) != ((told.code or 0) < 400) and told.route is not None:
        return f"the problem of {dict(line)}"
    return None


def faults_in(log: Path, *, killed: bool = False) -> list[str]:
    """Say what is wrong with the lines of a process; what is no JSON other programs have said.

    Where processes were killed, a line may have been cut anywhere.
    """
    *whole, _ = log.read_text("utf-8", "replace" if killed else "strict").split("\n")
    lines = [text for text in whole if text.startswith("{")]
    return [wrong for text in lines if (wrong := _fault_of(text, killed))]


def _fault_of(text: str, cut: bool) -> str | None:
    try:
        line = json.loads(text)
    except ValueError as error:
        return None if cut else f"{error} in {text}"
    return fault(line)
