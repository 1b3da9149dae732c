"""/user shows the people who share a location with the caller's user, and nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from domain.user import User
from entrypoints.stocking import operator
from tests.http.serving import Api, problem


def ids(people: list[dict[str, object]]) -> list[object]:
    """Give the ids of people."""
    return [person["user_id"] for person in people]


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        ("U1001", ["U1001", "U1002", "U1005", "U1006"]),
        ("U1002", ["U1001", "U1002", "U1006"]),
        ("U1005", ["U1001", "U1005"]),
        ("U1003", ["U1003", "U1007", "U1009"]),
        ("U1010", []),
    ],
)
def test_people_are_seen_where_a_location_is_shared(
    shared_api: Api, user: str, seen: list[str]
) -> None:
    session = shared_api.as_(user=user)
    found = session.all("/user")
    assert ids(found) == seen
    for person in found:
        assert session.get(f"/user/{person['user_id']}").json() == person


def test_of_a_persons_locations_only_the_shared_ones_are_shown(shared_api: Api) -> None:
    shown = {
        user: shared_api.as_(user=user).get("/user/U1001").json()["locations"]
        for user in ("U1001", "U1002", "U1005")
    }
    places = {user: [place["location_id"] for place in found] for user, found in shown.items()}
    assert places == {
        "U1001": [900101, 900102, 900103], "U1002": [900101, 900102], "U1005": [900103],
    }


def test_of_a_person_elsewhere_nothing_is_told(shared_api: Api) -> None:
    session = shared_api.as_()
    elsewhere = problem(session.get("/user/U1003"), 404, "not-found")
    nobody = problem(session.get("/user/U9999"), 404, "not-found")
    blank = {"instance": "", "detail": ""}
    assert elsewhere | blank == nobody | blank
    assert elsewhere["detail"].replace("U1003", "") == nobody["detail"].replace("U9999", "")
    for query in (
        {"user-id": "U1003"}, {"email": "clara.lindqvist@example.com"}, {"last-name": "Lindqvist"},
        {"login.prefix": "clara"}, {"or.a.user-id": "U1003", "or.a.login": "clara.lindqvist"},
    ):
        assert session.all("/user", **query) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"location-id": "900102"}, ["U1001", "U1002", "U1006"]),
        ({"location-id": ["900102", "900103"]}, ["U1001", "U1002", "U1005", "U1006"]),
        ({"location-id": "900102", "status": "SUSPENDED"}, ["U1006"]),
        ({"location-id": "900201"}, []),
        ({"location-id": ["900201", "900103"]}, ["U1001", "U1005"]),
        ({"or.a.location-id": "900201", "or.a.status": "SUSPENDED"}, ["U1006"]),
        ({"or.a.location-id": ["900103", "900202"], "or.b.status": "ACTIVE"}, ["U1001", "U1005"]),
        ({"status.ne": "ACTIVE"}, ["U1006"]),
        ({"last-name.prefix": "O"}, ["U1002"]),
        ({"email": "ada.moreno@example.com"}, ["U1001"]),
        ({"email": "Ada.MORENO@Example.COM"}, ["U1001"]),
        ({"email": ["ADA.MORENO@EXAMPLE.COM", "nobody@example.com"]}, ["U1001"]),
        ({"email.ne": "ADA.moreno@example.com"}, ["U1002", "U1005", "U1006"]),
        ({"email.prefix": "Ada.Mo"}, ["U1001"]),
        ({"or.a.email.prefix": "ADA.", "or.a.last-name": "Okafor"}, ["U1001", "U1002"]),
        ({"login": "Ada.Moreno"}, []),
        ({"sort": "-last-name"}, ["U1002", "U1005", "U1001", "U1006"]),
    ],
    ids=str,
)
def test_people_are_filtered_by_location_and_fields(
    shared_api: Api, query: dict[str, str], found: list[str]
) -> None:
    assert ids(shared_api.as_().all("/user", **query)) == found


def test_pages_of_people_are_whole_and_without_repeats(shared_api: Api) -> None:
    pages = shared_api.as_().pages("/user", limit="1", sort="last-name")
    assert [ids(page) for page in pages] == [["U1006"], ["U1001"], ["U1005"], ["U1002"]]


@pytest.mark.parametrize("user", ["U1006", "U1007", "U1008", "U9999"])
def test_a_user_who_is_not_active_may_do_nothing(shared_api: Api, user: str) -> None:
    told = problem(shared_api.as_(user=user).get("/user"), 403, "forbidden")
    assert told["detail"] == "The user in request_context is not an active user."


@pytest.mark.parametrize("path", ["/user/U1001", "/location/900101"])
def test_what_a_caller_sees_has_a_tag_of_its_own_and_is_not_sent_twice(
    api: Api, path: str
) -> None:
    session = api.as_()
    first = session.get(path)
    tag = first.headers["etag"]
    for method in ("GET", "HEAD"):
        for seen in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = session.send(method, path, headers={"if-none-match": seen})
            assert (again.status_code, again.content) == (304, b""), (method, seen)
            assert again.headers["etag"] == tag
        other = session.send(method, path, headers={"if-none-match": '"1"'})
        assert (other.status_code, other.headers["etag"]) == (200, tag)
        assert other.content == (first.content if method == "GET" else b"")


def test_who_sees_another_form_of_a_person_has_another_tag(shared_api: Api) -> None:
    tags = {
        shared_api.as_(user=user, location=location).get("/user/U1001").headers["etag"]
        for user, location in (("U1001", None), ("U1001", 900102), ("U1002", None), ("U1005", None))
    }
    assert len(tags) == 4


def test_a_person_who_has_not_changed_is_still_noted_as_read(api: Api) -> None:
    tag = api.as_().get("/user/U1002").headers["etag"]
    again = api.as_().get("/user/U1002", headers={"if-none-match": tag})
    (record,) = api.account_of(again)
    assert (record["outcome"], record["entities"]) == ("read", ["user/U1002"])


def test_an_address_that_is_kept_with_capitals_is_found_as_it_is_spelled(api: Api) -> None:
    def spell(work: Any) -> None:
        work.change(replace(work.get(User, "U1002"), email="Ben.Okafor@Example.com"))

    api.run(api.runner.write(operator("test.spell"), spell))
    session = api.as_()
    for query in ({"email": "Ben.Okafor@Example.com"}, {"email.prefix": "Ben.O"}):
        assert ids(session.all("/user", **query)) == ["U1002"]
    assert session.all("/user", email="BEN.okafor@example.com") == []
