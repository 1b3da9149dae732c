"""Lists filter, sort and page as docs/lists.md says, and name all that is wrong at once."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.query import Operator
from entrypoints.http import (
    audit,
    country,
    franchise,
    holiday,
    location,
    naics_code,
    payoff,
    resource,
    user,
)
from entrypoints.http.lists import ListQuery
from entrypoints.http.route import dependencies_of
from tests.http.serving import Api, Session, a_resource, faulty_fields, made, problem


@pytest.fixture(name="session")
def reader(shared_api: Api) -> Session:
    """Call as a client that may read everything."""
    return shared_api.as_()


@pytest.fixture(name="quick")
def quick_reader(memory_reading_api: Api) -> Session:
    """Call where the store makes no difference."""
    return memory_reading_api.as_()


def codes(items: list[dict[str, Any]], name: str = "alpha2") -> list[Any]:
    """Give one field of every item."""
    return [item[name] for item in items]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("alpha2=DE", ["DE"]),
        ("alpha2=DE&alpha2=FR&alpha2=ZZ", ["DE", "FR"]),
        ("alpha2=DE&alpha3=FRA", []),
        ("alpha2=DE&alpha2=FR&alpha3=FRA", ["FR"]),
        ("name.prefix=Gu&name.ne=Guam", ["GG", "GN", "GP", "GT", "GW", "GY"]),
        ("name.prefix=Gu&alpha2.ne=GU&alpha2.ne=GT&alpha2.ne=GY", ["GG", "GN", "GP", "GW"]),
        ("alpha2.prefix=Z", ["ZA", "ZM", "ZW"]),
        ("alpha3.prefix=DE", ["DE"]),
        ("numeric.prefix=27", ["DE", "GM", "PS"]),
        ("or.a.alpha2=DE&or.a.numeric=250", ["DE", "FR"]),
        ("or.a.alpha2=DE&or.a.alpha3=FRA&or.b.numeric=250&or.b.name=Peru", ["FR"]),
        ("or.a.alpha2=DE&or.a.alpha2=AT&or.a.alpha3=FRA&active=true", ["AT", "DE", "FR"]),
        ("or.a.name.prefix=Ger&or.a.alpha2.prefix=Z", ["DE", "ZA", "ZM", "ZW"]),
        ("alpha2.prefix=Z&sort=-alpha2", ["ZW", "ZM", "ZA"]),
        ("alpha2.prefix=Z&sort=-name,alpha2", ["ZW", "ZM", "ZA"]),
        ("alpha2=DE&limit=1", ["DE"]),
        ("name=%C3%85land%20Islands", ["AX"]),
        ("name.prefix=%C3%85", ["AX"]),
        ("name.prefix=%25", []),
        ("name.prefix=_", []),
        ("name='%20OR%201=1%20--", []),
        ("", None),
        ("&&", None),
    ],
)
def test_countries_are_filtered(session: Session, query: str, found: list[str] | None) -> None:
    answer = session.get(f"/country?{query}")
    assert answer.status_code == 200, answer.text
    assert found is None or codes(answer.json()["items"]) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("date.gte=2026-06-19&date.lte=2026-07-03", ["2026-06-19", "2026-06-19", "2026-07-03"]),
        ("date.gt=2026-06-19&date.lt=2026-07-04", ["2026-07-03"]),
        ("date=2026-07-03&date=2026-06-19", ["2026-06-19", "2026-06-19", "2026-07-03"]),
        ("date.gte=2026-07-05&date.lt=2026-07-05", []),
        ("date.lt=0001-01-02", []),
        ("date.gt=9999-12-30", []),
    ],
)
def test_dates_are_filtered_by_ranges(session: Session, query: str, found: list[str]) -> None:
    assert codes(session.get(f"/holiday?{query}").json()["items"], "date") == found


def test_null_tells_whether_there_is_a_value(session: Session) -> None:
    with_code = session.all("/franchise", **{"sba-code.null": "false"})
    without = session.all("/franchise", **{"sba-code.null": "true"})
    assert with_code and all(brand["sba_code"] for brand in with_code)
    assert without and not any(brand["sba_code"] for brand in without)
    different = session.all("/franchise", **{"sba-code.ne": "D0001"})
    assert codes(different, "code") == [b["code"] for b in with_code if b["code"] != "D0001"]


def test_null_in_a_group_is_one_of_its_terms(session: Session) -> None:
    found = session.all("/franchise", **{"or.a.sba-code.null": "true", "or.a.code": "D0002"})
    assert "D0002" in codes(found, "code")
    assert all(brand["sba_code"] in (None, "D0002") for brand in found)


@pytest.mark.parametrize(
    ("limit", "count"), [("1", 1), ("50", 50), ("249", 249), ("1000", 250), ("999999999", 250)]
)
def test_a_page_has_at_most_its_limit(session: Session, limit: str, count: int) -> None:
    assert len(session.get(f"/country?limit={limit}").json()["items"]) == count


def test_a_page_has_50_items_unless_told_otherwise(quick: Session) -> None:
    assert len(quick.get("/country").json()["items"]) == 50


def test_a_limit_is_capped(quick: Session) -> None:
    assert len(quick.get("/naics-code?limit=5000").json()["items"]) == 1000


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.0", "+1", "", "1e2", "٣", "1" * 10, "0x1"])
def test_a_limit_that_is_none_is_refused(quick: Session, limit: str) -> None:
    told = problem(quick.get("/country", params={"limit": limit}), 400, "invalid-parameter")
    assert (told["parameter"], told["errors"][0]["detail"]) == (
        "limit", "give a whole number from 1 to 1000",
    )


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/country", {}),
        ("/country", {"sort": "-name"}),
        ("/country", {"or.a.name.prefix": "B", "or.a.alpha2.prefix": "C", "sort": "-alpha2"}),
        ("/holiday", {"calendar": "FED_BANK", "date.gte": "2026-01-01"}),
        ("/holiday", {"date.gte": "2040-01-01", "sort": "-date"}),
        ("/naics-code", {"code.prefix": "33"}),
        ("/franchise", {"sort": "brand"}),
        ("/user", {}),
        ("/location", {"sort": "-name"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("limit", ["1", "7"])
def test_all_pages_together_are_the_whole(
    session: Session, path: str, query: dict[str, str], limit: str
) -> None:
    whole = session.get(path, params={**query, "limit": "70"}).json()["items"]
    limit = limit if path in ("/user", "/location") else str(int(limit) * 9)
    pages: list[dict[str, Any]] = []
    following: dict[str, str] = {}
    while len(pages) < len(whole):
        page = session.get(path, params={**query, "limit": limit, **following}).json()
        pages += page["items"]
        following = {"cursor": page.get("next", "")}
    assert pages[: len(whole)] == whole
    assert len(pages) > len(whole) or len(whole) == 70 or following == {"cursor": ""}


def test_a_page_stays_whole_when_records_come_before_it(api: Api) -> None:
    session = api.as_()
    mine = [made(session, "/resource", a_resource(f"{n}"))["id"] for n in range(4)]
    first = session.get("/resource?limit=2").json()
    made(session, "/resource", a_resource("newer"))
    second = session.get("/resource", params={"limit": "2", "cursor": first["next"]}).json()
    assert codes(first["items"] + second["items"], "id") == mine[::-1]
    assert "next" not in second


def test_the_last_page_has_no_next(session: Session) -> None:
    answer = session.get("/country?alpha2.prefix=Z&limit=3")
    assert "next" not in answer.json() and "link" not in answer.headers


def test_the_link_header_leads_to_the_next_page(session: Session) -> None:
    answer = session.get("/country/?name.prefix=S&limit=20&sort=-name&fields=alpha2")
    link, _, rel = answer.headers["link"].partition("; ")
    assert (rel, link[0], link[-1]) == ('rel="next"', "<", ">")
    following = session.get(link[1:-1].removeprefix("/api/v1"))
    names = codes(answer.json()["items"] + following.json()["items"])
    whole = session.all("/country", **{"name.prefix": "S", "sort": "-name", "limit": "1000"})
    assert names == codes(whole)[: len(names)] and len(names) > 20


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/country", {"name.prefix": "B"}),
        ("/country", {"sort": "name"}),
        ("/country", {"sort": "-alpha2"}),
        ("/franchise", {}),
    ],
    ids=str,
)
def test_a_cursor_is_good_for_its_own_question_only(
    quick: Session, path: str, query: dict[str, str]
) -> None:
    cursor = quick.get("/country?limit=5").json()["next"]
    answer = quick.get(path, params={**query, "cursor": cursor})
    assert faulty_fields(problem(answer, 400, "invalid-parameter")) == ["cursor"]


def test_a_cursor_may_go_on_with_another_limit_and_other_fields(quick: Session) -> None:
    cursor = quick.get("/country?limit=5").json()["next"]
    page = quick.get(f"/country?limit=3&fields=alpha2&cursor={cursor}").json()["items"]
    assert page == [{"alpha2": one["alpha2"]} for one in quick.all("/country")[5:8]]


def forged(cursor: str) -> list[str]:
    """Give cursors that are not ours."""
    sealed = base64.urlsafe_b64decode(cursor + "==")
    flipped = bytes([sealed[0] ^ 1]) + sealed[1:]
    body = sealed[16:].replace(b'"', b"'", 1)
    return [
        "", "x", "=", "%00", "ü", cursor[:-4], cursor + "AAAA", cursor * 2, cursor[::-1],
        base64.urlsafe_b64encode(flipped).decode(),
        base64.urlsafe_b64encode(sealed[:16] + body).decode(),
        base64.urlsafe_b64encode(json.dumps([9e9, "[]", ""]).encode()).decode(),
    ]


def test_a_forged_cursor_is_refused(quick: Session) -> None:
    cursor = quick.get("/country?limit=5").json()["next"]
    for other in forged(cursor):
        answer = quick.get("/country", params={"limit": "5", "cursor": other})
        assert faulty_fields(problem(answer, 400, "invalid-parameter")) == ["cursor"]


@pytest.mark.parametrize(
    ("query", "parameter", "allowed"),
    [
        ("colour=red", "colour", "alpha2"),
        ("display-name=x", "display-name", "name"),
        ("display_name=x", "display_name", "name"),
        ("Alpha2=DE", "Alpha2", "alpha2"),
        ("or.a.colour=red", "or.a.colour", "alpha2"),
        ("or.alpha2=DE", "or.alpha2", "alpha2"),
        ("or.a-b.alpha2=DE", "or.a-b.alpha2", "alpha2"),
        ("or..alpha2=DE", "or..alpha2", "alpha2"),
        ("=DE", "", "alpha2"),
        ("alpha2.like=D", "alpha2.like", ".prefix"),
        ("alpha2.eq=D", "alpha2.eq", ".prefix"),
        ("alpha2.gt=D", "alpha2.gt", ".prefix"),
        ("alpha2.null=true", "alpha2.null", ".prefix"),
        ("active.ne=true", "active.ne", "active"),
        ("sort=numeric", "sort", "name"),
        ("sort=name,name", "sort", "name"),
        ("sort=--name", "sort", "name"),
        ("sort=display_name", "sort", "name"),
        ("fields=colour", "fields", "display-name"),
        ("fields=", "fields", "display-name"),
    ],
)
def test_what_a_list_does_not_know_is_named_with_what_it_does(
    quick: Session, query: str, parameter: str, allowed: str
) -> None:
    told = problem(quick.get(f"/country?{query}"), 400, "invalid-parameter")
    assert told["parameter"] == parameter
    assert allowed in told["allowed"]
    assert told["errors"][0]["allowed"] == told["allowed"]


def test_an_order_is_spelled_as_a_filter_is(shared_api: Api) -> None:
    session = shared_api.as_()
    assert session.get("/payoff?sort=-created-at").status_code == 200
    for spelled in ("created_at", "-created_at", "payoff-date,created_at"):
        told = problem(session.get(f"/payoff?sort={spelled}"), 400, "invalid-parameter")
        assert (told["parameter"], told["allowed"]) == ("sort", ["created-at", "payoff-date"])


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("/country", "active=maybe", "active"),
        ("/country", "active=1", "active"),
        ("/country", "active=yes", "active"),
        ("/country", "active=", "active"),
        ("/country", "alpha2=DEU", "alpha2"),
        ("/country", "name=", "name"),
        ("/country", "name.prefix=", "name.prefix"),
        ("/country", "name.prefix=a&name.prefix=b", "name.prefix"),
        ("/country", "limit=1&limit=2", "limit"),
        ("/country", "sort=name&sort=alpha2", "sort"),
        ("/holiday", "date=2026-13-01", "date"),
        ("/holiday", "date=0000-01-01", "date"),
        ("/holiday", "date=20260704", "date"),
        ("/holiday", "date=1783123200", "date"),
        ("/holiday", "date.gt=2026-01-01&date.gt=2026-02-01", "date.gt"),
        ("/holiday", "calendar=MOON", "calendar"),
        ("/naics-code", "naics-year=twenty", "naics-year"),
        ("/naics-code", "naics-year=2_022", "naics-year"),
        ("/naics-code", "naics-year=2022.0", "naics-year"),
        ("/naics-code", "naics-year=" + "9" * 5000, "naics-year"),
        ("/naics-code", "parent-code.null=1", "parent-code.null"),
        ("/payoff", "created-at.gt=2026-07-03T00:00:00", "created-at.gt"),
        ("/payoff", "created-at.gt=1700000000", "created-at.gt"),
        ("/payoff", "created-at.gt=soon", "created-at.gt"),
        ("/payoff", "id=x", "id"),
        ("/payoff", "location-id=9.5", "location-id"),
        ("/location", "location-id=9223372036854775808", "location-id"),
        ("/location", "location-id=-1", "location-id"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    quick: Session, path: str, query: str, parameter: str
) -> None:
    answer = quick.get(f"{path}?{query}")
    assert faulty_fields(problem(answer, 400, "invalid-parameter")) == [parameter]


@pytest.mark.parametrize(
    "query",
    [
        "created-at.gt=0001-01-01T00:00:00%2B14:00",
        "created-at.lt=9999-12-31T23:59:59-12:00",
        "location-id.gt=-99999999999999999999&location-id.lt=99999999999999999999",
        "location-id=9223372036854775808",
    ],
)
def test_values_at_the_ends_of_their_range_are_compared(session: Session, query: str) -> None:
    assert session.get(f"/payoff?{query}").json() == {"items": []}


def test_a_year_beyond_all_years_is_compared(session: Session) -> None:
    assert session.get("/naics-code?naics-year.gt=9223372036854775808").json() == {"items": []}


def test_all_faults_are_named_at_once(quick: Session) -> None:
    query = "colour=red&name.gt=a&active=x&sort=zip&limit=0&fields=zip&cursor=x"
    answer = quick.get(f"/country?{query}")
    told = problem(answer, 400, "invalid-parameter")
    assert faulty_fields(told) == ["colour", "name.gt", "active", "sort", "limit", "fields"]
    assert told["parameter"] == "colour"


def test_a_list_gives_only_the_fields_that_are_asked_for(session: Session) -> None:
    for fields in ("alpha2,display-name", "alpha2,display_name", "display-name,alpha2,alpha2"):
        page = session.get(f"/country?alpha2=DE&fields={fields}").json()
        assert page["items"] == [{"alpha2": "DE", "display_name": "Germany"}]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("&".join(f"alpha2={a}{b}" for a in "ABCDEFGH" for b in "ABCDEFG")[:-20], "alpha2"),
        ("&".join(f"or.{g}.alpha2=DE" for g in "abcd"), "or"),
        ("&".join(f"or.a.{f}=DEU" for f in (
            "alpha3", "alpha3.ne", "alpha3.prefix", "name", "name.ne", "name.prefix")), "or.a"),
    ],
    ids=["values", "groups", "terms"],
)
def test_a_question_has_its_bounds(quick: Session, query: str, parameter: str) -> None:
    told = problem(quick.get(f"/country?{query}"), 400, "invalid-parameter")
    assert set(faulty_fields(told)) == {parameter}


def test_a_query_string_has_at_most_8_kb(quick: Session) -> None:
    base = "name=" + "x" * 195
    fits = "&".join([base] * 40)
    assert len(fits) <= 8192
    assert quick.get(f"/country?{fits}").json() == {"items": []}
    told = problem(quick.get("/country?name=" + "x" * 8192), 400, "invalid-parameter")
    assert faulty_fields(told) == ["query"]
    told = problem(quick.get("/country?" + "&".join(["a"] * 501)), 400, "invalid-parameter")
    assert faulty_fields(told) == ["query"]


@pytest.mark.parametrize("query", ["name=%FF", "name=%ED%A0%80", "%C3=x", "name=%C0%80"])
def test_a_query_string_is_utf_8(quick: Session, query: str) -> None:
    told = problem(quick.get(f"/country?{query}"), 400, "invalid-parameter")
    assert faulty_fields(told) == ["query"]


MODULES = [audit, country, franchise, holiday, location, naics_code, payoff, resource, user]


def list_query(module: Any) -> ListQuery[Any]:
    """Give what reads the query string of a resource's list."""
    (found,) = (
        one
        for route in module.router.routes
        for one in dependencies_of(route.endpoint)
        if isinstance(one, ListQuery)
    )
    return found


