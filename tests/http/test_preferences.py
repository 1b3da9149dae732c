"""What a caller prefers is done, and a route on its way out says so with every answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from entrypoints.http import needs as declared
from entrypoints.http.app import ROUTERS
from entrypoints.http.location import list_locations
from entrypoints.http.needs import Retirement, needs_of
from entrypoints.http.table import RouteTable
from tests.http.serving import Api, a_resource, etag, made, problem, serving, template

MINIMAL = {"prefer": "return=minimal"}


def test_who_wants_no_body_gets_the_location_and_the_version(api: Api) -> None:
    answer = api.as_().post("/resource", a_resource(), headers=MINIMAL)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["preference-applied"] == "return=minimal"
    path = answer.headers["location"].removeprefix("/api/v1")
    assert api.as_().get(path).json()["version"] == 1


def test_a_change_without_a_body_is_204_with_the_new_version(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    patched = session.patch(path, {"name": "second"}, headers=etag(record) | MINIMAL)
    assert (patched.status_code, patched.content) == (204, b"")
    assert patched.headers["etag"] == '"2"'
    put = session.put(path, {"name": "third"}, headers={"if-match": '"2"'} | MINIMAL)
    assert (put.status_code, put.headers["etag"]) == (204, '"3"')
    assert session.get(path).json()["name"] == "third"


def test_a_replay_answers_as_its_own_request_prefers(api: Api) -> None:
    session, body, key = api.as_(), a_resource(), {"idempotency-key": "prefer-1"}
    first = session.post("/resource", body, headers=key | MINIMAL)
    again = session.post("/resource", body, headers=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["name"] == body["name"]


@pytest.mark.parametrize(
    "preference",
    ["return=representation", "respond-async", "return", "return=minimalist", "",
     "return=representation, return=minimal", "wait=10, handling=lenient"],
)
def test_other_preferences_change_nothing(api: Api, preference: str) -> None:
    answer = api.as_().post("/resource", a_resource(), headers={"prefer": preference})
    assert answer.status_code == 201 and answer.json()["version"] == 1
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    "preference", ["RETURN=Minimal", 'return = "minimal"', "respond-async, return=minimal; foo=1"]
)
def test_a_preference_has_many_spellings(api: Api, preference: str) -> None:
    answer = api.as_().post("/resource", a_resource(), headers={"prefer": preference})
    assert (answer.status_code, answer.content) == (201, b"")


def test_a_refusal_has_its_body_whatever_is_preferred(api: Api) -> None:
    problem(api.as_().post("/resource", {"name": ""}, headers=MINIMAL), 422, "invalid")


def test_a_read_has_its_body_whatever_is_preferred(api: Api) -> None:
    assert api.as_().get("/resource", headers=MINIMAL).json()["items"] is not None


DEPRECATED_AT = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=-5)))


@pytest.fixture(name="aging", scope="module")
def with_a_route_on_its_way_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Serve with the list of locations on its way out."""
    retirement = Retirement(
        deprecated_at=DEPRECATED_AT,
        sunset_at=datetime(2027, 6, 30, 23, 59, 59, tzinfo=timezone.utc),
        successor="/api/v2/location",
    )
    aged = replace(needs_of(list_locations), retirement=retirement)
    folder: Path = tmp_path_factory.mktemp("aging")
    with pytest.MonkeyPatch.context() as patch:
        # No route of ours is on its way out, so one is made to be.
        patch.setitem(vars(declared)["_NEEDS"], list_locations, aged)
        table = RouteTable(ROUTERS)
        patch.setattr("entrypoints.http.app.RouteTable", lambda _routers: table)
        with serving("memory", template("memory", folder), folder) as served:
            yield served


def test_a_route_on_its_way_out_says_since_when_until_when_and_what_instead(aging: Api) -> None:
    answer = aging.as_().get("/location?limit=1")
    assert answer.headers["deprecation"] == f"@{int(DEPRECATED_AT.timestamp())}"
    assert answer.headers["sunset"] == "Wed, 30 Jun 2027 23:59:59 GMT"
    links = answer.headers.get_list("link")
    assert '</api/v2/location>; rel="successor-version"' in links
    assert any('rel="next"' in link for link in links)


def test_its_refusals_say_so_too_and_other_routes_do_not(aging: Api) -> None:
    assert "deprecation" in aging.as_().get("/location?nothing=1").headers
    assert "deprecation" not in aging.as_().get("/location/900101").headers


def test_the_document_marks_it_as_deprecated(aging: Api) -> None:
    paths = aging.send("GET", "/openapi.json").json()["paths"]
    assert paths["/api/v1/location"]["get"]["deprecated"] is True
    assert "deprecated" not in paths["/api/v1/location/{location_id}"]["get"]
