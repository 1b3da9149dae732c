"""/resource shows every kind of change that a resource can have."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.resource import Resource
from entrypoints.stocking import operator
from tests.http.serving import (
    Api,
    a_resource,
    etag,
    faulty_fields,
    is_uuid7,
    made,
    problem,
)


def test_a_resource_is_made_as_sent(api: Api) -> None:
    sent = a_resource(attributes={"deep": {"list": [1, 2.5, None, "x", {"y": True}]}, "n": -0.125})
    answer = api.as_().post("/resource", sent)
    record = answer.json()
    assert answer.status_code == 201
    assert {name: record[name] for name in sent} == sent
    assert is_uuid7(record["id"])
    assert (record["client_id"], record["version"]) == ("prepay", 1)
    assert answer.headers["location"] == f"/api/v1/resource/{record['id']}"
    assert answer.headers["etag"] == '"1"'
    assert api.as_().get(f"/resource/{record['id']}").json() == record


def test_what_may_be_left_out_has_a_default(api: Api) -> None:
    record = made(api.as_(), "/resource", {"name": "bare"})
    assert (record["description"], record["attributes"]) == (None, {})


@pytest.mark.parametrize("text", ["ÅΩ漢字", "🏦", 'quote " and \\', "a\u2028b", "x" * 200])
def test_texts_come_back_as_they_were_sent(api: Api, text: str) -> None:
    record = made(api.as_(), "/resource", a_resource(text, attributes={text: text}))
    shown = api.as_().get(f"/resource/{record['id']}").json()
    assert (shown["name"], shown["attributes"]) == (text, {text: text})


@pytest.mark.parametrize("number", [0, -1, 2**53 - 1, -(2**53) + 1, 0.1, 1e300, 5e-324, -1.5])
def test_numbers_come_back_as_they_were_sent(api: Api, number: float) -> None:
    record = made(api.as_(), "/resource", a_resource(attributes={"n": number}))
    shown = api.as_().get(f"/resource/{record['id']}").json()["attributes"]["n"]
    assert (shown, type(shown)) == (number, type(number))


def test_a_put_replaces_all_but_what_the_service_assigns(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    answer = session.put(
        f"/resource/{record['id']}",
        {"name": "second", "id": record["id"], "version": 99, "client_id": "lx"},
        headers=etag(record),
    )
    replaced = answer.json()
    assert answer.status_code == 200
    assert replaced == record | {
        "name": "second", "description": None, "attributes": {}, "version": 2,
        "updated_at": replaced["updated_at"],
    }
    assert replaced["updated_at"] > record["updated_at"]
    assert answer.headers["etag"] == '"2"'
    assert session.get(f"/resource/{record['id']}").json() == replaced


def test_a_put_of_what_is_there_changes_nothing(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    answer = session.put(f"/resource/{record['id']}", record, headers=etag(record))
    assert (answer.status_code, answer.json()) == (200, record)


@pytest.mark.parametrize(
    ("patch", "members"),
    [
        ({"name": "second"}, {"name": "second"}),
        ({"description": None}, {"description": None}),
        ({"attributes": {"b": {"c": 2, "e": None}}},
         {"attributes": {"a": 1, "b": {"c": 2, "d": [1]}}}),
        ({"attributes": {"a": None}}, {"attributes": {"b": {"c": 1, "d": [1], "e": "x"}}}),
        ({"attributes": {"b": [None]}}, {"attributes": {"a": 1, "b": [None]}}),
        ({"attributes": None}, {"attributes": {}}),
        ({"version": 9, "client_id": "lx", "id": "nonsense", "created_at": None}, {}),
        ({}, {}),
    ],
    ids=str,
)
def test_a_patch_merges_by_rfc_7396(
    api: Api, patch: dict[str, Any], members: dict[str, Any]
) -> None:
    attributes = {"a": 1, "b": {"c": 1, "d": [1], "e": "x"}}
    session = api.as_()
    record = made(session, "/resource", a_resource(attributes=attributes))
    path = f"/resource/{record['id']}"
    answer = session.patch(path, patch, headers=etag(record))
    assert answer.status_code == 200, answer.text
    expected = record | members
    if members:
        expected |= {"version": 2, "updated_at": answer.json()["updated_at"]}
    assert answer.json() == expected == session.get(path).json()


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " \t"}, "name"),
        ({"name": 7}, "name"),
        ({"colour": "red"}, "colour"),
        ({"attributes": []}, "attributes"),
        ({"attributes": {"big": 2**53}}, "attributes.big"),
        ([], "body"),
        ("x", "body"),
        (None, "body"),
    ],
    ids=str,
)
def test_a_patch_that_breaks_a_rule_is_refused(api: Api, patch: Any, field: str) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    told = problem(session.patch(path, patch, headers=etag(record)), 422, "invalid")
    assert faulty_fields(told) == [field]
    assert session.get(path).json() == record


def test_a_removed_resource_is_gone(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    answer = session.delete(path, headers=etag(record))
    assert (answer.status_code, answer.content) == (204, b"")
    for again in (session.get(path), session.delete(path, headers=etag(record))):
        problem(again, 404, "not-found")
    assert session.all("/resource") == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_names_the_version_that_it_is_for(api: Api, method: str) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path, body = f"/resource/{record['id']}", a_resource("second")
    for headers, status, word in (
        ({}, 428, "version-required"),
        ({"if-match": '"2"'}, 412, "stale"),
        ({"if-match": "*"}, 400, "malformed-request"),
        ({"if-match": '"1"x'}, 400, "malformed-request"),
    ):
        told = problem(session.send(method, path, body, headers=headers), status, word)
        assert faulty_fields(told) == ["If-Match"]
    assert session.get(path).json() == record


def test_two_changes_to_one_version_do_not_both_happen(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    assert session.patch(path, {"name": "mine"}, headers=etag(record)).status_code == 200
    problem(session.patch(path, {"name": "yours"}, headers=etag(record)), 412, "stale")
    problem(session.delete(path, headers=etag(record)), 412, "stale")
    assert session.get(path).json()["name"] == "mine"


def test_a_client_sees_its_own_resources_only(api: Api) -> None:
    record = made(api.as_(), "/resource", a_resource())
    path, other = f"/resource/{record['id']}", api.as_("batch")
    for answer in (
        other.get(path),
        other.put(path, a_resource(), headers=etag(record)),
        other.patch(path, {"name": "x"}, headers=etag(record)),
        other.delete(path, headers=etag(record)),
    ):
        problem(answer, 404, "not-found")
    assert other.all("/resource") == []
    assert other.all("/resource", id=record["id"]) == []
    assert api.as_(user="U1003").get(path).json() == record


def test_a_version_that_was_seen_is_not_sent_again(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    for seen in ('"1"', 'W/"1"', '"7", "1"', "*"):
        for method in ("GET", "HEAD"):
            answer = session.send(method, path, headers={"if-none-match": seen})
            assert (answer.status_code, answer.content) == (304, b""), (method, seen)
            assert answer.headers["etag"] == '"1"'
    assert session.get(path, headers={"if-none-match": '"7"'}).json() == record


@pytest.mark.parametrize("path", ["/resource", "/resource/"])
def test_a_path_answers_with_and_without_its_last_slash(api: Api, path: str) -> None:
    session = api.as_()
    record = made(session, path, a_resource())
    assert session.all(path) == [record]
    one = f"/resource/{record['id']}{path.removeprefix('/resource')}"
    assert session.get(one).json() == record
    assert session.put(one, a_resource("new"), headers=etag(record)).status_code == 200
    assert session.delete(one, headers={"if-match": '"2"'}).status_code == 204


def test_head_tells_of_a_resource_what_get_does_without_its_body(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    for path in (f"/resource/{record['id']}", "/resource"):
        got, headed = session.get(path), session.send("HEAD", path)
        assert (headed.status_code, headed.content) == (200, b"")
        for name in ("content-type", "content-length", "etag"):
            assert headed.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/resource", "GET, HEAD, OPTIONS, POST"),
        ("/resource/", "GET, HEAD, OPTIONS, POST"),
        ("/resource/x", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/payoff/x", "GET, HEAD, OPTIONS, PATCH"),
        ("/location", "GET, HEAD, OPTIONS"),
        ("/audit/x", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_path_tells_which_methods_it_has(memory_api: Api, path: str, allowed: str) -> None:
    session = memory_api.as_()
    asked = session.send("OPTIONS", path)
    assert (asked.status_code, asked.headers["allow"]) == (204, allowed)
    refused = session.send("TRACE", path)
    problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/nothing", "/resource/a/b", "/resource//", "/Resource", ""])
def test_a_path_that_is_none_is_not_found(memory_api: Api, path: str) -> None:
    problem(memory_api.as_().get(path), 404, "not-found")


def test_a_patch_cannot_bring_in_a_control_character(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    answer = session.patch(path, {"description": "bell\x07"}, headers=etag(record))
    assert faulty_fields(problem(answer, 422, "invalid")) == ["description"]
    assert session.get(path).json() == record


def test_lines_and_tabs_are_kept_and_attributes_are_as_they_were_sent(api: Api) -> None:
    text = "first\r\n\tsecond\u2028third"
    sent = a_resource(description=text, attributes={"raw\x01": ["\x00\x1b"]})
    record = made(api.as_(), "/resource", sent)
    assert (record["description"], record["attributes"]) == (text, sent["attributes"])


def test_a_list_can_be_asked_for_a_text_that_no_record_may_have(api: Api) -> None:
    assert api.as_().all("/resource", name="a\x00\x1bb") == []


def test_what_was_stored_with_a_control_character_can_be_read(api: Api) -> None:
    record = made(api.as_(), "/resource", a_resource())

    def spoil(work: Any) -> None:
        stored = work.get(Resource, UUID(record["id"]))
        work.change(replace(stored, description="form\x0cfeed"))

    api.run(api.runner.write(operator("test.spoil"), spoil))
    shown = api.as_().get(f"/resource/{record['id']}")
    assert shown.json()["description"] == "form\x0cfeed"
