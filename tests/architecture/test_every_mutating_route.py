"""Every operation that changes something leaves exactly one record of it, done or refused."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.http.serving import (
    MERGE_PATCH,
    STORES,
    Api,
    Session,
    Template,
    a_payoff,
    a_resource,
    etag,
    made,
    serving,
    template,
)

CHANGING = ("post", "put", "patch", "delete")
SENSITIVE = {"requester.email", "requester.phone"}
NESTED = {"requester"}
UNKNOWN_MEMBER = {"no_such_member": 1}


@dataclass(frozen=True)
class Example:
    """A request that succeeds."""

    path: str
    body: Any
    at: dict[str, Any] | None = None
    """The record that it changes; none where it makes one."""

    @property
    def headers(self) -> dict[str, str]:
        """The version that the request is for, where there is a record already."""
        return {} if self.at is None else etag(self.at)


def of_resource(body: Any) -> Callable[[Session], Example]:
    """Give what prepares an example that changes a resource."""

    def prepare(session: Session) -> Example:
        record = made(session, "/resource", a_resource())
        return Example(f"/resource/{record['id']}", body, record)

    return prepare


def of_payoff(body: Any) -> Callable[[Session], Example]:
    """Give what prepares an example that changes a payoff."""

    def prepare(session: Session) -> Example:
        record = made(session, "/payoff", a_payoff())
        return Example(f"/payoff/{record['id']}", body, record)

    return prepare


EXAMPLES: dict[str, Callable[[Session], Example]] = {
    "resource.create": lambda _: Example("/resource", a_resource(attributes={"a": {"b": [1]}})),
    "resource.replace": of_resource({"name": "second", "attributes": {"size": 2}}),
    "resource.amend": of_resource({"description": None, "attributes": {"size": 2}}),
    "resource.remove": of_resource(None),
    "payoff.request": lambda _: Example("/payoff", a_payoff(comments="Call before noon.")),
    "payoff.move": of_payoff({"status": "quoted"}),
}
"""One request that succeeds for each operation that changes something, by operationId."""


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """Give the stocked template of a store; each is made once."""
    return cache(lambda store: template(store, tmp_path_factory.mktemp(store)))


@pytest.fixture(scope="module", params=STORES)
def api(
    request: pytest.FixtureRequest,
    stocked: Callable[[str], Template],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """Serve each store."""
    folder: Path = tmp_path_factory.mktemp("served")
    with serving(request.param, stocked(request.param), folder) as served:
        yield served


@pytest.fixture(autouse=True)
def no_open_payoff(api: Api) -> Iterator[None]:
    """Close what an example has opened, so that the next one finds its loan free."""
    yield
    session = api.as_()
    for payoff in session.all("/payoff", **{"status": ["requested", "quoted"]}):
        path = f"/payoff/{payoff['id']}"
        assert session.patch(path, {"status": "cancelled"}, headers=etag(payoff)).status_code == 200


def operations(api: Api) -> dict[str, tuple[str, str]]:
    """Give method and path of every operation that changes something, by operationId."""
    document = api.send("GET", "/openapi.json").json()
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in CHANGING
    }


def test_every_operation_that_changes_something_has_an_example(api: Api) -> None:
    assert set(operations(api)) == set(EXAMPLES)


def ask(
    session: Session, method: str, example: Example, path: str | None = None, **details: Any
) -> Any:
    """Send an example's request, with what is to differ."""
    details.setdefault("headers", example.headers)
    body = details.pop("body", example.body)
    if body is None:
        return session.send(method, path or example.path, **details)
    if method == "PATCH":
        details["headers"] = {"content-type": MERGE_PATCH, **details["headers"]}
    return session.send(method, path or example.path, body, **details)


@pytest.mark.parametrize("operation", EXAMPLES)
def test_a_success_leaves_one_committed_record_that_tells_the_change(
    api: Api, operation: str
) -> None:
    session = api.as_(location=900101)
    method, template_path = operations(api)[operation]
    example = EXAMPLES[operation](session)
    answer = ask(session, method, example)
    assert answer.is_success, answer.text
    key = answer.json()["id"] if example.at is None else example.at["id"]
    collection = "/" + example.path.split("/")[1]
    shown = session.get(f"{collection}/{key}")
    after = shown.json() if shown.status_code == 200 else None
    (record,) = api.account_of(answer)
    assert (record["outcome"], record["reason"], record["action"]) == (
        "committed", None, operation,
    )
    assert (record["method"], record["route"]) == (method, template_path)
    assert (record["client_id"], record["user_id"], record["location_id"]) == (
        "prepay", "U1001", 900101,
    )
    (change,) = record["changes"]
    assert (change["kind"], change["key"]) == (collection[1:], key)
    assert record["entities"] == [f"{collection[1:]}/{key}"]
    assert change["operation"] == operation_of(example.at, after)
    assert change["version"] == (after or example.at or {})["version"]
    assert spelled(change["fields"]) == spelled(differences(example.at, after))


