"""Completes the OpenAPI document with what FastAPI cannot see: the gate, lists, versions."""

from collections.abc import Callable
from datetime import date
from typing import Any, get_args, get_origin, get_type_hints

from fastapi import FastAPI

from entrypoints.http.answers import CHANGING
from entrypoints.http.dependencies import ETAG, MergePatch, version_of
from entrypoints.http.errors import TYPES
from entrypoints.http.illustration import illustrate
from entrypoints.http.lists import Answered, ListQuery
from entrypoints.http.needs import Needs
from entrypoints.http.open_paths import describe_open_paths
from entrypoints.http.openapi_lists import add_pages, list_parameters, list_response, or_groups
from entrypoints.http.openapi_problems import PROBLEM, problem_responses
from entrypoints.http.response_headers import add_headers, describe_headers
from entrypoints.http.route import dependencies_of
from entrypoints.http.shapes import PATCH, REFERENCE, Document, shape
from entrypoints.http.table import Entry, RouteTable

_COMMON = ("malformed-request", "unauthenticated", "forbidden", "rate-limited", "internal",
           "busy", "unavailable", "timed-out")
_OF_ITEMS = ("not-found", "invalid")
_OF_CHANGES = ("token-replayed", "conflict", "timeout", "too-large", "unsupported-media-type",
               "invalid", "outcome-unknown", "audit-backlog", "missing-context", "not-found")
_OF_KEYS = ("key-in-flight", "key-reused")
_OF_VERSIONS = ("stale", "version-required")
_OF_LISTS = ("invalid-parameter",)


def describe(app: FastAPI, table: RouteTable, today: Callable[[], date]) -> None:
    """Make the application describe itself completely; examples are as of today."""
    plain = app.openapi

    def complete() -> Document:
        if app.openapi_schema is None:
            document = _completed(plain(), table)
            illustrate(document, today())
            describe_open_paths(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _completed(document: Document, table: RouteTable) -> Document:
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    for place in table.places():
        for method, entry in place.entries.items():
            _complete_operation(document["paths"][place.template][method.lower()], method, entry)
    components["responses"] = problem_responses()
    describe_headers(components)
    schemas = components["schemas"]
    for name in [n for n in schemas if n.startswith("Answered") or "ValidationError" in n]:
        del schemas[name]
    for schema in schemas.values():
        _complete_schema(schema)
    shape(document)
    schemas["Problem"] = PROBLEM
    add_pages(schemas, sorted(_listed(table)))
    return document


def _listed(table: RouteTable) -> set[str]:
    """Name the kinds that there are lists of."""
    endpoints = [entry.endpoint for place in table.places() for entry in place.entries.values()]
    returned = [get_type_hints(endpoint)["return"] for endpoint in endpoints]
    return {get_args(one)[0].__name__ for one in returned if get_origin(one) is Answered}


def _complete_operation(operation: Document, method: str, entry: Entry) -> None:
    operation["operationId"] = entry.needs.action
    operation["security"] = [{"token": []}]
    operation["description"] += f"\n\nScope: `{entry.needs.scope}`.{_context(entry.needs)}"
    parameters: list[Document] = operation.setdefault("parameters", [])
    for dependency in dependencies_of(entry.endpoint):
        if isinstance(dependency, ListQuery):
            parameters += list_parameters(dependency)
            operation["description"] += f"\n\n{or_groups(dependency)}"
        elif isinstance(dependency, MergePatch):
            operation["requestBody"] = _patch_body(dependency)
        elif dependency is version_of:
            header = _header("If-Match", "The ETag of the version to change.", True)
            header["schema"] = {"type": "string", "pattern": f"^{ETAG.pattern.decode()}$"}
            header["example"] = '"1"'
            parameters.append(header)
    if method != "GET":
        header = _header("Idempotency-Key", "A name for this write, to retry safely.")
        parameters.append({**header, "schema": {**header["schema"], "pattern": "^[!-~]+$"}})
    if method in CHANGING:
        header = _header("Prefer", "`return=minimal`: answer without a body.")
        parameters.append({**header, "schema": {"type": "string"}})
    if entry.needs.retirement is not None:
        operation["deprecated"] = True
    _complete_responses(operation, method, entry)


def _context(needs: Needs) -> str:
    """Say what the token has to name, if anything."""
    named = ("`user_id`" * needs.user, "`location_id`" * needs.location)
    told = " and ".join(one for one in named if one)
    return f" Needs {told} in the token's `request_context`." if told else ""


def _complete_responses(operation: Document, method: str, entry: Entry) -> None:
    responses = operation["responses"]
    responses.pop(str(TYPES["invalid"].status), None)
    returned = get_type_hints(entry.endpoint)["return"]
    if get_origin(returned) is Answered:
        kind = get_args(returned)[0].__name__
        responses["200"] = list_response(kind)
    if method in CHANGING and "200" in responses:
        responses["204"] = {"description": "Done, as `Prefer: return=minimal` asks."}
    add_headers(operation, method, entry)
    for status in _statuses(method, entry):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _statuses(method: str, entry: Entry) -> list[int]:
    dependencies = dependencies_of(entry.endpoint)
    words = [*_COMMON]
    if any(isinstance(one, ListQuery) for one in dependencies):
        words += _OF_LISTS
    elif method == "GET":
        words += _OF_ITEMS
    else:
        words += _OF_CHANGES
    words += _OF_KEYS if method != "GET" else ()
    words += _OF_VERSIONS if version_of in dependencies else ()
    return sorted({TYPES[word].status for word in words})


def _header(name: str, text: str, required: bool = False) -> Document:
    schema: Document = {"type": "string", "minLength": 1, "maxLength": 255}
    return {
        "name": name, "in": "header", "required": required, "description": text, "schema": schema
    }


def _patch_body(patch: MergePatch[Any]) -> Document:
    schema = {"$ref": f"{REFERENCE}{patch.kind.__name__}{PATCH}"}
    content = {"schema": schema, "example": dict(patch.example)}
    return {"required": True, "content": {"application/merge-patch+json": content}}


def _complete_schema(schema: Document) -> None:
    """Tell that assigned fields always come back, and that money is text."""
    for name, field in schema.get("properties", {}).items():
        if field.get("readOnly"):
            field.pop("default", None)
            schema.setdefault("required", []).append(name)
        options = field.get("anyOf", [])
        if {"type": "number"} in options:
            field["anyOf"] = [one for one in options if one != {"type": "number"}]
        if len(field.get("anyOf", [])) == 1:
            field |= field.pop("anyOf")[0]
