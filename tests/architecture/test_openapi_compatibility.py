"""docs/openapi.json is the API as clients know it, and no change breaks them undeclared."""

import asyncio
import copy
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.container import wiring
from entrypoints.http.app import create_app
from tests.http.serving import TODAY, settings_for
from tests.support.openapi_changes import breaking, changed

Document = dict[str, Any]

DOCS = Path(__file__).parents[2] / "docs"
SNAPSHOT = DOCS / "openapi.json"
DECLARED = DOCS / "openapi-changes.md"
REFRESH = "LOAPI_TEST_REFRESH_SNAPSHOTS"
COMMAND = f"{REFRESH}=1 uv run pytest tests/architecture/test_openapi_compatibility.py"

CHANGE = re.compile(
    r"^- `(?P<change>.+)`\n  Why: \S.*(?:\n  \S.*)*?\n  Clients: \S.*(?:\n  \S.*)*$", re.MULTILINE
)


@pytest.fixture(name="served", scope="module")
def served_document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Give the document as it is served, as of a day that does not change."""
    services = wiring.services_of(wiring.build(settings_for(tmp_path_factory.mktemp("home"))))
    app = create_app(services, today=lambda: TODAY)

    async def ask() -> Document:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://loapi.test") as client:
            found: Document = (await client.get("/openapi.json")).json()
        await services.identities.close()
        await services.quoting.close()
        return found

    try:
        return asyncio.run(ask())
    finally:
        services.close()


def test_no_change_breaks_clients_unless_it_is_declared(served: Document) -> None:
    known = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.exists() else {"paths": {}}
    unsaid = [line for line in breaking(known, served) if line not in declared()]
    assert not unsaid, (
        "these changes break clients; undo them, or declare each in docs/openapi-changes.md:\n"
        + "\n".join(f"- `{line}`" for line in unsaid)
    )
    if os.environ.get(REFRESH):
        SNAPSHOT.write_text(written(served))
        known = served
    found = list(changed(known, served))
    assert not found, f"docs/openapi.json is not up to date; run\n    {COMMAND}\n" + "\n".join(
        found[:40]
    )


def test_the_snapshot_is_written_as_the_test_writes_it() -> None:
    assert SNAPSHOT.read_text() == written(json.loads(SNAPSHOT.read_text()))


def test_every_declared_change_says_when_why_and_what_clients_do() -> None:
    text = DECLARED.read_text()
    assert len(declared()) == len(re.findall(r"^- `", text, re.MULTILINE))
    days = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert days == sorted(days, reverse=True)
    assert all(re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day) for day in days)


def declared(text: str | None = None) -> set[str]:
    """Give the breaking changes that are declared in full."""
    return set(CHANGE.findall(DECLARED.read_text() if text is None else text))


def written(document: Document) -> str:
    """Write a document so that git shows what changes, and nothing else."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


# The rules, each on a small document


