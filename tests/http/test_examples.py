"""Every example of the OpenAPI document is what the service takes and what it answers."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from entrypoints.http.errors import TYPES
from tests.http.serving import API, Api, Session, a_payoff, a_resource, etag, made

Document = dict[str, Any]
Place = tuple[str, str]

UNTOLD = {"id", "created_at", "updated_at", "occurred_at"}
"""What differs from one run to the next."""


@pytest.fixture(name="document", scope="module")
def served_document(memory_reading_api: Api) -> Document:
    """Give the document as it is served."""
    found: Document = memory_reading_api.send("GET", "/openapi.json").json()
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Give path, method and description of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def answers(document: Document) -> Iterator[tuple[str, Document]]:
    """Give every answer with a body, and where it stands."""
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                yield f"{method} {path} {status}", media
    for name, response in document["components"]["responses"].items():
        for media in response["content"].values():
            yield name, media


def bodies(document: Document) -> Iterator[tuple[str, Document]]:
    """Give every body that is sent, and where it stands."""
    for path, method, operation in operations(document):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{method} {path}", media


def validator(document: Document, schema: Document) -> jsonschema_rs.Draft202012Validator:
    """Give what judges values by a schema of the document, formats too."""
    whole = {"components": document["components"], **schema}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def shown(media: Document) -> list[Any]:
    """Give the examples of a body or an answer."""
    several = media.get("examples", {}).values()
    return [one["value"] for one in several] or [media["example"]]


def test_every_body_and_every_answer_has_an_example_that_its_schema_allows(
    document: Document,
) -> None:
    places = [*bodies(document), *answers(document)]
    assert len(places) > 40
    for place, media in places:
        judge = validator(document, media["schema"])
        for example in shown(media):
            assert not [error.message for error in judge.iter_errors(example)], place


def test_every_parameter_of_a_path_has_an_example(document: Document) -> None:
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                judge = validator(document, parameter["schema"])
                value = parameter["example"]
                judge.validate(int(value) if parameter["schema"]["type"] == "integer" else value)
                assert "{" not in path.format(**{parameter["name"]: value}), method


def test_every_kind_of_problem_has_its_example(document: Document) -> None:
    found = {
        word: (name, example["value"])
        for name, response in document["components"]["responses"].items()
        for word, example in response["content"]["application/problem+json"]["examples"].items()
    }
    assert set(found) == set(TYPES)
    for word, (name, example) in found.items():
        kind = TYPES[word]
        assert name == f"Problem{kind.status}"
        assert (example["type"], example["status"], example["title"]) == (
            f"urn:loapi:problem:{word}", kind.status, kind.title,
        )


def test_every_operation_does_with_its_example_what_it_promises(
    memory_api: Api, document: Document
) -> None:
    session, tried = memory_api.as_(), 0
    for path, method, operation in operations(document):
        if path.startswith(API):
            tried += 1
            judge_operation(session, document, path, method, operation)
            forget_payoffs(session)
    assert tried == sum(path.startswith(API) for path, _, _ in operations(document)) > 20


def judge_operation(
    session: Session, document: Document, path: str, method: str, operation: Document
) -> None:
    """Send an operation's example, and hold the answer against schema and example."""
    status, promised = next(
        (int(status), one) for status, one in operation["responses"].items() if status < "300"
    )
    address = path.removeprefix(API).format(**in_the_store(session, operation, path, method))
    answer = session.send(
        method.upper(), address, *sent(operation), headers=headers_of(operation)
    )
    assert answer.status_code == status, (method, path, answer.text)
    assert {name.lower() for name in promised["headers"]} >= {
        name for name in answer.headers if name in ("etag", "location", "link", "retry-after")
    }
    for media in promised.get("content", {}).values():
        validator(document, media["schema"]).validate(answer.json())
        if "items" not in media["example"] and "audit" not in path:
            assert told(answer.json()) == told(media["example"]), (method, path)


def in_the_store(session: Session, operation: Document, path: str, method: str) -> dict[str, str]:
    """Give the parameters of a path: as in the example, unless the service makes up the id."""
    found = {
        one["name"]: one["example"] for one in operation.get("parameters", ())
        if one["in"] == "path"
    }
    if "record_id" in found:
        return {"record_id": session.get("/audit").json()["items"][0]["id"]}
    for name, body in MADE_FIRST.items():
        if name in found:
            first = {**body, "description": "Another."} if method == "put" else body
            return {name: made(session, path.removeprefix(API).partition("/{")[0], first)["id"]}
    return found


def sent(operation: Document) -> list[Any]:
    """Give the body that an operation is sent, if it takes one."""
    content = operation.get("requestBody", {}).get("content", {})
    return [media["example"] for media in content.values()]


