"""/location shows the locations that the user may see, with the user's roles there."""

import pytest

from tests.http.serving import Api, faulty_fields, problem


def test_a_user_sees_the_own_locations_with_the_roles_there(shared_api: Api) -> None:
    found = shared_api.as_().all("/location")
    assert {place["location_id"]: place["roles"] for place in found} == {
        900101: ["payoff-requester", "payoff-servicer"],
        900102: ["payoff-requester"],
        900103: ["viewer"],
    }
    others = shared_api.as_(user="U1002").all("/location")
    assert {place["location_id"]: place["roles"] for place in others} == {
        900101: ["payoff-requester"], 900102: ["viewer"],
    }


def test_a_user_without_a_place_sees_none(shared_api: Api) -> None:
    assert shared_api.as_(user="U1010").all("/location") == []


def test_a_location_is_shown_as_it_is_listed(shared_api: Api) -> None:
    session = shared_api.as_()
    found = session.all("/location")
    assert {place["address"]["state"] for place in found} == {"IA"}
    for listed in found:
        for path in (f"/location/{listed['location_id']}", f"/location/{listed['location_id']}/"):
            assert session.get(path).json() == listed


@pytest.mark.parametrize("location", [900201, 1, 9_999_999_999])
def test_a_location_of_others_is_not_there(shared_api: Api, location: int) -> None:
    session = shared_api.as_()
    problem(session.get(f"/location/{location}"), 404, "not-found")
    assert session.all("/location", **{"location-id": str(location)}) == []


@pytest.mark.parametrize(
    "text", ["abc", "0", "-1", "1.0", "900_101", "+900101", "%20900101", "0900101", "٣", str(2**63)]
)
def test_what_is_no_location_id_is_refused(shared_api: Api, text: str) -> None:
    told = problem(shared_api.as_().get(f"/location/{text}"), 422, "invalid")
    assert faulty_fields(told) == ["location_id"]


@pytest.mark.parametrize("location", [900101, 900102, 900103])
def test_the_location_in_the_token_must_be_one_of_the_users(shared_api: Api, location: int) -> None:
    assert shared_api.as_(location=location).get("/location").status_code == 200
    problem(shared_api.as_(user="U1003", location=location).get("/location"), 403, "forbidden")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"location-id": ["900101", "900103", "900201"]}, [900101, 900103]),
        ({"name.prefix": "Invented Bank of Cedar Falls (demo), D"}, [900103]),
        ({"partner-id": "9001", "sort": "-location-id"}, [900103, 900102, 900101]),
        ({"partner-id": "9002"}, []),
        ({"status": "CLOSED"}, []),
        ({"location-id.ne": "900102"}, [900101, 900103]),
        ({"location-id.gt": "900101", "location-id.lte": "900103"}, [900102, 900103]),
    ],
    ids=str,
)
def test_locations_are_filtered_by_their_fields(
    shared_api: Api, query: dict[str, str], found: list[int]
) -> None:
    assert [place["location_id"] for place in shared_api.as_().all("/location", **query)] == found