@settings(max_examples=100)
@given(data=st.data())
def test_whatever_value_is_asked_for_is_not_our_mistake(
    shared_api: Api, data: st.DataObject
) -> None:
    module = data.draw(st.sampled_from(MODULES))
    reader = list_query(module)
    name = data.draw(st.sampled_from(sorted(reader.filterable)))
    operator = data.draw(st.sampled_from(reader.filterable[name].operators))
    texts = st.text(max_size=50) | st.integers().map(str) | st.dates().map(str) | st.datetimes(
        timezones=st.timezones()).map(lambda at: at.isoformat())
    suffix = "" if operator is Operator.EQ else f".{operator.value}"
    query = {f"{name}{suffix}": data.draw(texts)}
    if reader.listing.or_groups and data.draw(st.booleans()):
        query = {f"or.a.{asked}": text for asked, text in query.items()}
    order = data.draw(st.sampled_from(["", *reader.listing.sorts])).replace("_", "-")
    path = module.router.prefix.removeprefix("/api/v1")
    answer = shared_api.as_().get(path, params={**query, "sort": order})
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize("module", MODULES)
def test_an_unknown_parameter_is_told_of_every_one_that_there_is(
    quick: Session, module: Any
) -> None:
    listing = list_query(module).listing
    told = problem(
        quick.get(f"{module.router.prefix.removeprefix('/api/v1')}?zzz=1"), 400, "invalid-parameter"
    )
    fields = (*listing.filters, *listing.more_filters)
    own = {name.replace("_", "-") for name in fields}
    assert set(told["allowed"]) == own | {"cursor", "fields", "limit", "sort"}
