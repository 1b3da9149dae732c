"""Every route by every kind of caller: the answer follows from what the route declares."""

import asyncio
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.memory.audit import MemoryJournal
from application import clients
from application.ports import Reading
from application.query import Query
from domain.client import Client
from domain.model import Kind
from entrypoints.container import wiring
from entrypoints.container.keys import make_key
from entrypoints.home import StoredKey
from entrypoints.http import needs as needs_module
from entrypoints.http.app import ROUTERS
from entrypoints.http.needs import Needs
from entrypoints.http.table import RouteTable
from entrypoints.stocking import operator, register
from tests.architecture.test_every_mutating_route import EXAMPLES, Example
from tests.http.serving import (
    API,
    KINDS,
    MERGE_PATCH,
    STORES,
    Api,
    Clock,
    Session,
    StockedRunner,
    Template,
    a_payoff,
    a_resource,
    etag,
    made,
    serving,
    settings_for,
    template,
)

HOME = (900101, 900102, 900103)
"""Where U1001 has a place."""
PLACES: Mapping[str | None, tuple[int, ...]] = {
    "U1001": HOME, "U1002": HOME[:2], "U1003": (900201, 900202), "U1010": (),
}
"""The places of those who are active; nobody else may act."""

RECORD = "00000000-0000-7000-8000-000000000000"
"""The id of a record that is not there."""


@dataclass(frozen=True, kw_only=True)
class Who:
    """A kind of caller."""

    scopes: Sequence[str] = clients.SCOPES
    client: str = "all"
    user: str | None = "U1001"
    location: int | None = None
    proof: str = "right"
    """Whether the token proves anything, or how it fails to."""


WHO: Mapping[str, Who] = {
    "one who may do everything": Who(),
    "one without a token": Who(proof="none"),
    "one with another scheme": Who(proof="basic"),
    "one with a wrong key": Who(proof="wrong"),
    "one with another client's key": Who(proof="swapped"),
    "one with a revoked key": Who(client="gone"),
    "one with a pending key": Who(client="early"),
    "one with an expired token": Who(proof="expired"),
    **{f"one without {scope}": Who(
        client=f"not-{scope}", scopes=[one for one in clients.SCOPES if one != scope],
    ) for scope in clients.SCOPES},
    **{f"one with only {scope}": Who(client=f"only-{scope}", scopes=[scope])
       for scope in clients.SCOPES},
    "one with no scope at all": Who(client="no-scope", scopes=[]),
    "one who names no user": Who(user=None),
    "one who names no user but a place": Who(user=None, location=900101),
    "an unknown user": Who(user="U9999"),
    "a suspended user": Who(user="U1006"),
    "a disabled user": Who(user="U1007"),
    "a pending user": Who(user="U1008"),
    "a user at one of the user's places": Who(location=900102),
    "a user where the record belongs": Who(location=900101),
    "a user where only the user has a place": Who(location=900103),
    "a colleague at one of the colleague's places": Who(user="U1002", location=900102),
    "a user at another's place": Who(location=900201),
    "a user at no place that there is": Who(location=999999),
    "a colleague": Who(user="U1002"),
    "a user without places": Who(user="U1010"),
    "a user without places, at one": Who(user="U1010", location=900101),
    "a user of other places": Who(user="U1003"),
    "a user of other places, at one": Who(user="U1003", location=900201),
    "another client for the same user": Who(client="other"),
    "another client for another user": Who(client="other", user="U1003"),
}

UNPROVEN = {"gone", "early"}


@dataclass(frozen=True)
class Operation:
    """A method of a path, with what it needs."""

    method: str
    template: str
    needs: Needs

    @property
    def family(self) -> str:
        """The resource that the path belongs to."""
        return self.template.removeprefix(API).split("/")[1]

    @property
    def of_one(self) -> bool:
        """Whether the path names a record."""
        return self.template.endswith("}")


OPERATIONS = {
    f"{method} {place.template.removeprefix(API)}": Operation(method, place.template, entry.needs)
    for place in RouteTable(ROUTERS).places()
    for listed, entry in place.entries.items()
    for method in ([listed, "HEAD"] if listed == "GET" else [listed])
}


def places_of(who: Who) -> tuple[int, ...]:
    """Give the places that a caller's user may see: only the one that the token names, if any."""
    known = PLACES.get(who.user, ())
    return known if who.location is None else tuple(p for p in known if p == who.location)


def everyone(_who: Who) -> bool:
    """Show it to everyone with the scope."""
    return True


def those_of_its_place(who: Who) -> bool:
    """Show it to those who have a place where it belongs, at 900101."""
    return 900101 in places_of(who)


def those_who_share_a_place(who: Who) -> bool:
    """Show a person, U1002, to those who have a place where the person has one."""
    return bool({*places_of(who)} & {*PLACES["U1002"]})