def a_document() -> Document:
    """Give a document with one of everything that the rules know."""
    thing = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "state": {"$ref": "#/components/schemas/State"},
            "note": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    new = copy.deepcopy(thing)
    new["required"] = ["note"]
    refusal = {
        "type": "object", "required": ["type"],
        "properties": {"type": {"type": "string", "enum": ["urn:stale"]}},
    }
    body = {"schema": {"$ref": "#/components/schemas/NewThing"}}
    good = {"schema": {"$ref": "#/components/schemas/Thing"}}
    operation = {
        "operationId": "thing.make",
        "description": "Make a thing.\n\nScope: `thing:write`.",
        "security": [{"token": []}],
        "parameters": [
            {"in": "header", "name": "Prefer", "schema": {"type": "string"}},
            {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1}},
        ],
        "requestBody": {"required": False, "content": {"application/json": body}},
        "responses": {
            "201": {
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": good},
            },
            "412": {"$ref": "#/components/responses/Problem412"},
        },
    }
    return {
        "paths": {"/thing": {"post": operation, "get": {"responses": {}}}},
        "components": {
            "schemas": {
                "Thing": thing, "NewThing": new, "Problem": refusal,
                "State": {"type": "string", "enum": ["open", "shut"]},
            },
            "responses": {
                "Problem412": {"content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                }}},
            },
        },
    }


Edit = Callable[[Document], Any]


def post(document: Document) -> Document:
    """Give the operation that is not empty."""
    found: Document = document["paths"]["/thing"]["post"]
    return found


def model(document: Document, name: str) -> Document:
    """Give the members of a model."""
    found: Document = document["components"]["schemas"][name]["properties"]
    return found


def made(document: Document) -> Document:
    """Give the description of a success."""
    found: Document = post(document)["responses"]["201"]
    return found


BREAKING: dict[str, Edit] = {
    "post /thing: is gone": lambda d: d["paths"]["/thing"].pop("post"),
    "get /thing: is gone": lambda d: d["paths"]["/thing"].pop("get"),
    "post /thing: operationId was thing.make, is made":
        lambda d: post(d).update(operationId="made"),
    "post /thing: scope was thing:write, is thing:all":
        lambda d: post(d).update(description="Scope: `thing:all`."),
    "post /thing: security was [{'token': []}], is []": lambda d: post(d).update(security=[]),
    "get /thing: security was None, is [{'token': []}]":
        lambda d: d["paths"]["/thing"]["get"].update(security=[{"token": []}]),
    "post /thing: header Prefer is gone": lambda d: post(d)["parameters"].pop(0),
    "post /thing: header Prefer is required now":
        lambda d: post(d)["parameters"][0].update(required=True),
    "post /thing: query way is required now": lambda d: post(d)["parameters"].append(
        {"in": "query", "name": "way", "required": True, "schema": {}}
    ),
    "post /thing: query limit: integer is not taken any more, but string":
        lambda d: post(d)["parameters"][1]["schema"].update(type="string", minimum=None),
    "post /thing: query limit: minimum was 1, is 2":
        lambda d: post(d)["parameters"][1]["schema"].update(minimum=2),
    "post /thing: query limit: maximum was None, is 9":
        lambda d: post(d)["parameters"][1]["schema"].update(maximum=9),
    "post /thing: a body is required now":
        lambda d: post(d)["requestBody"].update(required=True),
    "post /thing: takes no application/json any more": lambda d: post(d).pop("requestBody"),
    "NewThing.tags: is gone": lambda d: model(d, "NewThing").pop("tags"),
    "NewThing.id: is required now":
        lambda d: d["components"]["schemas"]["NewThing"]["required"].append("id"),
    "NewThing.id: string is not taken any more, but integer":
        lambda d: model(d, "NewThing").update(id={"type": "integer"}),
    "NewThing.id: pattern was None, is ^0":
        lambda d: model(d, "NewThing")["id"].update(pattern="^0"),
    "NewThing.id: format was uuid, is date":
        lambda d: model(d, "NewThing")["id"].update(format="date"),
    "NewThing.id: takes only some values now":
        lambda d: model(d, "NewThing")["id"].update(enum=["0"]),
    "NewThing.note: null is not taken any more, but string":
        lambda d: model(d, "NewThing").update(note={"type": "string", "maxLength": 9}),
    "NewThing.note: maxLength was 9, is 8":
        lambda d: model(d, "NewThing")["note"]["anyOf"][0].update(maxLength=8),
    "NewThing.tags[]: string is not taken any more, but integer":
        lambda d: model(d, "NewThing")["tags"].update(items={"type": "integer"}),
    "State: 'shut' is not taken any more":
        lambda d: d["components"]["schemas"]["State"].update(enum=["open"]),
    "State: 'ajar' may come now":
        lambda d: d["components"]["schemas"]["State"]["enum"].append("ajar"),
    "State: any value may come now":
        lambda d: d["components"]["schemas"]["State"].pop("enum"),
    "post /thing: success was 201, is 200":
        lambda d: post(d)["responses"].update({"200": post(d)["responses"].pop("201")}),
    "post /thing: success was 201, is 201 202":
        lambda d: post(d)["responses"].update({"202": {}}),
    "post /thing: 201: header ETag is gone": lambda d: made(d)["headers"].pop("ETag"),
    "post /thing: 201: gives no application/json any more": lambda d: made(d).pop("content"),
    "Thing.tags: is gone": lambda d: model(d, "Thing").pop("tags"),
    "Thing.id: may be left out now":
        lambda d: d["components"]["schemas"]["Thing"]["required"].remove("id"),
    "Thing.id: may be null now, was string":
        lambda d: model(d, "Thing")["id"].update(type=["string", "null"]),
    "Thing.id: may be integer now, was string":
        lambda d: model(d, "Thing")["id"].update(type="integer"),
    "Thing.id: format was uuid, is None": lambda d: model(d, "Thing")["id"].pop("format"),
    "Thing.tags[]: may be null now, was string":
        lambda d: model(d, "Thing")["tags"].update(items={"type": "null"}),
    "Problem.type: may be integer now, was string":
        lambda d: model(d, "Problem")["type"].update(type="integer"),
}

COMPATIBLE: dict[str, Edit] = {
    "a new path": lambda d: d["paths"].update({"/other": {"get": {"responses": {}}}}),
    "a new method": lambda d: d["paths"]["/thing"].update(put={"responses": {}}),
    "another text": lambda d: post(d).update(description="Do. Scope: `thing:write`."),
    "a new parameter that may be left out": lambda d: post(d)["parameters"].append(
        {"in": "query", "name": "way", "schema": {"type": "string"}}
    ),
    "a looser bound": lambda d: post(d)["parameters"][1]["schema"].update(minimum=0),
    "a new member to send": lambda d: model(d, "NewThing").update(way={"type": "string"}),
    "a member that need not be sent":
        lambda d: d["components"]["schemas"]["NewThing"]["required"].clear(),
    "null may be sent": lambda d: model(d, "NewThing")["id"].update(type=["string", "null"]),
    "a new member in an answer": lambda d: model(d, "Thing").update(way={"type": "string"}),
    "a member that always comes":
        lambda d: d["components"]["schemas"]["Thing"]["required"].append("note"),
    "a member that is never null": lambda d: model(d, "Thing").update(note={"type": "string"}),
    "a new kind of problem": lambda d: model(d, "Problem")["type"]["enum"].append("urn:odd"),
    "another way to refuse": lambda d: post(d)["responses"].update({"409": {}}),
    "a new header": lambda d: made(d)["headers"].update(Location={}),
    "a new format of the answer":
        lambda d: made(d)["content"].update({"text/csv": {"schema": {}}}),
    "deprecation": lambda d: post(d).update(deprecated=True),
}


@pytest.mark.parametrize("line", BREAKING)
def test_a_change_that_breaks_clients_is_named(line: str) -> None:
    before, after = a_document(), a_document()
    BREAKING[line](after)
    assert line in breaking(before, after)


@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_change_that_breaks_nobody_is_let_be_but_seen(change: str) -> None:
    before, after = a_document(), a_document()
    COMPATIBLE[change](after)
    assert not breaking(before, after)
    assert list(changed(before, after))


def test_a_document_does_not_differ_from_itself() -> None:
    assert not breaking(a_document(), a_document())
    assert not list(changed(a_document(), a_document()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- `Thing.tags: is gone`\n  Why: nobody asked.\n  Clients: do not ask.", 1),
        ("- `a: b`\n  Why: a long\n  story.\n  Clients: wait,\n  and see.", 1),
        ("- `Thing.tags: is gone`\n  Why: nobody asked.", 0),
        ("- `Thing.tags: is gone`", 0),
        ("Thing.tags: is gone", 0),
    ],
)
def test_a_change_is_declared_with_its_reason_and_its_remedy(text: str, expected: int) -> None:
    assert len(declared(text)) == expected
