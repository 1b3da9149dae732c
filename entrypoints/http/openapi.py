"""Completes the OpenAPI document with what FastAPI cannot see: the gate, lists, versions."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from itertools import permutations
from typing import Any, get_args, get_origin, get_type_hints

from fastapi import FastAPI

from application.query import Operator
from entrypoints.http.answers import CHANGING
from entrypoints.http.dependencies import ETAG, MergePatch, version_of
from entrypoints.http.errors import TYPES
from entrypoints.http.illustration import illustrate
from entrypoints.http.lists import (
    LONGEST_GROUP,
    MOST_GROUPS,
    MOST_LIMIT,
    MOST_TERMS,
    Answered,
    ListQuery,
    kebab,
)
from entrypoints.http.needs import Needs
from entrypoints.http.open_paths import describe_open_paths
from entrypoints.http.response_headers import add_headers, describe_headers
from entrypoints.http.route import dependencies_of
from entrypoints.http.shapes import PAGE, PATCH, REFERENCE, shape
from entrypoints.http.table import Entry, RouteTable

Document = dict[str, Any]

_COMMON = ("malformed-request", "unauthenticated", "forbidden", "rate-limited", "internal",
           "busy", "unavailable", "timed-out")
_OF_ITEMS = ("not-found", "invalid")
_OF_CHANGES = ("token-replayed", "conflict", "timeout", "too-large", "unsupported-media-type",
               "invalid", "outcome-unknown", "audit-backlog", "missing-context", "not-found")
_OF_KEYS = ("key-in-flight", "key-reused")
_OF_VERSIONS = ("stale", "version-required")
_OF_LISTS = ("invalid-parameter",)

_SOME = "Some"

_MEANING = {
    Operator.EQ: "Equals; repeat it for one of several values.",
    Operator.NE: "Differs; repeat it for none of several values.",
    Operator.GT: "After or above.",
    Operator.GTE: "At, after or above.",
    Operator.LT: "Before or below.",
    Operator.LTE: "At, before or below.",
    Operator.PREFIX: "Starts with.",
    Operator.NULL: "true: has no value; false: has one.",
}

_PAGING: Document = {
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": 50},
        "How many items; of more than {most} the first {most} are given.",
    ),
    "sort": ({"type": "string"}, "Fields in order, `-` before descending ones: {sorts}."),
    "cursor": ({"type": "string"}, "The `next` of the page before."),
    "fields": ({"type": "string"}, "The only fields to give, separated by commas."),
}


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
    components["responses"] = _problem_responses()
    describe_headers(components)
    schemas = components["schemas"]
    for name in [n for n in schemas if n.startswith("Answered") or "ValidationError" in n]:
        del schemas[name]
    for schema in schemas.values():
        _complete_schema(schema)
    shape(document)
    schemas["Problem"] = _PROBLEM
    for name in sorted(_listed(table)):
        schemas[f"{_SOME}{name}"] = _sparse(f"{_SOME}{name}", schemas[name])
        schemas[f"{name}{PAGE}"] = _page(name)
    return document


def _listed(table: RouteTable) -> set[str]:
    """Name the kinds that there are lists of."""
    endpoints = [entry.endpoint for place in table.places() for entry in place.entries.values()]
    returned = [get_type_hints(endpoint)["return"] for endpoint in endpoints]
    return {get_args(one)[0].__name__ for one in returned if get_origin(one) is Answered}


def _sparse(title: str, schema: Document) -> Document:
    """Give the schema of those fields that `fields` asks for."""
    whole = {name: value for name, value in schema.items() if name != "required"}
    told = {"title": title, "description": "Only the fields that `fields` names."}
    return {**whole, **told, "minProperties": 1}


def _complete_operation(operation: Document, method: str, entry: Entry) -> None:
    operation["operationId"] = entry.needs.action
    operation["security"] = [{"token": []}]
    operation["description"] += f"\n\nScope: `{entry.needs.scope}`.{_context(entry.needs)}"
    parameters: list[Document] = operation.setdefault("parameters", [])
    for dependency in dependencies_of(entry.endpoint):
        if isinstance(dependency, ListQuery):
            parameters += _list_parameters(dependency)
            operation["description"] += f"\n\n{_or_groups(dependency)}"
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
        responses["200"] = _list_response(kind)
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


def _list_parameters(query: ListQuery[Any]) -> list[Document]:
    found: list[Document] = []
    for name, one in query.filterable.items():
        schema = one.adapter.json_schema()
        for operator in one.operators:
            found.append(_filter_parameter(name, operator, schema))
    texts = {
        "most": query.listing.largest,
        "sorts": ", ".join(f"`{one.replace('_', '-')}`" for one in query.listing.sorts),
    }
    patterns = {
        "sort": _sort_pattern([kebab(one) for one in query.listing.sorts]),
        "fields": _fields_pattern([kebab(one) for one in query.listing.kind.__dataclass_fields__]),
    }
    for name, (schema, text) in _PAGING.items():
        exact = {"pattern": patterns[name]} if name in patterns else {}
        found.append(_query_parameter(name, {**schema, **exact}, text.format(**texts)))
    return found


def _or_groups(query: ListQuery[Any]) -> str:
    """Say which filters can be joined by OR, which no parameter of the document can."""
    if not query.listing.or_groups:
        return "Filters are joined by AND; there are no or-groups."
    names = ", ".join(f"`{name}`" for name in query.filterable)
    return (
        "`or.<group>.<filter>=value` joins the filters of a group by OR, at most "
        f"{MOST_TERMS} of them in each of {MOST_GROUPS} groups; a group has 1 to "
        f"{LONGEST_GROUP} letters or digits. Filters, each with its comparisons: {names}."
    )


def _sort_pattern(names: Sequence[str]) -> str:
    """Give the pattern of some of the names, each once, in any order and direction."""
    orders = (
        order for size in range(1, len(names) + 1) for order in permutations(names, size)
    )
    return f"^({'|'.join(','.join(f'-?{name}' for name in order) for order in orders)})$"


def _fields_pattern(names: Sequence[str]) -> str:
    """Give the pattern of some of the names, in any order."""
    one = f"({'|'.join(names)})"
    return f"^{one}(,{one})*$"


def _filter_parameter(name: str, operator: Operator, schema: Document) -> Document:
    if operator is Operator.NULL:
        schema = {"type": "boolean"}
    if operator is Operator.PREFIX:
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
    if operator in (Operator.EQ, Operator.NE):
        schema = {"type": "array", "items": schema, "maxItems": 50}
    full = name if operator is Operator.EQ else f"{name}.{operator.value}"
    return _query_parameter(full, schema, _MEANING[operator])


def _query_parameter(name: str, schema: Document, text: str) -> Document:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


def _header(name: str, text: str, required: bool = False) -> Document:
    schema: Document = {"type": "string", "minLength": 1, "maxLength": 255}
    return {
        "name": name, "in": "header", "required": required, "description": text, "schema": schema
    }


def _patch_body(patch: MergePatch[Any]) -> Document:
    schema = {"$ref": f"{REFERENCE}{patch.kind.__name__}{PATCH}"}
    content = {"schema": schema, "example": dict(patch.example)}
    return {"required": True, "content": {"application/merge-patch+json": content}}


def _list_response(kind: str) -> Document:
    schema = {"$ref": f"{REFERENCE}{kind}{PAGE}"}
    return {"description": "A page.", "content": {"application/json": {"schema": schema}}}


def _page(kind: str) -> Document:
    return {
        "type": "object",
        "title": f"{kind}{PAGE}",
        "description": "Some of the records that were asked for.",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "items": {"anyOf": [
                    {"$ref": f"#/components/schemas/{kind}"},
                    {"$ref": f"#/components/schemas/{_SOME}{kind}"},
                ]},
            },
            "next": {"type": "string", "description": "The cursor of the next page, if any."},
        },
    }


_PROBLEM: Document = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:loapi:problem:{word}" for word in TYPES]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The request's id, for our support."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                    "allowed": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "field": {"type": "string", "description": "That of the first of `errors`."},
        "parameter": {"type": "string", "description": "That of the first of `errors`."},
        "allowed": {"type": "array", "items": {"type": "string"}},
    },
}


def _problem_responses() -> Document:
    by_status: dict[int, list[str]] = defaultdict(list)
    for one in TYPES.values():
        by_status[one.status].append(f"`{one.word}`: {one.title}.")
    schema = {"$ref": f"{REFERENCE}Problem"}
    return {
        f"Problem{status}": {
            "description": "\n\n".join(lines),
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, lines in by_status.items()
    }


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
