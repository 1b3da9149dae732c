"""The OpenAPI document is complete, and true of what the service does."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from entrypoints.http.errors import TYPES
from tests.http.serving import Api, a_payoff, a_resource, etag, made

Document = dict[str, Any]

OPERATIONS = {
    f"{resource}.{action}"
    for resource in (
        "audit", "country", "franchise", "holiday", "location", "naics-code", "payoff", "resource",
        "user",
    )
    for action in ("list", "show")
} | {
    "payoff.request", "payoff.move", "resource.create", "resource.replace", "resource.amend",
    "resource.remove", "business-day.show",
}


@pytest.fixture(name="document", scope="module")
def served_document(memory_reading_api: Api) -> Document:
    """Give the document as it is served, without a token."""
    answer = memory_reading_api.send("GET", "/openapi.json")
    assert answer.status_code == 200
    found: Document = answer.json()
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Give path, method and description of every operation of the API."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/"):
                yield path, method, operation


def references(part: Any) -> Iterator[str]:
    """Give every reference of a part of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for member in part.values():
            yield from references(member)
    elif isinstance(part, list):
        for member in part:
            yield from references(member)


def resolved(document: Document, part: Document) -> Document:
    """Give what a part refers to, or the part."""
    found: Any = document
    if "$ref" not in part:
        return part
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    target: Document = found
    return target


def test_the_document_is_openapi_3_1(document: Document) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] and document["info"]["version"]


def test_every_reference_leads_somewhere(document: Document) -> None:
    found = set(references(document))
    assert len(found) > 10
    for reference in found:
        assert reference.startswith("#/components/")
        assert resolved(document, {"$ref": reference})


def test_every_operation_has_its_name_and_its_security(document: Document) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) and set(names) == OPERATIONS
    assert document["components"]["securitySchemes"]["token"] == {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
    }
    for _, _, operation in operations(document):
        assert operation["security"] == [{"token": []}]
        assert operation["summary"] and "Scope: `" in operation["description"]


def test_names_of_operations_stay_apart_in_code(document: Document) -> None:
    names = [
        operation["operationId"] for path in document["paths"].values()
        for operation in path.values()
    ]
    spelt = {re.sub(r"[^a-z]+", "_", name) for name in names}
    assert len(spelt) == len(names) > 25
    assert all(spelling.isidentifier() for spelling in spelt)


def test_every_tag_is_described_and_in_use(document: Document) -> None:
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    used = {
        tag for path in document["paths"].values() for operation in path.values()
        for tag in operation["tags"]
    }
    assert set(described) == used and all(described.values())
    assert document["servers"] == [
        {"url": "/", "description": "The deployment that gives this document."}
    ]


def test_what_needs_no_token_says_so(document: Document) -> None:
    open_paths = {path for path in document["paths"] if not path.startswith("/api/")}
    assert open_paths == {"/health", "/health/live", "/health/ready", "/health/startup"}
    for path in open_paths:
        assert document["paths"][path]["get"]["security"] == []


def test_every_path_has_exactly_the_parameters_that_its_template_names(
    document: Document,
) -> None:
    for path, _, operation in operations(document):
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        given = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert given == named
        assert all(p["required"] for p in operation.get("parameters", ()) if p["in"] == "path")
        pairs = [(p["name"], p["in"]) for p in operation.get("parameters", ())]
        assert len(pairs) == len(set(pairs))


def test_every_refusal_that_an_operation_can_give_is_described(document: Document) -> None:
    everywhere = {400, 401, 403, 429, 500, 503, 504}
    for path, method, operation in operations(document):
        statuses = {int(status) for status in operation["responses"]}
        expected = set(everywhere)
        if path.endswith("}"):
            expected |= {404, 422}
        if method in ("post", "put", "patch", "delete"):
            expected |= {404, 408, 409, 413, 415, 422}
        if method in ("put", "patch", "delete"):
            expected |= {412, 428}
        refused = {status for status in statuses if status >= 400}
        assert refused == expected, (path, method)
        for status in refused:
            response = resolved(document, operation["responses"][str(status)])
            (media_type,) = response["content"]
            assert media_type == "application/problem+json"
            schema = resolved(document, response["content"][media_type]["schema"])
            assert schema["required"] == ["type", "title", "status", "detail", "instance"]


def test_every_success_has_a_schema(document: Document) -> None:
    for _, method, operation in operations(document):
        success = {s: r for s, r in operation["responses"].items() if int(s) < 300}
        silent = success.pop("204", None)
        assert (silent is not None) is (method in ("put", "patch", "delete"))
        assert silent is None or "content" not in silent
        assert len(success) == (0 if method == "delete" else 1)
        for response in success.values():
            assert response["content"]["application/json"]["schema"]


def test_every_problem_type_is_named(document: Document) -> None:
    named = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert set(named) == {f"urn:loapi:problem:{word}" for word in TYPES}


def test_what_the_service_assigns_is_read_only_and_always_there(document: Document) -> None:
    payoff = document["components"]["schemas"]["Payoff"]
    for name in ("id", "status", "total", "created_at", "version"):
        assert payoff["properties"][name]["readOnly"] is True
        assert name in payoff["required"]
    assert "readOnly" not in payoff["properties"]["loan_number"]
    assert payoff["additionalProperties"] is False
    assert {part.get("type") for part in variants(payoff["properties"]["total"])} == {"string"}


