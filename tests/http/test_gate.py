"""The gate knows, limits and allows every caller before a body is read."""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from entrypoints.settings import RATE_LIMITS
from tests.http.serving import (
    API,
    STORES,
    Api,
    Session,
    a_payoff,
    a_resource,
    etag,
    made,
    problem,
)


def limited(serve: Callable[..., Api], store: str = "memory", **limits: str) -> Api:
    """Serve with some limits that differ."""
    return serve(store, rate_limits=RATE_LIMITS | limits)


def with_authorization(api: Api, *values: str, method: str = "GET") -> httpx.Response:
    """Send these Authorization headers."""
    headers = [("authorization", value) for value in values]
    return api.send(method, f"{API}/payoff", headers=headers)


def foreign(session: Session) -> str:
    """Give a token of a client that nobody registered."""
    header, payload, signature = session.token().split(".")
    told = json.loads(base64.urlsafe_b64decode(header + "=="))
    other = json.dumps(told | {"kid": "stranger-000000"}).encode()
    return ".".join((base64.urlsafe_b64encode(other).decode().rstrip("="), payload, signature))


def bad_authorizations(api: Api) -> dict[str, tuple[str, ...]]:
    """Give headers that prove nothing."""
    session = api.as_()
    good = session.token()
    head, payload, _ = good.split(".")
    other = api.as_("batch").token()
    now = int(api.clock.seconds())
    return {
        "none": (),
        "empty": ("",),
        "basic": ("Basic dXNlcjpwYXNz",),
        "no token": ("Bearer ",),
        "garbled": ("Bearer x.y.z",),
        "not ours": ("Bearer " + foreign(session),),
        "cut": ("Bearer " + good[:-2],),
        "longer": (f"Bearer {good}A",),
        "other signature": ("Bearer " + ".".join((head, payload, other.rpartition(".")[2])),),
        "no signature": (f"Bearer {head}.{payload}.",),
        "lower case": (f"bearer {good}",),
        "two tokens": (f"Bearer {good}", f"Bearer {good}"),
        "expired": ("Bearer " + session.token(lifetime=60, age=61),),
        "from the future": ("Bearer " + session.token(age=-3600),),
        "lives too long": ("Bearer " + session.signed(exp=now + 3600),),
        "no exp": ("Bearer " + session.signed(exp=None),),
        "other audience": ("Bearer " + session.signed(aud="loapi-production"),),
        "other issuer": ("Bearer " + session.signed(iss="lx"),),
        "no jti": ("Bearer " + session.signed(jti=None),),
        "no context": ("Bearer " + session.signed(request_context=None),),
        "other method": ("Bearer " + session.signed(htm="DELETE"),),
        "other path": ("Bearer " + session.signed(htu="http://loapi.test/api/v1/user"),),
        "wrong psk": ("Bearer " + session.signed(psk="x" * 40),),
        "8 KB": ("Bearer " + session.signed(extra="x" * 8192),),
    }


def test_a_caller_who_is_not_proven_gets_one_answer_whatever_is_wrong(api: Api) -> None:
    answers = {
        name: with_authorization(api, *values) for name, values in bad_authorizations(api).items()
    }
    bodies = set()
    for answer in answers.values():
        document = problem(answer, 401, "unauthenticated")
        del document["instance"]
        bodies.add(json.dumps(document))
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "etag" not in answer.headers and "ratelimit" not in answer.headers
    assert len(bodies) == 1


def test_a_token_that_names_its_request_is_good_for_that_request(api: Api) -> None:
    session = api.as_()
    for claims in (
        {"htm": "GET"}, {"htu": "http://loapi.test/api/v1/payoff"}, {"htu": f"{API}/payoff/"},
        {"psk": api.keys["prepay"].key}, {"sub": "prepay"}, {"nbf": int(api.clock.seconds())},
    ):
        assert session.get("/payoff", token=session.signed(**claims)).status_code == 200, claims


def test_a_token_that_names_its_body_is_good_for_that_body(api: Api) -> None:
    session = api.as_()
    sent = json.dumps(a_resource()).encode()
    token = session.signed(body_sha256=sha256(sent).hexdigest())
    problem(session.post("/resource", {"name": "x"}, token=token), 401, "unauthenticated")
    assert session.post("/resource", content=sent, token=token).status_code == 201


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body_is_not_read_before_the_caller_is_proven(memory_api: Api, method: str) -> None:
    for token in (None, "x.y.z", memory_api.as_("origination").token()):
        path = f"{API}/payoff" if method == "POST" else f"{API}/resource/x"
        sent = memory_api.run(unread(memory_api, method, path, token))
        assert sent[0]["status"] == (403 if token and len(token) > 10 else 401)