SEES: Mapping[str, Callable[[Who], bool]] = {
    "resource": lambda who: who.client == "all",
    "payoff": those_of_its_place,
    "location": those_of_its_place,
    "user": those_who_share_a_place,
    "country": everyone,
    "holiday": everyone,
    "business-day": everyone,
    "franchise": everyone,
    "naics-code": everyone,
    "audit": everyone,
}
"""Who may see the record that each family is tried with, scopes aside."""

LACKS_THE_ROLE = {"payoff.move": {"U1002"}}
"""Who sees the record and may not do this with it: the example is a step of the servicer's."""

SHOWN = {"resource": "canary", "payoff": "canary", "location": "101 Invented Street",
         "user": "Okafor"}
"""What the record holds that nobody else may learn."""


def verdict(operation: Operation, who: Who) -> str:
    """Derive what a caller gets from what the route declares: a problem's word, or "yes"."""
    needs = operation.needs
    if who.proof != "right" or who.client in UNPROVEN:
        return "unauthenticated"
    if needs.scope not in who.scopes:
        return "forbidden"
    if needs.user and who.user is None or needs.location and who.location is None:
        return "missing-context"
    # Who is named has to be active and at a place of theirs, whatever is asked.
    named = who.user is not None
    if named and (who.user not in PLACES or who.location not in (None, *places_of(who))):
        return "forbidden"
    addressed = operation.of_one or operation.needs.action == "payoff.request"
    if addressed and not SEES[operation.family](who):
        return "not-found"
    return "forbidden" if lacks_the_role(operation, who) else "yes"


def names_a_place(who: Who) -> bool:
    """Tell whether a caller differs from others in the user or the place that the token names."""
    return who.proof == "right" and who.client == "all"


def lacks_the_role(operation: Operation, who: Who) -> bool:
    """Tell whether a caller who sees the record may not do this with it."""
    return who.user in LACKS_THE_ROLE.get(operation.needs.action, ())


STATUS = {"unauthenticated": 401, "forbidden": 403, "missing-context": 400, "not-found": 404}


def _all(reading: Reading, kind: type[Kind]) -> Sequence[Kind]:
    return reading.find(kind, Query(limit=1_000_000)).items


def crowded(store: str, stocked: Template, folder: Path) -> Template:
    """Give a template in which every client of the matrix is registered beside the usual ones."""
    settings = settings_for(folder)
    if store == "sqlite":
        shutil.copy(stocked.file, folder / "loapi.db")
    container = wiring.build(settings)
    runner: Any = StockedRunner(Clock(), MemoryJournal(), stocked.records)
    if store == "sqlite":
        runner = container.runner()
    scopes = {who.client: tuple(who.scopes) for who in WHO.values()}

    async def enrol() -> dict[str, StoredKey]:
        made_keys = {}
        for name, allowed in scopes.items():
            client = Client(client_id=name, scopes=allowed)
            made_keys[name] = await register(runner, container.sealer(), settings, client)
        await runner.write(operator("client.revoke"), clients.revoke, made_keys["gone"].key_id)
        await runner.write(operator("client.pend"), _pend, made_keys["early"].key_id)
        return made_keys

    try:
        keys = asyncio.run(enrol())
        records = [
            one for kind in KINDS for one in asyncio.run(runner.read(_all, kind))
        ] if store == "memory" else ()
    finally:
        runner.close()
        container.database().close()
    return Template({**stocked.keys, **keys}, folder / "loapi.db", records)


def _pend(work: Any, key_id: str) -> None:
    held = clients.holder(work, key_id)
    assert held is not None
    work.change(replace(held[1], state=type(held[1].state).PENDING))


LIMITS = {name: "1000000/minute" for name in (
    "client", "user", "read", "list", "write", "audit", "failed",
)}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """Give the stocked template of a store; each is made once."""

    @cache
    def of(store: str) -> Template:
        plain = template(store, tmp_path_factory.mktemp(store))
        return crowded(store, plain, tmp_path_factory.mktemp(f"crowded-{store}"))

    return of