def operation_of(before: Any, after: Any) -> str:
    """Give the word for what happened."""
    if before is None:
        return "add"
    return "remove" if after is None else "change"


def differences(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    """Give what a record of a change must tell of its fields."""
    old, new = flat(before or {}), flat(after or {})
    changed = [name for name in old | new if old.get(name) != new.get(name) and name != "version"]
    return {
        name: {"changed": True}
        if name in SENSITIVE
        else {"before": old.get(name), "after": new.get(name)}
        for name in changed
    }


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """Give a record's fields, those of nested models under dotted names."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        inner = value.items() if name in NESTED else ()
        found |= {f"{name}.{part}": member for part, member in inner} or {name: value}
    return found


def spelled(value: Any) -> Any:
    """Give a value with times and decimals in one spelling."""
    if isinstance(value, dict):
        return {name: spelled(member) for name, member in value.items()}
    if isinstance(value, list):
        return [spelled(member) for member in value]
    if isinstance(value, str) and re.fullmatch(r"\d+\.\d+", value):
        return value.rstrip("0").rstrip(".")
    return re.sub(r"\.0+Z$", "Z", value) if isinstance(value, str) else value


REFUSALS = {
    "a bad token": "unauthenticated",
    "a token that names no user": "missing-context",
    "a user who is not active": "forbidden",
    "a missing scope": "forbidden",
    "an invalid body": "invalid",
    "a malformed body": "malformed-request",
    "a body of another format": "unsupported-media-type",
    "a spent token": "token-replayed",
    "no version": "version-required",
    "a stale version": "stale",
    "another's record": "not-found",
}


def refused(api: Api, session: Session, method: str, example: Example, why: str) -> Any:
    """Send an example's request so that it is refused; None where it cannot be for that."""
    stale = {"if-match": '"99"'}
    strangers = {"payoff": api.as_(user="U1003"), "resource": api.as_("batch")}
    stranger = strangers[example.path.split("/")[1]]
    has_body, has_record = example.body is not None, example.at is not None
    answers: dict[str, tuple[bool, Callable[[], Any]]] = {
        "a bad token": (True, lambda: ask(session, method, example, token="x.y.z")),
        "a token that names no user": (True, lambda: ask(api.as_(user=None), method, example)),
        "a user who is not active": (True, lambda: ask(api.as_(user="U1006"), method, example)),
        "a missing scope": (True, lambda: ask(api.as_("lx"), method, example)),
        "an invalid body": (has_body, lambda: ask(session, method, example, body=UNKNOWN_MEMBER)),
        "a malformed body": (
            has_body,
            lambda: session.send(method, example.path, content=b"{", headers=example.headers),
        ),
        "a body of another format": (
            has_body,
            lambda: session.send(
                method, example.path, content=b"{}",
                headers={**example.headers, "content-type": "text/plain"},
            ),
        ),
        "a spent token": (True, lambda: ask(session, method, example, token=spent(session))),
        "no version": (has_record, lambda: ask(session, method, example, headers={})),
        "a stale version": (has_record, lambda: ask(session, method, example, headers=stale)),
        "another's record": (has_record, lambda: ask(stranger, method, example)),
    }
    possible, send = answers[why]
    return send() if possible else None


def spent(session: Session) -> str:
    """Give a token that has been used for a write."""
    token = session.token()
    assert session.post("/resource", a_resource("other"), token=token).status_code == 201
    return token


@pytest.mark.parametrize("why", REFUSALS)
@pytest.mark.parametrize("operation", EXAMPLES)
def test_a_refusal_leaves_one_refused_record_with_its_reason(
    api: Api, operation: str, why: str
) -> None:
    session = api.as_()
    method, template_path = operations(api)[operation]
    example = EXAMPLES[operation](session)
    answer = refused(api, session, method, example, why)
    if answer is None:
        assert example.at is None or example.body is None
        return
    assert answer.json()["type"] == f"urn:loapi:problem:{REFUSALS[why]}", answer.text
    (record,) = api.account_of(answer)
    assert (record["outcome"], record["reason"], record["changes"]) == (
        "refused", REFUSALS[why], [],
    )
    assert (record["method"], record["route"], record["action"]) == (
        method, template_path, operation,
    )
    if example.at is not None:
        assert session.get(example.path).json() == example.at


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/nothing", "/country", "/audit", "/location/900101"])
def test_a_change_that_no_route_serves_leaves_a_refused_record(
    api: Api, method: str, path: str
) -> None:
    answer = api.as_().send(method, path, {})
    reason = "not-found" if path == "/nothing" else "method-not-allowed"
    (record,) = api.account_of(answer)
    assert (record["outcome"], record["reason"]) == ("refused", reason)
