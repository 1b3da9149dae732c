"""What endpoints are given: the caller, a way to run use cases, a version, a list query."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar
from uuid import UUID

from fastapi import Depends
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request

from application.audit.record import AuditRecord
from application.caller import Caller
from application.ports import Reading, Work
from application.query import Page
from application.strict_json import parse
from domain.errors import NotFound
from domain.model import Kind, Record, marked
from entrypoints.http.asking import Asking
from entrypoints.http.errors import Fault, Problem, invalid
from entrypoints.http.lists import Asked
from entrypoints.http.needs import Recorded
from entrypoints.http.route import strict_body
from entrypoints.http.services import Services

P = ParamSpec("P")
R = TypeVar("R")

ETAG = re.compile(rb'"([1-9][0-9]{0,8})"')
"""How a version is written in If-Match."""


@dataclass(frozen=True, slots=True)
class Running:
    """Runs use cases for one request, and sees to the records that it owes."""

    services: Services
    asking: Asking

    async def read(
        self, use_case: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case that changes nothing."""
        result = await self.services.runner.read(use_case, *args, **kwargs)
        await self.note(result, None)
        return result

    async def list(
        self,
        use_case: Callable[Concatenate[Reading, P], Page[Kind]],
        asked: Asked[Kind],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Page[Kind]:
        """Run a use case that lists; its filters go into the record of the read."""
        page = await self.services.runner.read(use_case, *args, **kwargs)
        await self.note(page, asked.told())
        return page

    async def write(
        self, use_case: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case and commit what it changes with its record."""
        done = await self.services.runner.write(self.asking.errand(), use_case, *args, **kwargs)
        if done.replayed:
            self.asking.headers.append((b"idempotency-replayed", b"true"))
        return done.value

    async def question(self, asked: Asked[AuditRecord]) -> Page[AuditRecord]:
        """Put a question to the audit trail; that is recorded too."""
        page = await asyncio.to_thread(self.services.trail.find, asked.query)
        await self.note(page, asked.told())
        return page

    async def account(self, record_id: UUID) -> AuditRecord:
        """Get one audit record; raises NotFound where there is none."""
        record = await asyncio.to_thread(self.services.trail.get, record_id)
        if record is None:
            raise NotFound("audit record", "record_id")
        await self.note(record, None)
        return record

    async def note(self, result: Any, filters: dict[str, Any] | None) -> None:
        """Record a read where the route asks for it."""
        needs = self.asking.needs
        if needs is None or needs.recorded is not Recorded.READS:
            return
        seen: tuple[Record, ...] = result.items if isinstance(result, Page) else (result,)
        await self.services.notes.read(self.asking.origin, seen, filters)


def caller_of(request: Request) -> Caller:
    """Give the caller that the gate has proven."""
    asking: Asking = request.scope["loapi"]
    return asking.caller


def running_of(request: Request) -> Running:
    """Give the way to run use cases for this request."""
    return Running(request.app.state.services, request.scope["loapi"])


def version_of(request: Request) -> int:
    """Give the version that If-Match names; raises Problem where it names none."""
    asking: Asking = request.scope["loapi"]
    given = asking.header(b"if-match")
    if given is None:
        detail = "If-Match: send the ETag of the version that you have seen"
        raise Problem("version-required", detail, (Fault("If-Match", "send an ETag"),))
    match = ETAG.fullmatch(given)
    if match is None:
        fault = Fault("If-Match", 'give one strong ETag as we sent it, as "3"')
        raise Problem("malformed-request", f"{fault.field}: {fault.detail}", (fault,))
    return int(match[1])


class MergePatch(Generic[Kind]):
    """Reads a JSON merge patch (RFC 7396) and gives what it makes of a record."""

    def __init__(self, kind: type[Kind], example: Mapping[str, Any]) -> None:
        self.kind = kind
        self.example = example
        self._adapter: TypeAdapter[Kind] = TypeAdapter(kind)
        self._kept = marked(kind, "assigned")

    def __call__(self, request: Request) -> Callable[[Kind], Kind]:
        """Give a function from the present record to the patched one.

        The function raises Problem where the patched record breaks a rule.
        """
        patch = parse(strict_body(request))
        if not isinstance(patch, dict):
            fault = Fault("body", "give a JSON object, a merge patch by RFC 7396")
            raise Problem("invalid", f"{fault.field}: {fault.detail}", (fault,))

        def patched(record: Kind) -> Kind:
            present = self._adapter.dump_python(record, mode="json")
            changes = {k: v for k, v in patch.items() if k not in self._kept}
            try:
                return self._adapter.validate_json(to_json(merged(present, changes)))
            except ValidationError as error:
                raise invalid(error) from None

        return patched


def merged(target: Any, patch: Any) -> Any:
    """Give the target with a merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


CallerIn = Annotated[Caller, Depends(caller_of)]
Run = Annotated[Running, Depends(running_of)]
IfMatch = Annotated[int, Depends(version_of)]