@pytest.fixture(scope="module", params=STORES)
def api(
    request: pytest.FixtureRequest,
    stocked: Callable[[str], Template],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """Serve each store, with limits that so many bad tokens do not reach."""
    folder = tmp_path_factory.mktemp("matrix")
    with serving(request.param, stocked(request.param), folder, rate_limits=LIMITS) as served:
        yield served


@pytest.fixture(scope="module")
def placed(
    stocked: Callable[[str], Template], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """Serve with every route that needs a user needing a location too, as none of ours does."""
    folder, declared = tmp_path_factory.mktemp("placed"), vars(needs_module)["_NEEDS"]
    with pytest.MonkeyPatch.context() as patch:
        for endpoint, needs in tuple(declared.items()):
            patch.setitem(declared, endpoint, replace(needs, location=needs.user))
        table = RouteTable(ROUTERS)
        patch.setattr("entrypoints.http.app.RouteTable", lambda _routers: table)
        with serving("memory", stocked("memory"), folder, rate_limits=LIMITS) as served:
            yield served


@pytest.fixture(autouse=True)
def no_open_payoff(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test has opened, so that the next one finds its loan free."""
    yield
    if "payoff" not in request.node.name:
        return
    api: Api = request.getfixturevalue(
        "placed" if "placed" in request.fixturenames else "api"
    )
    session = keeper(api)
    for payoff in session.all("/payoff", **{"status": ["requested", "quoted"]}):
        path = f"/payoff/{payoff['id']}"
        assert session.patch(path, {"status": "cancelled"}, headers=etag(payoff)).status_code == 200


def keeper(api: Api) -> Session:
    """Give the session of who makes and closes the records, where they belong."""
    return api.as_("all", location=900101)


def session_of(api: Api, who: Who) -> Session:
    """Give a session as a caller."""
    return Session(api, who.client, who.user, who.location)


def ask(api: Api, operation: Operation, who: Who, example: Example) -> httpx.Response:
    """Send an example's request as a caller."""
    session = session_of(api, who)
    headers = {"authorization": f"Bearer {session.token()}", **example.headers}
    if who.proof == "none":
        del headers["authorization"]
    elif who.proof == "basic":
        headers["authorization"] = headers["authorization"].replace("Bearer", "Basic")
    elif who.proof == "expired":
        headers["authorization"] = f"Bearer {session.token(lifetime=60, age=120)}"
    elif who.proof in ("wrong", "swapped"):
        own = api.keys[who.client]
        key = make_key("test", "x") if who.proof == "wrong" else api.keys["other"].key
        forged = replace(api, keys={who.client: StoredKey(who.client, own.key_id, key)})
        headers["authorization"] = f"Bearer {session_of(forged, who).token()}"
    body: dict[str, Any] = {}
    if example.body is not None:
        body["content"] = json.dumps(example.body)
        headers["content-type"] = "application/json"
        if operation.method == "PATCH":
            headers["content-type"] = MERGE_PATCH
    return api.send(operation.method, API + example.path, headers=headers, **body)


def example_of(api: Api, operation: Operation) -> Example:
    """Give a request of an operation that succeeds for who may do everything."""
    session, family = keeper(api), operation.family
    if operation.needs.action in EXAMPLES and not operation.of_one:
        return EXAMPLES[operation.needs.action](session)
    record = canary(api, family)
    if not operation.of_one:
        return Example(f"/{family}", None)
    if operation.needs.action in EXAMPLES:
        usual = EXAMPLES[operation.needs.action]
        return Example(f"/{family}/{record['id']}", _body(usual, record, family), record)
    name = operation.template.rpartition("{")[2].removesuffix("}")
    known = {"country": "alpha2", "location": "location_id", "user": "user_id"}
    field = known.get(family, name if name in record else "code" if "code" in record else "id")
    return Example(f"/{family}/{record[field]}", None)


def _body(usual: Callable[[Any], Example], record: dict[str, Any], family: str) -> Any:
    """Give the body of an example without making the record that comes with it."""

    class Maker:
        """Stands for a session; what it makes is there already."""

        def post(self, _path: str, _body: Any) -> httpx.Response:
            """Give the record that there is."""
            return httpx.Response(201, json=record)

    assert family in ("resource", "payoff")
    return usual(Maker()).body


def canary(api: Api, family: str) -> dict[str, Any]:
    """Give a record of a family; what can be made is made afresh."""
    session = keeper(api)
    if family == "resource":
        return made(session, "/resource", a_resource(f"canary-{secrets.token_hex(4)}"))
    if family == "payoff":
        return made(session, "/payoff", a_payoff(comments=f"canary-{secrets.token_hex(4)}"))
    if family == "business-day":
        return {"code": "FED_BANK-2026-07-03"}
    if family == "location":
        return dict(session.get("/location/900101").json())
    if family == "user":
        return dict(session.get("/user/U1002").json())
    return dict(session.get(f"/{family}", params={"limit": "1"}).json()["items"][0])


@pytest.mark.parametrize("caller", WHO)
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_answer_follows_from_what_the_route_declares(
    api: Api, name: str, caller: str
) -> None:
    check_answer(api, OPERATIONS[name], WHO[caller])


@pytest.mark.parametrize("caller", [name for name, who in WHO.items() if names_a_place(who)])
@pytest.mark.parametrize("name", [one for one, op in OPERATIONS.items() if op.needs.user])
def test_the_answer_follows_where_the_route_needs_a_location(
    placed: Api, name: str, caller: str
) -> None:
    operation = OPERATIONS[name]
    needs = replace(operation.needs, location=True)
    check_answer(placed, replace(operation, needs=needs), WHO[caller])


def check_answer(api: Api, operation: Operation, who: Who) -> None:
    """Check that a caller gets what follows, learns nothing else, and changes nothing else."""
    example = example_of(api, operation)
    expected = verdict(operation, who)
    answer = ask(api, operation, who, example)
    if expected == "yes":
        assert answer.is_success, (answer.status_code, answer.text)
    else:
        assert answer.status_code == STATUS[expected], (expected, answer.text)
        if operation.method != "HEAD":
            assert answer.json()["type"] == f"urn:loapi:problem:{expected}"
    told = answer.text + str(answer.headers)
    secret = SHOWN.get(operation.family)
    if secret and (expected != "yes" or not SEES[operation.family](who)):
        assert secret not in told
    if expected != "yes" and example.at is not None:
        record = keeper(api).get(example.path)
        assert record.json() == example.at, "a refused request has changed it"


@pytest.mark.parametrize("caller", WHO)
@pytest.mark.parametrize("name", [one for one, op in OPERATIONS.items() if op.of_one])
def test_what_a_caller_may_not_see_answers_as_what_is_not_there(
    api: Api, name: str, caller: str
) -> None:
    operation, who = OPERATIONS[name], WHO[caller]
    if verdict(operation, who) == "yes" or lacks_the_role(operation, who):
        return
    example = example_of(api, operation)
    answer = ask(api, operation, who, example)
    absent = {"user": "U8888", "location": "888888", "country": "XX", "naics-code": "999999"}
    path = f"/{operation.family}/{absent.get(operation.family, RECORD)}"
    other = ask(api, operation, who, replace(example, path=path))
    assert answer.status_code == other.status_code
    if operation.method != "HEAD":
        assert {**answer.json(), "instance": ""} == {**other.json(), "instance": ""}
    names = set(answer.headers) ^ set(other.headers)
    assert not names, names


@pytest.mark.parametrize("caller", WHO)
@pytest.mark.parametrize("family", ["resource", "payoff"])
def test_a_list_does_not_even_change_for_those_who_may_not_see(
    api: Api, family: str, caller: str
) -> None:
    who = WHO[caller]
    operation = OPERATIONS[f"GET /{family}"]
    if verdict(operation, who) != "yes" or SEES[family](who):
        return
    session = session_of(api, who)
    before = session.all(f"/{family}")
    record = canary(api, family)
    assert session.all(f"/{family}") == before
    named = {"payoff": {"loan-number": record.get("loan_number", "")},
             "resource": {"name": record.get("name", "")}}[family]
    assert session.all(f"/{family}", **named) == []
    assert keeper(api).all(f"/{family}", **named) != []


@pytest.mark.parametrize("caller", WHO)
def test_a_list_of_people_and_places_has_only_those_of_the_users_places(
    api: Api, caller: str
) -> None:
    who = WHO[caller]
    if verdict(OPERATIONS["GET /location"], who) == "yes":
        found = [one["location_id"] for one in session_of(api, who).all("/location")]
        assert found == sorted(places_of(who))
    if verdict(OPERATIONS["GET /user"], who) == "yes":
        seen = session_of(api, who).all("/user")
        assert all(one["locations"] for one in seen)
        at = {place["location_id"] for one in seen for place in one["locations"]}
        assert at <= set(places_of(who))
        everywhere = {"location-id": ["900101", "900201", "90301"]}
        narrowed = session_of(api, who).all("/user", **everywhere)
        assert {one["user_id"] for one in narrowed} <= {one["user_id"] for one in seen}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("template_path", sorted({one.template for one in OPERATIONS.values()}))
def test_a_method_that_is_not_listed_is_refused_after_the_token(
    api: Api, template_path: str, method: str
) -> None:
    if any((one.template, one.method) == (template_path, method) for one in OPERATIONS.values()):
        return
    path = template_path.split("{", maxsplit=1)[0] + ("x" if "{" in template_path else "")
    assert api.send(method, path).status_code == 401
    token = keeper(api).token()
    answer = api.send(method, path, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 405 and "OPTIONS" in answer.headers["allow"]


def test_every_family_says_who_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert {one.family for one in OPERATIONS.values()} == set(SEES)
    cases = len(OPERATIONS) * len(WHO)
    with capsys.disabled():
        print(f"\naccess matrix: {len(OPERATIONS)} operations x {len(WHO)} callers = {cases} cases"
              f", over {len(STORES)} stores")
    assert cases > 1_000