def test_every_member_of_what_is_read_is_always_there(document: Document) -> None:
    schemas = document["components"]["schemas"]
    for name in ("Payoff", "Resource", "Location", "User", "Country", "Franchise", "AuditRecord",
                 "Address", "Fee", "Change"):
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name


def test_a_sent_model_asks_for_nothing_that_the_service_assigns(document: Document) -> None:
    for path, method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        for schema in (resolved(document, media["schema"]) for media in content.values()):
            fields = schema.get("properties", {})
            assert not [name for name in fields if fields[name].get("readOnly")], (path, method)
            assert set(schema.get("required", ())) <= set(fields)
    asked = document["components"]["schemas"]["NewPayoff"]
    assert set(asked["required"]) == {
        "loan_number", "payoff_date", "reason", "voluntary", "requester"
    }


def test_every_type_has_a_name_of_its_own_and_members_have_none(document: Document) -> None:
    schemas = document["components"]["schemas"]
    titles = [schema["title"] for schema in schemas.values() if "title" in schema]
    assert len(titles) == len(set(titles))
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            assert "title" not in field and len(field.get("anyOf", [0, 0])) > 1


def test_choices_are_told_once(document: Document) -> None:
    told = [tuple(part["enum"]) for part in parts(document) if "enum" in part]
    assert len(told) == len(set(told)) > 10


def parts(of: Any) -> Iterator[Document]:
    """Give every object of the document but examples."""
    members = of.items() if isinstance(of, dict) else enumerate(of if isinstance(of, list) else ())
    if isinstance(of, dict):
        yield of
    for name, member in members:
        if name not in ("example", "examples"):
            yield from parts(member)


def variants(schema: Document) -> list[Document]:
    """Give the schemas of which one must hold."""
    found: list[Document] = schema.get("anyOf", [schema])
    return found


def test_answers_have_the_members_that_the_document_promises(
    memory_api: Api, document: Document
) -> None:
    session, schemas = memory_api.as_(), document["components"]["schemas"]
    payoff = made(session, "/payoff", a_payoff())
    made(session, "/resource", a_resource())
    for path, name in (
        ("/payoff", "Payoff"), ("/resource", "Resource"), ("/location", "Location"),
        ("/user", "User"), ("/country", "Country"), ("/holiday", "Holiday"),
        ("/franchise", "Franchise"), ("/naics-code", "NaicsCode"), ("/audit", "AuditRecord"),
    ):
        item = session.get(path).json()["items"][0]
        assert set(item) == set(schemas[name]["properties"]), name
        assert set(schemas[name]["required"]) <= set(item)
    answer = session.patch(f"/payoff/{payoff['id']}", {"status": "quoted"}, headers=etag(payoff))
    assert set(answer.json()) == set(schemas["Payoff"]["properties"])


def test_lists_describe_every_parameter_that_they_take(
    memory_reading_api: Api, document: Document
) -> None:
    for path, method, operation in operations(document):
        if method != "get" or path.endswith("}"):
            continue
        told = memory_reading_api.as_().get(f"{path.removeprefix('/api/v1')}?zzz=1").json()
        described = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
        assert {name.partition(".")[0] for name in described} == set(told["allowed"])
        assert all(p["schema"] and p["description"] for p in operation["parameters"])


def test_lists_describe_which_filters_an_or_group_may_have(
    document: Document, memory_reading_api: Api
) -> None:
    lists = {path: operation for path, method, operation in operations(document)
             if operation["operationId"].endswith(".list") and method == "get"}
    assert len(lists) == 9
    for path, operation in lists.items():
        user = memory_reading_api.as_("lx" if "audit" in path else "prepay")
        answer = user.get(path.removeprefix("/api/v1"), params={"or.a.nothing": "1"})
        allowed = {*answer.json()["allowed"]} - {"cursor", "fields", "limit", "sort"}
        told = operation["description"].rpartition("with its comparisons: ")[2]
        if path == "/api/v1/audit":
            assert "there are no or-groups" in told
            continue
        assert set(re.findall("`([a-z0-9-]+)`", told)) == allowed, path
        known = [
            user.get(path.removeprefix("/api/v1"), params={f"or.a.{name}": "x"}) for name in allowed
        ]
        assert all("no such parameter" not in one.text for one in known)


def test_changes_describe_their_version_and_their_idempotency_key(document: Document) -> None:
    for path, method, operation in operations(document):
        headers = {
            p["name"]: p["required"] for p in operation.get("parameters", ()) if p["in"] == "header"
        }
        expected = {"If-Match": True} if method in ("put", "patch", "delete") else {}
        expected |= {"Idempotency-Key": False} if method != "get" else {}
        expected |= {"Prefer": False} if method in ("post", "put", "patch") else {}
        expected |= {"If-None-Match": False} if "304" in operation["responses"] else {}
        assert headers == expected, (path, method)


def test_bodies_are_described_in_the_format_that_is_taken(document: Document) -> None:
    for path, method, operation in operations(document):
        if method in ("get", "delete"):
            assert "requestBody" not in operation
        else:
            assert operation["requestBody"]["required"] is True, (path, method)
            for media in operation["requestBody"]["content"].values():
                assert media["schema"]


def test_the_document_tells_no_default_of_the_service(document: Document) -> None:
    told = json.dumps(document)
    assert "1970-01-01" not in told
    assert "00000000-0000-0000-0000-000000000000" not in told
