"""Countries, holidays, franchises and NAICS codes are the same for everyone."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from application.directory import FRESH_SECONDS
from application.reference import editions
from domain.country import Country
from entrypoints.stocking import bring_in
from tests.http.serving import Api, Session, problem

DATA = Path(__file__).parents[2] / "adapters" / "datasets" / "data"


@pytest.fixture(name="session")
def reader(shared_api: Api) -> Session:
    """Call as a client that names no user: reference data needs none."""
    return shared_api.as_("origination", user=None)


def a_country(told: dict[str, Any], **changed: Any) -> Country:
    """Give the country that an answer tells of, with some values changed."""
    return Country(**{**told, **changed})


def codes(name: str) -> set[str]:
    """Give the codes of a NAICS file."""
    with (DATA / name).open(newline="") as file:
        return {row["code"] for row in csv.DictReader(file)}


def test_there_are_249_countries_and_kosovo(session: Session) -> None:
    pages = session.pages("/country", limit="100")
    assert [len(page) for page in pages] == [100, 100, 50]
    found = {country["alpha2"]: country for page in pages for country in page}
    assert sum(country["officially_assigned"] for country in found.values()) == 249
    assert [c for c in found if not found[c]["officially_assigned"]] == ["XK"]
    assert len({country["alpha3"] for country in found.values()}) == 250
    assert list(found) == sorted(found)


def test_codes_of_countries_are_text(session: Session) -> None:
    afghanistan = session.get("/country/AF").json()
    assert (afghanistan["numeric"], afghanistan["alpha3"]) == ("004", "AFG")
    assert session.all("/country", numeric="004") == [afghanistan]
    problem(session.get("/country?numeric=4"), 400, "invalid-parameter")
    for code in ("af", "afg", "ZZ", "4", "04", "0004", "ZZZ", "%00"):
        problem(session.get(f"/country/{code}"), 404, "not-found")


@pytest.mark.parametrize("code", ["AF", "AFG", "004"])
def test_a_country_is_found_by_any_of_its_codes(session: Session, code: str) -> None:
    assert session.get(f"/country/{code}").json()["alpha2"] == "AF"


@pytest.mark.parametrize(
    ("code", "is_open", "days"),
    [
        # The Banks stay open on the Friday before a Saturday holiday; federal offices do not.
        ("FED_BANK-2026-07-03", True, "07-03 07-03 07-03 07-06 07-02"),
        ("US_FEDERAL-2026-07-03", False, "07-06 07-06 07-02 07-06 07-02"),
        ("FED_BANK-2026-07-04", False, "07-06 07-06 07-03 07-06 07-03"),
        # The last day of a month that is a Sunday.
        ("FED_BANK-2026-05-31", False, "06-01 05-29 05-29 06-01 05-29"),
        ("FED_BANK-2026-11-26", False, "11-27 11-27 11-25 11-27 11-25"),
    ],
)
def test_a_calendar_says_which_business_days_are_nearest(
    session: Session, code: str, is_open: bool, days: str
) -> None:
    told = session.get(f"/business-day/{code}").json()
    assert told["is_business_day"] is is_open
    names = ("following", "modified_following", "preceding", "next", "previous")
    assert [told[name] for name in names] == [f"2026-{day}" for day in days.split()]


def test_a_calendar_names_the_holiday_and_the_third_thursday(session: Session) -> None:
    told = session.get("/business-day/FED_BANK-2031-06-19").json()
    assert told["holiday"].startswith("Juneteenth")
    assert (told["third_thursday"], told["is_business_day"]) == ("2031-06-19", False)
    assert session.get("/business-day/FED_BANK-2026-07-05").json()["holiday"] is None


@pytest.mark.parametrize(
    "code",
    ["FED_BANK", "FED_BANK-", "FED_BANK-20260703", "FED_BANK-2026-W27-5", "NYSE-2026-07-03",
     "FED_BANK-2026-02-30", "FED_BANK-1951-01-02", "FED_BANK-0001-01-01", "FED_BANK-9999-12-31",
     "FED_BANK-2150-01-05"],
)
def test_a_day_that_no_calendar_knows_is_not_found(session: Session, code: str) -> None:
    problem(session.get(f"/business-day/{code}"), 404, "not-found")


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("FED_BANK-2026-07-03", False),
        ("FED_BANK-2026-07-04", True),
        ("US_FEDERAL-2026-07-03", True),
        ("US_FEDERAL-2027-07-05", True),
        ("FED_BANK-2027-07-05", True),
        ("FED_BANK-2000-12-25", True),
        ("FED_BANK-2050-11-24", True),
        ("FED_BANK-2020-06-19", False),
        ("FED_BANK-2022-06-20", True),
        ("FED_BANK-2052-01-02", False),
    ],
)
def test_a_day_is_a_holiday_or_none(session: Session, code: str, is_one: bool) -> None:
    assert session.get(f"/holiday/{code}").status_code == (200 if is_one else 404)


def test_an_observed_holiday_tells_of_the_day_that_it_stands_for(session: Session) -> None:
    found = session.get("/holiday/US_FEDERAL-2026-07-03/").json()
    assert (found["observed"], found["actual_date"]) == (True, "2026-07-04")


def test_holidays_are_listed_by_calendar_and_date(session: Session) -> None:
    year = {"date.gte": "2026-01-01", "date.lt": "2027-01-01"}
    bank = session.all("/holiday", calendar="FED_BANK", **year)
    assert [holiday["date"] for holiday in bank] == [
        "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-04",
        "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25",
    ]
    years = {holiday["date"][:4] for holiday in session.all("/holiday", limit="1000")}
    assert years >= {str(year) for year in range(2000, 2051)}


def test_naics_holds_2022_and_the_codes_that_it_retired(session: Session) -> None:
    found = {code["code"]: code for code in session.all("/naics-code", limit="1000")}
    current, former = codes("naics_2022.csv"), codes("naics_2017.csv")
    assert set(found) == current | former
    retired = {code for code in found if not found[code]["active"]}
    assert retired == former - current
    assert {found[code]["naics_year"] for code in retired} == {2017}
    assert {found[code]["naics_year"] for code in current} == {2022}
    industries = session.all("/naics-code", level="national_industry", active="true", limit="1000")
    assert len(industries) == 1012


def test_naics_codes_are_text(session: Session) -> None:
    sector = session.get("/naics-code/31-33").json()
    assert (sector["level"], sector["parent_code"], sector["active"]) == ("sector", None, True)
    retired = session.get("/naics-code/454110").json()
    assert (retired["naics_year"], retired["active"]) == (2017, False)
    parts = session.all("/naics-code", **{"parent-code": "31-33"})
    assert {part["level"] for part in parts} == {"subsector"} and len(parts) == 21
    sectors = session.all("/naics-code", **{"parent-code.null": "true", "active": "true"})
    assert len(sectors) == 20
    assert session.all("/naics-code", **{"naics-year": "2017", "active": "true"}) == []


def test_franchises_of_the_demo_say_that_they_are_invented(session: Session) -> None:
    found = session.all("/franchise")
    assert found and all("(demo)" in brand["brand"] for brand in found)
    coded = session.get("/franchise/D0003").json()
    assert (coded["addendum_type"], coded["certification_status"]) == ("FORM_2462", "RECEIVED")
    assert session.all("/franchise", **{"brand.prefix": "Invented Brand: North"}) == [coded]
    uncoded = session.all("/franchise", **{"sba-code.null": "true"})
    assert all(brand["code"].startswith("BRAND-") for brand in uncoded)
    assert len(uncoded) + len(session.all("/franchise", **{"sba-code.null": "false"})) == len(found)


@pytest.mark.parametrize("path", ["/country", "/holiday", "/franchise", "/naics-code"])
def test_reference_data_cannot_be_written(shared_api: Api, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        problem(shared_api.as_().send(method, path, {}), 405, "method-not-allowed")


@pytest.mark.parametrize("path", ["/country", "/holiday", "/franchise", "/naics-code"])
def test_reading_reference_data_leaves_no_record(shared_api: Api, path: str) -> None:
    answer = shared_api.as_().get(path)
    assert answer.status_code == 200
    assert shared_api.account_of(answer) == []


def test_an_answer_can_be_kept_and_asked_for_again(shared_api: Api) -> None:
    session = shared_api.as_()
    first = session.get("/country?limit=3")
    assert first.headers["cache-control"] == "private, no-cache"
    again = session.get("/country?limit=3", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = session.get("/country?limit=4", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_the_same_question_has_the_same_bytes(shared_api: Api) -> None:
    session = shared_api.as_()
    answers = [session.get("/naics-code?level=sector&limit=5") for _ in range(3)]
    assert len({(answer.content, answer.headers["etag"]) for answer in answers}) == 1
    assert answers[0].headers["x-request-id"] != answers[1].headers["x-request-id"]


def test_what_was_kept_goes_within_10_s_of_an_import(serve: Callable[..., Api]) -> None:
    api = serve("sqlite")
    session = api.as_()
    before = session.get("/country/DE").json()
    api.run(bring_in(api.runner, "country", [a_country(before, display_name="Elsewhere")]))
    time.sleep(FRESH_SECONDS + 0.2)
    after = session.get("/country/DE").json()
    assert (before["display_name"], after["display_name"]) == ("Germany", "Elsewhere")
    assert after["version"] == before["version"] + 1


def test_an_import_that_changes_nothing_leaves_the_edition(api: Api) -> None:
    same = a_country(api.as_().get("/country/DE").json())
    edition = api.run(api.runner.read(editions))
    done = api.run(bring_in(api.runner, "country", [same]))
    assert done.unchanged == 1
    assert api.run(api.runner.read(editions)) == edition
