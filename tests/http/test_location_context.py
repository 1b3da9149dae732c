"""A location in the token narrows what its bearer sees and may do to that location alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from entrypoints.http import needs as declared
from entrypoints.http.app import ROUTERS
from entrypoints.http.location import list_locations, show_location
from entrypoints.http.needs import RateClass, needs, needs_of
from entrypoints.http.payoff import request_payoff
from entrypoints.http.table import RouteTable
from tests.http.serving import (
    LOANS,
    Api,
    a_payoff,
    etag,
    faulty_fields,
    made,
    problem,
    serving,
    template,
)

HERE, THERE = 900101, 900102


def places(found: list[dict[str, Any]]) -> list[int]:
    """Give the location of each record."""
    return [one["location_id"] for one in found]


def test_locations_are_narrowed_to_the_one_in_the_token(shared_api: Api) -> None:
    session = shared_api.as_(location=THERE)
    assert places(session.all("/location")) == [THERE]
    assert session.all("/location", **{"location-id": [str(HERE)]}) == []
    assert session.get(f"/location/{THERE}").json()["roles"] == ["payoff-requester"]
    problem(session.get(f"/location/{HERE}"), 404, "not-found")


def test_people_are_narrowed_to_the_location_in_the_token(shared_api: Api) -> None:
    session = shared_api.as_(location=THERE)
    people = session.all("/user")
    assert [one["user_id"] for one in people] == ["U1001", "U1002", "U1006"]
    assert {place["location_id"] for one in people for place in one["locations"]} == {THERE}
    assert session.all("/user", **{"location-id": [str(HERE), "900103"]}) == []
    assert session.get("/user/U1001").json()["locations"] == people[0]["locations"]
    problem(session.get("/user/U1005"), 404, "not-found")


def test_payoffs_of_other_locations_are_not_there(api: Api) -> None:
    payoff = made(api.as_(location=HERE), "/payoff", a_payoff())
    path = f"/payoff/{payoff['id']}"
    elsewhere = api.as_(location=THERE)
    assert elsewhere.all("/payoff") == []
    assert elsewhere.all("/payoff", **{"location-id": str(HERE)}) == []
    problem(elsewhere.get(path), 404, "not-found")
    change = {"status": "cancelled"}
    problem(elsewhere.patch(path, change, headers=etag(payoff)), 404, "not-found")
    problem(elsewhere.post("/payoff", a_payoff(LOANS[1])), 404, "not-found")
    for session in (api.as_(), api.as_(location=HERE)):
        assert session.get(path).json() == payoff
        assert session.all("/payoff", **{"loan-number": payoff["loan_number"]}) == [payoff]


def test_an_answer_kept_for_one_location_is_not_given_at_another(api: Api) -> None:
    headers = {"idempotency-key": "the-same-key"}
    first = api.as_(location=HERE).post("/payoff", a_payoff(), headers=headers)
    assert first.status_code == 201
    again = api.as_(location=HERE).post("/payoff", a_payoff(), headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    for location in (THERE, None):
        other = api.as_(location=location).post("/payoff", a_payoff(), headers=headers)
        problem(other, 422, "key-reused")


def test_a_route_that_needs_a_location_needs_a_user() -> None:
    async def endpoint() -> None:
        """Stand for a route."""

    needs("test.place", "location:read", RateClass.READ, location=True)(endpoint)
    assert needs_of(endpoint).user and needs_of(endpoint).location


PLACED = (list_locations, show_location, request_payoff)


@pytest.fixture(name="placed", scope="module")
def with_routes_that_need_a_location(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Serve with some routes that need a location."""
    folder: Path = tmp_path_factory.mktemp("placed")
    with pytest.MonkeyPatch.context() as patch:
        # No route of ours needs one, so some are made to.
        for one in PLACED:
            patch.setitem(vars(declared)["_NEEDS"], one, replace(needs_of(one), location=True))
        table = RouteTable(ROUTERS)
        patch.setattr("entrypoints.http.app.RouteTable", lambda _routers: table)
        with serving("memory", template("memory", folder), folder) as served:
            yield served


def test_a_route_can_need_a_location(placed: Api) -> None:
    session = placed.as_()
    for answer in (session.get("/location"), session.get(f"/location/{HERE}"),
                   session.post("/payoff", a_payoff()), session.post("/payoff", {})):
        told = problem(answer, 400, "missing-context")
        assert faulty_fields(told) == ["request_context.location_id"]
    told = problem(placed.as_(user=None).get("/location"), 400, "missing-context")
    assert faulty_fields(told) == ["request_context.user_id", "request_context.location_id"]
    told = problem(placed.as_(user=None, location=HERE).get("/location"), 400, "missing-context")
    assert faulty_fields(told) == ["request_context.user_id"]


def test_where_a_location_is_needed_a_good_one_is_enough(placed: Api) -> None:
    session = placed.as_(location=HERE)
    assert places(session.all("/location")) == [HERE]
    assert session.post("/payoff", a_payoff()).status_code == 201
    problem(session.get(f"/location/{THERE}"), 404, "not-found")
    problem(placed.as_(location=900201).get("/location"), 403, "forbidden")
    assert placed.as_().get("/user").status_code == 200


def test_the_document_says_what_the_token_has_to_name(placed: Api) -> None:
    paths = placed.send("GET", "/openapi.json").json()["paths"]
    told = {path: paths[f"/api/v1/{path}"]["get"]["description"]
            for path in ("location", "user", "country")}
    assert "`user_id` and `location_id`" in told["location"]
    assert "`user_id` in" in told["user"] and "`location_id`" not in told["user"]
    assert "request_context" not in told["country"]