def headers_of(operation: Document) -> dict[str, str]:
    """Give the headers that an operation demands."""
    return {
        one["name"]: one["example"] for one in operation.get("parameters", ())
        if one["in"] == "header" and one["required"]
    }


def told(example: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is the same in every run."""
    return {name: value for name, value in example.items() if name not in UNTOLD}


def forget_payoffs(session: Session) -> None:
    """Cancel what is open: a loan has one open payoff at a time."""
    for one in session.all("/payoff"):
        if one["status"] in ("requested", "quoted"):
            session.patch(f"/payoff/{one['id']}", {"status": "cancelled"}, headers=etag(one))


A_PAYOFF_IN_TWO_WEEKS = a_payoff(payoff_date="2026-07-17")
A_SHELF = {
    "name": "first shelf", "description": "Where the signed notes are kept.",
    "attributes": {"room": "B-12", "boxes": 3},
}
MADE_FIRST = {"payoff_id": A_PAYOFF_IN_TWO_WEEKS, "resource_id": A_SHELF}


def test_common_refusals_are_answered_as_their_examples_say(
    memory_api: Api, document: Document
) -> None:
    examples = {
        word: example["value"]
        for response in document["components"]["responses"].values()
        for word, example in response["content"]["application/problem+json"]["examples"].items()
    }
    for word, answer in refused(memory_api).items():
        assert answer.status_code == TYPES[word].status, answer.text
        expected, found = examples[word], answer.json()
        if word == "conflict":  # names the payoff that is there
            expected["detail"] = expected["detail"].partition(":")[0]
            found["detail"] = found["detail"].partition(":")[0]
            expected["errors"], found["errors"] = ([{**one, "detail": ""} for one in faults]
                                                   for faults in (expected["errors"],
                                                                  found["errors"]))
        assert {**found, "instance": ""} == {**expected, "instance": ""}, word
        validator(document, {"$ref": "#/components/schemas/Problem"}).validate(answer.json())


def refused(api: Api) -> dict[str, Any]:
    """Provoke the refusals that a caller can provoke."""
    session, spent = api.as_(), api.as_().token()
    payoff = made(session, "/payoff", a_payoff())
    moved = session.patch(f"/payoff/{payoff['id']}", {"status": "quoted"}, headers=etag(payoff))
    assert moved.status_code == 200
    session.post("/resource", a_resource("first"), token=spent, headers={"idempotency-key": "k"})
    return {
        "malformed-request": session.post("/resource", content='{"name": "a", "name": "b"}'),
        "invalid-parameter": session.get("/holiday?year=2026"),
        "missing-context": api.as_(user=None).get("/payoff"),
        "unauthenticated": api.send("GET", f"{API}/payoff"),
        "token-replayed": session.post("/resource", a_resource("second"), token=spent),
        "forbidden": api.as_("lx").post("/payoff", a_payoff()),
        "not-found": session.get("/payoff/0199c1a2-7f3e-7b6a-8c5d-1e2f3a4b5c6d"),
        "method-not-allowed": session.delete("/country/US"),
        "conflict": session.post("/payoff", a_payoff()),
        "stale": session.patch(
            f"/payoff/{payoff['id']}", {"status": "cancelled"}, headers=etag(payoff)
        ),
        "too-large": session.post("/resource", content=b" " * 1_048_577),
        "unsupported-media-type": session.post(
            "/resource", content="name=first", headers={"content-type": "text/plain"}
        ),
        "invalid": session.post("/resource", {"nam": "first"}),
        "key-reused": session.post(
            "/resource", a_resource("third"), headers={"idempotency-key": "k"}
        ),
        "version-required": session.patch(f"/payoff/{payoff['id']}", {"status": "cancelled"}),
    }


def test_what_is_known_already_is_not_sent_again(memory_api: Api, document: Document) -> None:
    session = memory_api.as_()
    payoff = made(session, "/payoff", a_payoff())
    resource = made(session, "/resource", a_resource())
    described = [
        path for path, method, operation in operations(document)
        if method == "get" and "304" in operation["responses"]
    ]
    assert f"{API}/payoff/{{payoff_id}}" in described and f"{API}/payoff" not in described
    ids = {"payoff_id": payoff["id"], "resource_id": resource["id"], "code": "US",
           "user_id": "U1001", "location_id": "900101"}
    for path in (f"{API}/payoff/{{payoff_id}}", f"{API}/resource/{{resource_id}}",
                 f"{API}/country", f"{API}/country/{{code}}", f"{API}/user/{{user_id}}",
                 f"{API}/location/{{location_id}}"):
        assert path in described
        address = path.removeprefix(API).format(**ids)
        seen = session.get(address).headers["etag"]
        again = session.get(address, headers={"if-none-match": seen})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == seen