async def unread(
    api: Api, method: str, path: str, token: str | None
) -> list[Mapping[str, Any]]:
    """Send a request whose body must not be asked for, and give what comes back."""
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        raise AssertionError("the body was asked for")

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"17")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("loapi.test", 80),
        "root_path": "",
    }
    await api.app(scope, receive, send)  # type: ignore[arg-type]  # a message is a mutable mapping
    return sent


def test_a_client_needs_the_scope_of_what_it_asks_for(api: Api) -> None:
    session = api.as_("origination")
    record = made(api.as_(), "/resource", a_resource())
    for method, path, scope in (
        ("GET", "/payoff", "payoff:read"), ("POST", "/payoff", "payoff:write"),
        ("GET", "/audit", "audit:read"), ("GET", "/resource", "resource:read"),
        ("DELETE", f"/resource/{record['id']}", "resource:write"),
    ):
        told = problem(session.send(method, path), 403, "forbidden")
        assert told["detail"] == f"This needs the scope '{scope}'."
    assert session.get("/location").status_code == 200


def test_a_token_must_name_a_user_where_one_is_needed(api: Api) -> None:
    session = api.as_(user=None)
    for path in ("/payoff", "/resource", "/location", "/user"):
        told = problem(session.get(path), 400, "missing-context")
        assert told["field"] == "request_context.user_id"
    problem(session.post("/payoff", a_payoff()), 400, "missing-context")
    for path in ("/country", "/audit"):
        assert session.get(path).status_code == 200


@pytest.mark.parametrize("user", ["U1006", "U1007", "U1008", "U4242"])
def test_a_user_who_is_not_active_may_not_act(api: Api, user: str) -> None:
    session = api.as_(user=user)
    told = [
        problem(answer, 403, "forbidden")["detail"]
        for answer in (session.get("/payoff"), session.post("/payoff", a_payoff()))
    ]
    assert told == ["The user in request_context is not an active user."] * 2


@pytest.mark.parametrize("location", [900201, 90301, 1])
def test_a_user_may_act_at_the_own_locations_only(api: Api, location: int) -> None:
    session = api.as_(location=location)
    problem(session.get("/payoff"), 403, "forbidden")
    problem(session.post("/payoff", a_payoff()), 403, "forbidden")


def test_a_token_works_for_one_write(api: Api) -> None:
    session = api.as_()
    token = session.token()
    first = session.post("/resource", a_resource(), token=token)
    assert first.status_code == 201
    again = session.post("/resource", a_resource("second"), token=token)
    problem(again, 401, "token-replayed")
    assert again.headers["www-authenticate"] == "Bearer"
    record = first.json()
    again = session.delete(f"/resource/{record['id']}", token=token, headers=etag(record))
    problem(again, 401, "token-replayed")
    assert session.all("/resource") == [record]


def test_a_token_works_for_any_number_of_reads(api: Api) -> None:
    session = api.as_()
    token = session.token()
    statuses = [session.get("/resource", token=token).status_code for _ in range(3)]
    statuses.append(session.post("/resource", a_resource(), token=token).status_code)
    statuses.append(session.get("/resource", token=token).status_code)
    assert statuses == [200, 200, 200, 201, 200]


def test_a_write_that_is_refused_does_not_spend_its_token(api: Api) -> None:
    session = api.as_()
    token = session.token()
    problem(session.post("/resource", {}, token=token), 422, "invalid")
    assert session.post("/resource", a_resource(), token=token).status_code == 201


def test_a_client_may_be_allowed_to_write_with_one_token_until_it_expires(api: Api) -> None:
    session = api.as_("batch")
    token = session.token()
    for _ in range(3):
        assert session.post("/resource", a_resource(), token=token).status_code == 201
    api.clock.forward(timedelta(seconds=301))
    problem(session.post("/resource", a_resource(), token=token), 401, "unauthenticated")


def test_of_many_writes_at_once_with_one_token_one_happens(api: Api) -> None:
    session = api.as_()
    headers = {
        "authorization": f"Bearer {session.token()}", "content-type": "application/json",
    }
    body = json.dumps(a_resource())

    async def many() -> list[httpx.Response]:
        calls = (
            api.sending("POST", f"{API}/resource", headers=headers, content=body) for _ in range(8)
        )
        return list(await asyncio.gather(*calls))

    assert sorted(answer.status_code for answer in api.run(many())) == [201] + [401] * 7
    assert len(session.all("/resource")) == 1


