"""/audit answers who did what: by entity, user, client, request, outcome and time."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from entrypoints.settings import AuditReads, AuditSinkName
from tests.http.serving import (
    STORES,
    Api,
    a_payoff,
    a_resource,
    etag,
    faulty_fields,
    is_uuid7,
    made,
    problem,
)
from tests.support.in_time import PATIENCE


def of(api: Api, **filters: str) -> list[str]:
    """Give the request ids of the records that meet some filters."""
    return [record["request_id"] for record in api.records(**filters)]


def test_a_writer_sees_the_record_of_a_write_at_once(api: Api) -> None:
    session = api.as_(location=900101).with_(
        x_request_id="request-0001", traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01"
    )
    answer = session.post("/payoff", a_payoff())
    payoff = answer.json()
    (record,) = api.account_of(answer)
    assert is_uuid7(record["id"])
    key = api.keys["prepay"].key_id
    told = {
        "outcome": "committed", "reason": None, "client_id": "prepay", "key_id": key,
        "user_id": "U1001", "proof": "asserted", "location_id": 900101,
        "request_id": "request-0001", "trace_id": "ab" * 16, "address": "127.0.0.1",
        "method": "POST", "route": "/api/v1/payoff", "action": "payoff.request",
        "entities": [f"payoff/{payoff['id']}"], "count": 1, "filters": None,
    }
    assert {name: record[name] for name in told} == told
    (change,) = record["changes"]
    assert (change["kind"], change["key"], change["operation"], change["version"]) == (
        "payoff", payoff["id"], "add", 1,
    )
    assert change["fields"]["total"] == {"before": None, "after": payoff["total"]}
    assert change["fields"]["requester.email"] == {"changed": True}
    assert "pat@example.com" not in str(record)


def test_a_record_is_shown_as_it_is_listed(api: Api) -> None:
    made(api.as_(), "/resource", a_resource())
    session = api.as_("lx", user=None)
    (listed,) = api.records(action="resource.create")
    for slash in ("", "/"):
        assert session.get(f"/audit/{listed['id']}{slash}").json() == listed


@pytest.mark.parametrize("record_id", ["00000000-0000-7000-8000-000000000000"])
def test_a_record_that_is_none_is_not_found(api: Api, record_id: str) -> None:
    problem(api.as_("lx").get(f"/audit/{record_id}"), 404, "not-found")


def test_the_trail_of_an_entity_is_all_that_happened_to_it(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    other = made(session, "/resource", a_resource("other"))
    path = f"/resource/{record['id']}"
    session.patch(path, {"name": "second"}, headers=etag(record))
    session.patch(path, {"name": "stale"}, headers=etag(record))
    session.delete(path, headers={"if-match": '"2"'})
    trail = api.records(entity=f"resource/{record['id']}")
    changes = [change for entry in trail for change in entry["changes"]]
    assert [(c["operation"], c["version"]) for c in changes] == [
        ("remove", 2), ("change", 2), ("add", 1),
    ]
    assert changes[1]["fields"]["name"] == {"before": "first", "after": "second"}
    assert changes[0]["fields"]["name"] == {"before": "second", "after": None}
    assert len(api.records(entity=f"resource/{other['id']}")) == 1
    assert len(api.records(action="resource.amend", outcome="refused")) == 1


def test_records_are_found_by_user_client_action_outcome_and_time(api: Api) -> None:
    first = api.as_().post("/resource", a_resource()).headers["x-request-id"]
    second = api.as_("batch", "U1003").post("/resource", a_resource()).headers["x-request-id"]
    third = api.as_().post("/resource", {}).headers["x-request-id"]
    assert of(api, action="resource.create") == [third, second, first]
    assert of(api, action="resource.create", user_id="U1001") == [third, first]
    assert of(api, action="resource.create", client_id="batch") == [second]
    assert of(api, action="resource.create", outcome="committed") == [second, first]
    assert of(api, request_id=second) == [second]
    (middle,) = api.records(request_id=second)
    at = middle["occurred_at"]
    for operator, found in (
        ("gt", [third]), ("gte", [third, second]), ("lt", [first]), ("lte", [second, first]),
    ):
        assert of(api, action="resource.create", **{f"occurred_at.{operator}": at}) == found
    several = api.as_("lx").get(
        f"/audit?request-id={first}&request-id={third}&sort=id&fields=request_id"
    )
    assert several.json()["items"] == [{"request_id": first}, {"request_id": third}]


@pytest.mark.parametrize(
    "query",
    [
        "method=POST", "reason=stale", "user-id.prefix=U", "occurred-at=2026-07-03T00:00:00Z",
        "or.a.user-id=U1001", "sort=occurred-at", "outcome=lost", "outcome.ne=read",
        "client-id.null=true",
    ],
)
def test_a_question_that_the_trail_does_not_take_is_refused(memory_api: Api, query: str) -> None:
    told = problem(memory_api.as_("lx").get(f"/audit?{query}"), 400, "invalid-parameter")
    assert faulty_fields(told) == [query.partition("=")[0]]


def test_pages_of_the_trail_are_whole_and_without_repeats(api: Api) -> None:
    made_by = [made(api.as_(), "/resource", a_resource())["id"] for _ in range(5)]
    pages = api.as_("lx").pages("/audit", limit="2", action="resource.create")
    assert [len(page) for page in pages] == [2, 2, 1]
    found = [entry["entities"] for page in pages for entry in page]
    assert found == [[f"resource/{one}"] for one in reversed(made_by)]


def test_the_trail_needs_its_own_scope(api: Api) -> None:
    problem(api.as_("origination").get("/audit"), 403, "forbidden")
    problem(api.as_("batch").get("/audit"), 403, "forbidden")


@pytest.mark.parametrize("path", ["/payoff", "/user", "/audit"])
def test_reading_people_payoffs_and_the_trail_is_recorded(api: Api, path: str) -> None:
    made(api.as_(), "/payoff", a_payoff())
    answer = api.as_().get(path, params={"limit": "3"})
    (record,) = api.account_of(answer)
    assert (record["outcome"], record["filters"]) == ("read", {"limit": ["3"]})
    identity = {"/user": "user_id"}.get(path, "id")
    seen = [item[identity] for item in answer.json()["items"]]
    assert seen and [entity.partition("/")[2] for entity in record["entities"]] == seen
    (record,) = api.account_of(api.as_().get(f"{path}/{seen[0]}"))
    assert record["entities"] == [answer_entity(path, seen[0])]
    assert (record["changes"], record["filters"]) == ([], None)


def answer_entity(path: str, key: str) -> str:
    """Give the name that the trail has for a record of a path."""
    return f"{'audit-record' if path == '/audit' else path[1:]}/{key}"


def test_the_record_of_a_list_tells_no_sensitive_value(api: Api) -> None:
    answer = api.as_().get(
        "/user?email=ada.moreno@example.com&or.a.email.prefix=ada&last-name.ne=x"
    )
    assert answer.status_code == 200
    (record,) = api.account_of(answer)
    assert record["filters"] == {
        "email": ["sensitive"], "or.a.email.prefix": ["sensitive"], "last-name.ne": ["x"],
    }


def test_a_refused_read_of_a_person_is_recorded(api: Api) -> None:
    answer = api.as_().get("/user/U1003")
    (record,) = api.account_of(answer)
    assert (record["outcome"], record["reason"], record["route"]) == (
        "refused", "not-found", "/api/v1/user/{user_id}",
    )


@pytest.mark.parametrize("store", STORES)
def test_gathered_reads_are_recorded_soon(serve: Callable[..., Api], store: str) -> None:
    api = serve(store, audit_reads=AuditReads.GATHERED)
    answers = [api.as_().get("/user/U1002") for _ in range(3)]
    deadline = time.monotonic() + PATIENCE
    while not all(api.account_of(answer) for answer in answers):
        assert time.monotonic() < deadline, "the records of reads do not come"


def test_the_trail_is_whole_while_it_is_delivered_to_another_sink(
    serve: Callable[..., Api],
) -> None:
    api = serve("sqlite", audit_sink=AuditSinkName.MEMORY)
    ids = [made(api.as_(), "/resource", a_resource())["id"] for _ in range(5)]
    for _ in range(10):
        found = api.records(action="resource.create")
        assert [entry["changes"][0]["key"] for entry in found] == ids[::-1]
        time.sleep(0.05)


def test_a_flood_of_like_refusals_is_folded(memory_api: Api) -> None:
    session = memory_api.as_("lx")
    for _ in range(120):
        problem(session.post("/resource", a_resource()), 403, "forbidden")
    assert len(memory_api.records(outcome="refused", action="resource.create")) == 100
    memory_api.clock.forward(timedelta(seconds=61))
    problem(session.post("/resource", a_resource()), 403, "forbidden")
    records = memory_api.records(outcome="refused", action="resource.create")
    assert sorted(entry["count"] for entry in records) == [1] * 101 + [20]
