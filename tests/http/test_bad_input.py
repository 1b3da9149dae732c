"""Bad input gets a problem that names what is wrong, echoes nothing, and changes nothing."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.serving import (
    LOAN,
    LOANS,
    STORES,
    Api,
    Template,
    a_payoff,
    a_resource,
    etag,
    faulty_fields,
    made,
    problem,
    serving,
)

CANARY = "c4n4ry"
"""Stands in what is sent, and in no answer."""

MOST = 1024 * 1024


@pytest.fixture(scope="module", params=STORES)
def api(
    request: pytest.FixtureRequest,
    stocked: Callable[[str], Template],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """Serve each store once; in the end nothing may have changed, and every write is refused."""
    folder = tmp_path_factory.mktemp("bad")
    with serving(request.param, stocked(request.param), folder) as served:
        before = state(served)
        yield served
        assert state(served) == before
        for outcome in ("committed", "failed"):
            assert served.records(outcome=outcome, client_id="prepay") == []
        refused = served.records(outcome="refused", client_id="prepay")
        assert refused and not [record for record in refused if record["changes"]]
        assert {record["reason"] for record in refused} <= {
            "invalid", "invalid-parameter", "malformed-request", "not-found", "too-large",
            "unsupported-media-type",
        }


def state(api: Api) -> list[Any]:
    """Give all that bad input could have changed."""
    session = api.as_()
    return [session.all(path, limit="200") for path in ("/payoff", "/resource", "/location")]


PAYOFF_FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    # integers where text is wanted, text where something else is
    ({"loan_number": int(LOAN)}, ["loan_number"]),
    ({"payoff_date": 20260703}, ["payoff_date"]),
    ({"payoff_date": 1783036800}, ["payoff_date"]),
    ({"reason": 1}, ["reason"]),
    ({"voluntary": "true"}, ["voluntary"]),
    ({"voluntary": 1}, ["voluntary"]),
    ({"voluntary": "c4n4ry"}, ["voluntary"]),
    ({"comments": ["c4n4ry"]}, ["comments"]),
    ({"requester": "c4n4ry"}, ["requester"]),
    ({"requester": []}, ["requester"]),
    ({"requester": {"name": 5}}, ["requester.name"]),
    ({"requester": {"name": "Pat", "email": 5}}, ["requester.email"]),
    ({"requester": {}}, ["requester.name"]),
    # null where a value is wanted
    ({"loan_number": None, "x": 1}, ["loan_number", "x"]),
    # unknown members
    ({"colour": "c4n4ry"}, ["colour"]),
    ({"loanNumber": LOAN}, ["loanNumber"]),
    ({"requester": {"name": "Pat", "fax": "c4n4ry"}}, ["requester.fax"]),
    ({"__proto__": {}}, ["__proto__"]),
    # empty and blank texts
    ({"loan_number": ""}, ["loan_number"]),
    ({"loan_number": " " * 10}, ["loan_number"]),
    ({"comments": ""}, ["comments"]),
    ({"comments": " \n\t"}, ["comments"]),
    ({"requester": {"name": ""}}, ["requester.name"]),
    ({"requester": {"name": "  "}}, ["requester.name"]),
    ({"requester": {"name": "Pat", "email": ""}}, ["requester.email"]),
    ({"requester": {"name": "Pat", "email": "c4n4ry"}}, ["requester.email"]),
    ({"requester": {"name": "Pat", "phone": ""}}, ["requester.phone"]),
    # texts that are too long or of other letters
    ({"loan_number": "99001010010"}, ["loan_number"]),
    ({"loan_number": "990010100c"}, ["loan_number"]),
    ({"loan_number": "٩٩٠٠١٠١٠٠١"}, ["loan_number"]),
    ({"comments": "c4n4ry" * 200}, ["comments"]),
    ({"requester": {"name": "c4n4ry" * 40}}, ["requester.name"]),
    ({"reason": "c4n4ry"}, ["reason"]),
    ({"reason": "SALE"}, ["reason"]),
    # dates that are none, or out of range
    ({"payoff_date": ""}, ["payoff_date"]),
    ({"payoff_date": "c4n4ry"}, ["payoff_date"]),
    ({"payoff_date": "2026-02-30"}, ["payoff_date"]),
    ({"payoff_date": "2026-7-4"}, ["payoff_date"]),
    ({"payoff_date": "20260704"}, ["payoff_date"]),
    ({"payoff_date": "2026-07-04T00:00:00Z"}, ["payoff_date"]),
    ({"payoff_date": "0000-01-01"}, ["payoff_date"]),
    ({"payoff_date": "0001-01-01"}, ["payoff_date"]),
    ({"payoff_date": "9999-12-31"}, ["payoff_date"]),
    ({"payoff_date": "10000-01-01"}, ["payoff_date"]),
    ({"payoff_date": "2027-08-07"}, ["payoff_date"]),
    # several at once
    ({"loan_number": 1, "voluntary": "x", "colour": 1}, ["loan_number", "voluntary", "colour"]),
]


@pytest.mark.parametrize(("members", "fields"), PAYOFF_FAULTS, ids=str)
def test_a_payoff_with_a_fault_is_refused_by_the_name_of_the_field(
    api: Api, members: dict[str, Any], fields: list[str]
) -> None:
    answer = api.as_().post("/payoff", {**a_payoff(), **members})
    told = problem(answer, 422, "invalid")
    assert sorted(faulty_fields(told)) == sorted(fields)
    assert told["field"] in fields and told["detail"].startswith(told["field"])
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "name", ["loan_number", "payoff_date", "reason", "voluntary", "requester"]
)
def test_what_is_missing_is_named(api: Api, name: str) -> None:
    body = {given: value for given, value in a_payoff().items() if given != name}
    told = problem(api.as_().post("/payoff", body), 422, "invalid")
    assert told["errors"] == [{"field": name, "detail": "give this member"}]


@pytest.mark.parametrize("body", [[], [a_payoff()], "c4n4ry", 7, 1.5, True, None], ids=str)
def test_a_body_that_is_no_object_is_refused(api: Api, body: Any) -> None:
    for path in ("/payoff", "/resource"):
        answer = api.as_().post(path, body)
        assert faulty_fields(problem(answer, 422, "invalid")) == ["body"]
        assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"name": "c4n4ry" * 40}, "name"),
        ({"attributes": []}, "attributes"),
        ({"attributes": "c4n4ry"}, "attributes"),
        ({"attributes": {"c": 2**53}}, "attributes.c"),
        ({"attributes": {"c": [{"d": -(2**63)}]}}, "attributes.c.0.d"),
        ({"attributes": {f"n{n}": n for n in range(101)}}, "attributes"),
        ({"description": ""}, "description"),
        ({"description": 7}, "description"),
        ({"id": "c4n4ry"}, "id"),
        ({"version": "1"}, "version"),
        ({"created_at": "c4n4ry"}, "created_at"),
    ],
)
def test_a_resource_with_a_fault_is_refused_by_the_name_of_the_field(
    api: Api, members: dict[str, Any], field: str
) -> None:
    answer = api.as_().post("/resource", a_resource(**members))
    assert faulty_fields(problem(answer, 422, "invalid")) == [field]
    assert CANARY not in answer.text


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\x9f"])
def test_a_control_character_is_refused_by_the_name_of_the_field(
    api: Api, character: str
) -> None:
    session, text = api.as_(), f"a@{character}c4n4ry"
    told = f"take out the control character U+{ord(character):04X}"
    bodies = {
        "name": ("/resource", a_resource(name=text)),
        "description": ("/resource", a_resource(description=text)),
        "comments": ("/payoff", a_payoff(comments=text)),
        "requester.name": ("/payoff", a_payoff(requester={"name": text})),
        **{f"requester.{member}": ("/payoff", a_payoff(requester={"name": "x", member: text}))
           for member in ("email", "phone", "role")},
    }
    for field, (path, body) in bodies.items():
        answer = session.post(path, body)
        (fault,) = problem(answer, 422, "invalid")["errors"]
        assert (fault["field"], fault["detail"]) == (field, told)
        assert CANARY not in answer.text


def nested(depth: int) -> bytes:
    """Give a resource whose body is nested so deep."""
    inner = depth - 2
    return b'{"name":"x","attributes":{"a":' + b"[" * inner + b"]" * inner + b"}}"


MALFORMED = {
    "NaN": b'{"name":"x","attributes":{"n":NaN}}',
    "Infinity": b'{"name":"x","attributes":{"n":Infinity}}',
    "-Infinity": b'{"name":"x","attributes":{"n":-Infinity}}',
    "1e400": b'{"name":"x","attributes":{"n":1e400}}',
    "-1e400": b'{"name":"x","attributes":{"n":-1e400}}',
    "digits": b'{"name":"x","attributes":{"n":' + b"9" * 10_000 + b"}}",
    "surrogate": b'{"name":"c4n4ry\\ud800"}',
    "surrogate in a name": b'{"name":"x","attributes":{"\\udfff":1}}',
    "surrogate bytes": b'{"name":"\xed\xa0\x80"}',
    "depth 33": nested(33),
    "depth 100,000": b"[" * 100_000,
    "depth 100,000, closed": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "duplicate": b'{"name":"c4n4ry","name":"x"}',
    "duplicate by escape": b'{"name":"c4n4ry","n\\u0061me":"x"}',
    "duplicate inside": b'{"name":"x","attributes":{"a":1,"a":1}}',
    "BOM": b'\xef\xbb\xbf{"name":"x"}',
    "UTF-16": '{"name":"x"}'.encode("utf-16"),
    "UTF-32": '{"name":"x"}'.encode("utf-32-le"),
    "Latin-1": b'{"name":"c4n4ry\xe9"}',
    "overlong": b'{"name":"\xc0\x80"}',
    "NUL": b'{"name":"c4n4ry\x00"}',
    "control": b'{"name":"c4n4ry\n"}',
    "empty": b"",
    "blank": b"   ",
    "cut": b'{"name":"c4n4ry"',
    "two": b'{"name":"x"}{"name":"c4n4ry"}',
    "comma": b'{"name":"x",}',
    "comment": b'{"name":"x"}//c4n4ry',
    "single quotes": b"{'name':'c4n4ry'}",
    "leading zero": b'{"name":"x","attributes":{"n":01}}',
    "word": b"c4n4ry",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_is_no_strict_json_is_refused(api: Api, name: str) -> None:
    session = api.as_()
    for method, path in (("POST", "/resource"), ("POST", "/payoff")):
        answer = session.send(method, path, content=MALFORMED[name])
        assert faulty_fields(problem(answer, 400, "malformed-request")) == ["body"]
        assert CANARY not in answer.text


@pytest.mark.parametrize("name", MALFORMED)
def test_a_patch_that_is_no_strict_json_is_refused(memory_api: Api, name: str) -> None:
    session, record = memory_api.as_(), made(memory_api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    for method in ("PUT", "PATCH"):
        answer = session.send(method, path, content=MALFORMED[name], headers=etag(record))
        assert faulty_fields(problem(answer, 400, "malformed-request")) == ["body"]
    assert session.get(path).json() == record


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain", "application/xml", "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded", "", "json", "application/jsonp",
        "application/json; charset=utf-16", "application/json; charset=iso-8859-1",
        "application/merge-patch+json", "application/problem+json", "*/*", "c4n4ry",
    ],
)
def test_a_body_that_is_not_declared_as_json_is_refused(api: Api, media_type: str) -> None:
    answer = api.as_().post("/resource", a_resource(), headers={"content-type": media_type})
    assert faulty_fields(problem(answer, 415, "unsupported-media-type")) == ["Content-Type"]
    assert CANARY not in answer.text


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "c4n4ry"])
def test_an_encoded_body_is_refused(memory_api: Api, encoding: str) -> None:
    answer = memory_api.as_().post(
        "/resource", a_resource(), headers={"content-encoding": encoding}
    )
    assert faulty_fields(problem(answer, 415, "unsupported-media-type")) == ["Content-Encoding"]


async def chunks(size: int) -> AsyncIterator[bytes]:
    """Send so many bytes without saying before how many they are."""
    for start in range(0, size, 64 * 1024):
        yield b"x" * min(64 * 1024, size - start)


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_a_body_of_more_than_1_mb_is_refused(api: Api, chunked: bool) -> None:
    body = chunks(MOST + 1) if chunked else b"x" * (MOST + 1)
    problem(api.as_().post("/resource", content=body), 413, "too-large")


def test_a_body_that_is_shorter_than_announced_by_far_is_not_waited_for(api: Api) -> None:
    answer = api.as_().post("/resource", content=b"{}", headers={"content-length": str(MOST + 1)})
    problem(answer, 413, "too-large")


@pytest.mark.parametrize("length", ["abc", "-1", "1.5", "0x10", "+2", " "])
def test_a_length_that_is_no_number_is_refused(memory_api: Api, length: str) -> None:
    answer = memory_api.as_().post("/resource", content=b"{}", headers={"content-length": length})
    assert faulty_fields(problem(answer, 400, "malformed-request")) == ["Content-Length"]


@pytest.mark.parametrize("digits", [19, 21, 5000])
def test_a_length_of_any_number_of_digits_is_too_large(memory_api: Api, digits: int) -> None:
    headers = {"content-length": "9" * digits}
    answer = memory_api.as_().post("/resource", content=b"{}", headers=headers)
    problem(answer, 413, "too-large")


IDS = ["x", "0", "-1", str(2**63), str(2**64), "00000000-0000-0000-0000-00000000000g", "%00",
       "%27%20OR%201=1", "..%2f..%2fetc", "é", "x" * 5000,
       "{00000000-0000-7000-8000-000000000001}", "urn:uuid:00000000-0000-7000-8000-000000000001",
       "00000000000070008000000000000001"]


@pytest.mark.parametrize("text", IDS, ids=lambda text: str(text)[:20])
def test_an_id_that_does_not_parse_is_refused(memory_api: Api, text: str) -> None:
    session, version = memory_api.as_(), {"if-match": '"1"'}
    for path, field in (
        ("/payoff", "payoff_id"), ("/resource", "resource_id"), ("/audit", "record_id"),
    ):
        answer = session.get(f"{path}/{text}")
        if "%2f" in text:
            problem(answer, 404, "not-found")
        else:
            assert faulty_fields(problem(answer, 422, "invalid")) == [field]
    for method, path, body in (
        ("PATCH", "/payoff", {"status": "quoted"}), ("PUT", "/resource", a_resource()),
        ("PATCH", "/resource", {}), ("DELETE", "/resource", {}),
    ):
        answer = session.send(method, f"{path}/{text}", body, headers=version)
        assert answer.status_code == (404 if "%2f" in text else 422)


@pytest.mark.parametrize("location", [2**63, 2**63 - 1, 2**64, 10**10, 10**30])
def test_a_location_id_beyond_all_is_refused(api: Api, location: int) -> None:
    told = problem(api.as_().get(f"/location/{location}"), 422, "invalid")
    assert faulty_fields(told) == ["location_id"]
    answer = api.as_().get("/user", params={"location-id": str(location)})
    assert faulty_fields(problem(answer, 400, "invalid-parameter")) == ["location-id"]


def test_an_id_in_capitals_is_the_same_id(memory_api: Api) -> None:
    record = made(memory_api.as_(), "/resource", a_resource())
    assert memory_api.as_().get(f"/resource/{record['id'].upper()}").json() == record


def test_a_great_many_faults_are_told_of_in_few_words(memory_api: Api) -> None:
    body = a_payoff() | {f"member-{n}": n for n in range(20_000)} | {"n" * 50_000: 1}
    answer = memory_api.as_().post("/payoff", body)
    told = problem(answer, 422, "invalid")
    assert len(told["errors"]) == 50 and "(20001 faults in all)" in told["detail"]
    answer = memory_api.as_().post("/payoff", a_payoff() | {"n" * 50_000: 1})
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    "name", ["content-type", "content-length", "if-match", "idempotency-key", "authorization"]
)
def test_a_header_that_may_come_once_is_refused_twice(memory_api: Api, name: str) -> None:
    session = memory_api.as_()
    record = made(session, "/resource", a_resource())
    method, path = ("POST", "/resource") if name == "idempotency-key" else (
        "PUT", f"/resource/{record['id']}"
    )
    once = {
        "authorization": f"Bearer {session.token()}", "content-type": "application/json",
        "if-match": '"1"', "idempotency-key": "once",
    }
    body = json.dumps(a_resource("x")).encode()
    twice = [*once.items(), (name, once.get(name, str(len(body))))]
    if name == "content-length":
        twice.append((name, str(len(body))))
    answer = memory_api.send(method, f"/api/v1{path}", headers=twice, content=body)
    assert answer.status_code in (400, 401)
    assert session.get(f"/resource/{record['id']}").json() == record


@pytest.mark.parametrize("path", ["/", "/nothing", "/api", "/api/", "/api/v2/payoff", "/metrics"])
def test_a_path_that_is_none_gets_a_problem_too(memory_api: Api, path: str) -> None:
    answer = memory_api.send("GET", path)
    if path.startswith("/api/"):
        problem(answer, 401, "unauthenticated")
    else:
        problem(answer, 404, "not-found")


def test_a_method_that_health_has_not_gets_a_problem_too(memory_api: Api) -> None:
    answer = memory_api.send("POST", "/health/ready")
    problem(answer, 405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


def test_the_longest_body_that_is_allowed_is_read(memory_api: Api) -> None:
    body = json.dumps(a_resource()).encode()
    answer = memory_api.as_().post("/resource", {"x": 1}, headers={"x-padding": "1"})
    problem(answer, 422, "invalid")
    padded = body + b" " * (MOST - len(body))
    answer = memory_api.as_().post("/resource", content=padded)
    assert answer.status_code == 201
    for depth, status in ((32, 201), (33, 400)):
        assert memory_api.as_().post("/resource", content=nested(depth)).status_code == status


def test_the_day_after_the_last_possible_one_is_refused_in_words(memory_api: Api) -> None:
    answer = memory_api.as_().post("/payoff", a_payoff(LOANS[1], payoff_date="2027-07-05"))
    told = problem(answer, 422, "invalid")
    assert told["errors"] == [{"field": "payoff_date", "detail": "give a day not after 2027-07-04"}]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
NAMES = [*a_payoff(), *a_resource(), "id", "status", "version", "fees", "total", "created_at"]


@settings(max_examples=150)
@given(body=st.dictionaries(st.sampled_from(NAMES) | st.text(), ANY_JSON), whole=ANY_JSON)
def test_whatever_json_is_sent_is_not_our_mistake(api: Api, body: Any, whole: Any) -> None:
    session = api.as_()
    for path, sent in (
        ("/payoff", a_payoff() | body | {"no_such_member": 1}),
        ("/resource", a_resource() | body | {"no_such_member": 1}),
        ("/payoff", whole),
        ("/payoff", [whole]),
    ):
        answer = session.post(path, sent)
        assert answer.status_code in (400, 422), answer.text
        problem(answer, answer.status_code, answer.json()["type"].rpartition(":")[2])


@settings(max_examples=150)
@given(body=st.binary())
def test_whatever_bytes_are_sent_are_not_our_mistake(api: Api, body: bytes) -> None:
    answer = api.as_().post("/payoff", content=body)
    assert answer.status_code in (400, 422), answer.text


@settings(max_examples=150)
@given(part=st.text(min_size=1))
def test_whatever_key_is_asked_for_is_not_our_mistake(api: Api, part: str) -> None:
    session = api.as_()
    for path in ("/payoff", "/resource", "/location", "/user", "/country", "/holiday", "/audit"):
        answer = session.get(f"{path}/{quote(part, safe='')}")
        assert answer.status_code in (200, 404, 422), answer.text