@pytest.mark.parametrize("given", ["request-0001", "a" * 64, "A.b_c-9.9.9"])
def test_a_request_id_is_given_back(memory_api: Api, given: str) -> None:
    answer = memory_api.as_().get("/country", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given
    assert memory_api.log[-1]["request_id"] == given
    refused = memory_api.send("GET", f"{API}/payoff", headers={"x-request-id": given})
    assert problem(refused, 401, "unauthenticated")["instance"].endswith(given)


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "with space", "ümläut-1234", "a;b;c;d;e"])
def test_a_request_id_that_is_not_well_formed_is_replaced(memory_api: Api, given: str) -> None:
    headers = {"x-request-id": given.encode()}
    session = memory_api.as_()
    answers = [session.get("/country", headers=headers) for _ in range(2)]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2 and given not in ids
    assert all(len(one) == 32 for one in ids)


def test_every_answer_says_that_it_is_not_to_be_stored_nor_sniffed(memory_api: Api) -> None:
    session = memory_api.as_()
    for answer in (
        session.get("/payoff"), session.post("/payoff", a_payoff()), session.get("/none"),
        session.send("OPTIONS", "/payoff"), with_authorization(memory_api),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_neither_the_log_nor_the_answers_tell_a_token_or_a_key(memory_api: Api) -> None:
    session = memory_api.as_()
    token = session.token()
    answers = [session.get("/payoff?status=quoted", token=token)]
    answers.append(session.post("/payoff", a_payoff(), token=token))
    answers.append(session.post("/payoff", {"x": token}))
    told = json.dumps(list(memory_api.log)) + "".join(answer.text for answer in answers[::2])
    for secret in (token, token.rpartition(".")[2], memory_api.keys["prepay"].key, "quoted"):
        assert secret not in told.replace("'quoted'", "")


@pytest.mark.parametrize("store", STORES)
def test_writes_beyond_the_limit_are_refused(serve: Callable[..., Api], store: str) -> None:
    api = limited(serve, store, write="2/minute")
    session = api.as_()
    answers = [session.post("/resource", a_resource()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    problem(answers[-1], 429, "rate-limited")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    for answer, left in zip(answers, (1, 0, 0), strict=True):
        assert '"write";q=2;w=60' in answer.headers["ratelimit-policy"]
        assert answer.headers["ratelimit"].startswith(f'"write";r={left};t=')
    (record,) = api.account_of(answers[-1])
    assert (record["outcome"], record["reason"]) == ("refused", "rate-limited")
    assert session.get("/resource").status_code == 200
    assert api.as_("batch").post("/resource", a_resource()).status_code == 201


def test_each_class_of_routes_has_its_limit(serve: Callable[..., Api]) -> None:
    api = limited(serve, read="1/minute", list="2/minute", audit="1/minute")
    session = api.as_()
    told = {
        path: [session.get(path).status_code for _ in range(3)]
        for path in ("/country/DE", "/country", "/audit")
    }
    assert told == {
        "/country/DE": [200, 429, 429], "/country": [200, 200, 429], "/audit": [200, 429, 429],
    }


def test_a_client_and_each_of_its_users_have_their_limits(serve: Callable[..., Api]) -> None:
    api = limited(serve, user="2/minute", client="5/minute")
    statuses = [
        api.as_(user=user).get("/country").status_code
        for user in ("U1001", "U1001", "U1001", "U1002", "U1002", "U1003")
    ]
    assert statuses == [200, 200, 429, 200, 200, 429]


def test_failed_authentication_is_limited_for_each_address(serve: Callable[..., Api]) -> None:
    api = limited(serve, failed="3/minute")
    path = f"{API}/payoff"
    statuses = [api.send("GET", path, address="192.0.2.1").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    refused = api.send("GET", path, address="192.0.2.1")
    problem(refused, 429, "rate-limited")
    assert refused.headers["retry-after"]
    assert api.send("GET", path, address="192.0.2.2").status_code == 401
    assert api.as_().get("/payoff").status_code == 200


def test_good_tokens_are_not_counted_as_failures(serve: Callable[..., Api]) -> None:
    api = limited(serve, failed="1/minute")
    assert {api.as_().get("/country").status_code for _ in range(4)} == {200}


def keyed(session: Session, key: str, body: Any, path: str = "/resource") -> httpx.Response:
    """Post under an idempotency key."""
    return session.post(path, body, headers={"idempotency-key": key})


@pytest.mark.parametrize(
    ("path", "body"), [("/resource", a_resource()), ("/payoff", a_payoff())]
)
def test_the_same_request_under_the_same_key_is_answered_alike(
    api: Api, path: str, body: dict[str, Any]
) -> None:
    session = api.as_()
    first = keyed(session, "key-1", body, path)
    again = keyed(session, "key-1", body, f"{path}/")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert session.all(path) == [first.json()]
    assert len(api.account_of(first)) == 1


def test_a_change_can_be_sent_again_under_its_key_though_its_version_has_gone(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/resource", a_resource())
    path = f"/resource/{record['id']}"
    calls: list[tuple[str, dict[str, Any], int]] = [
        ("PATCH", {"name": "second"}, 1), ("PUT", a_resource("third"), 2), ("DELETE", {}, 3),
    ]
    for method, body, version in calls:
        headers = {"if-match": f'"{version}"', "idempotency-key": method}
        first, again = (session.send(method, path, body, headers=headers) for _ in range(2))
        assert first.is_success and "idempotency-replayed" not in first.headers
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["idempotency-replayed"] == "true"
    changes = api.records(entity=f"resource/{record['id']}")
    assert [entry["action"] for entry in changes] == [
        "resource.remove", "resource.replace", "resource.amend", "resource.create",
    ]


def test_another_request_under_the_same_key_is_refused(api: Api) -> None:
    session = api.as_()
    first = keyed(session, "key-1", a_resource())
    problem(keyed(session, "key-1", a_resource("other")), 422, "key-reused")
    problem(keyed(session, "key-1", a_payoff(), "/payoff"), 422, "key-reused")
    assert session.all("/resource") == [first.json()]
    assert session.all("/payoff") == []


def test_a_key_gives_no_user_the_answer_of_another(api: Api) -> None:
    keyed(api.as_(), "key-1", a_payoff(), "/payoff")
    problem(keyed(api.as_(user="U1003"), "key-1", a_payoff(), "/payoff"), 422, "key-reused")


def test_the_keys_of_clients_are_their_own(api: Api) -> None:
    mine = keyed(api.as_(), "key-1", a_resource())
    theirs = keyed(api.as_("batch"), "key-1", a_resource())
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_key_whose_request_was_refused_is_free(api: Api) -> None:
    session = api.as_()
    problem(keyed(session, "key-1", {}), 422, "invalid")
    assert keyed(session, "key-1", a_resource()).status_code == 201


def test_a_key_is_kept_for_a_day(api: Api) -> None:
    session = api.as_()
    first = keyed(session, "key-1", a_resource())
    api.clock.forward(timedelta(hours=23))
    assert keyed(session, "key-1", a_resource()).json() == first.json()
    api.clock.forward(timedelta(hours=2))
    assert keyed(session, "key-1", a_resource()).json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "tab\there", "ü"])
def test_a_key_that_is_malformed_is_refused(api: Api, key: str) -> None:
    answer = api.as_().post(
        "/resource", a_resource(), headers={"idempotency-key": key.encode()}
    )
    assert problem(answer, 400, "malformed-request")["field"] == "Idempotency-Key"
    assert api.as_().all("/resource") == []


@pytest.mark.parametrize("key", ["x", "!~", "x" * 255])
def test_a_key_may_be_any_visible_text(memory_api: Api, key: str) -> None:
    assert keyed(memory_api.as_(), key, a_resource()).status_code == 201


def test_every_refused_write_is_recorded_with_its_reason(api: Api) -> None:
    for values in bad_authorizations(api).values():
        answer = with_authorization(api, *values, method="POST")
        reason = "unauthenticated"
        assert answer.status_code == 401
        (record,) = api.account_of(answer)
        assert (record["outcome"], record["reason"]) == ("refused", reason)
        assert (record["client_id"], record["user_id"]) == (None, None)


@pytest.mark.parametrize("path", ["/payoff/01a207a9-8cf1-70a2-924d-8351decd8209", "/country/US"])
def test_a_query_where_none_is_taken_is_refused(api: Api, path: str) -> None:
    problem(api.as_().get(f"{path}?colour=red"), 400, "invalid-parameter")


def test_unknown_paths_count_against_the_limit_of_the_client(serve: Callable[..., Api]) -> None:
    session = limited(serve, client="2/minute").as_()
    for _ in range(2):
        problem(session.get("/nothing"), 404, "not-found")
    problem(session.get("/nothing"), 429, "rate-limited")


def test_good_tokens_pass_where_bad_ones_have_used_up_the_limit(
    serve: Callable[..., Api],
) -> None:
    api = limited(serve, failed="1/minute")
    assert [api.send("GET", f"{API}/country").status_code for _ in range(2)] == [401, 429]
    assert api.as_().get("/country").status_code == 200
