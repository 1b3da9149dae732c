"""How often a request asks Oracle is published, and holds: docs/oracle-round-trips.md."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from application.ports import Work
from domain.loan import Loan
from tests.contract.conftest import a_loan, errand
from tests.http.serving import (
    API,
    LOANS,
    TODAY,
    Session,
    Template,
    a_payoff,
    a_resource,
    etag,
    made,
)
from tests.support.oracle.service import Service, served, stocked
from tests.support.oracle.trips import RoundTrip

DOCUMENT = Path(__file__).parents[2] / "docs" / "oracle-round-trips.md"
ROW = re.compile(r"^\| ([^|]+?) \| (\d+) \| ([^|]+?) \|$", re.MULTILINE)
PUBLISHED: Mapping[str, tuple[int, str]] = {
    what: (int(number), sequence) for what, number, sequence in ROW.findall(DOCUMENT.read_text())
}
GATE = "the gate, for a caller whom it does not remember"
GREETING = "the first transaction of a process that writes"
READING = "the first one that reads"
CALENDAR = "the Fed's calendar, where a process does not know it"

BATCH = 50

Call = Callable[[], Any]

loans = iter(LOANS[1:])
numbers = count(1)


@pytest.fixture(name="template", scope="module")
def a_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return stocked(tmp_path_factory.mktemp("stocked"))


@pytest.fixture(name="service", scope="module")
def a_service(
    template: Template, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("served")
    with served(template, folder, client_concurrency=2 * BATCH) as service:
        yield service


def told(trips: Sequence[RoundTrip]) -> str:
    """Write a sequence of round trips; what is repeated is counted."""
    steps = [trip.says for trip in trips]
    found: list[str] = []
    while steps:
        size, times = max(
            ((size, _repeats(steps, size)) for size in range(1, len(steps) // 2 + 2)),
            key=lambda repeated: repeated[0] * (repeated[1] - 1),
        )
        group = ", ".join(steps[: size if times > 1 else 1])
        found.append(f"{times} × ({group})" if times > 1 else group)
        steps = steps[size * times if times > 1 else 1:]
    return ", ".join(found)


def _repeats(steps: Sequence[str], size: int) -> int:
    times = 1
    while steps[times * size: (times + 1) * size] == steps[:size]:
        times += 1
    return times


# What is asked


def caller(service: Service) -> Session:
    return service.api.as_()


def request_payoff(service: Service) -> Call:
    loan = next(loans)
    return lambda: caller(service).post("/payoff", a_payoff(loan))


def request_payoffs_together(service: Service) -> Call:
    """Let all wait for a slow one, so that the one worker takes them together."""
    paid = TODAY - timedelta(days=30)
    them = [
        a_loan(f"99001{next(numbers):05}", interest_paid_through=paid) for _ in range(BATCH)
    ]
    service.api.run(service.container.runner().write(errand(), _add, them))
    return lambda: service.api.run(_behind_one(service, [loan.loan_number for loan in them]))


def _add(work: Work, them: Sequence[Loan]) -> None:
    for loan in them:
        work.add(loan)


async def _behind_one(service: Service, asked: Sequence[str]) -> list[httpx.Response]:
    runner, begun, go = service.container.runner(), Event(), Event()

    def linger(_work: Work) -> None:
        begun.set()
        go.wait(60)

    slow = asyncio.ensure_future(runner.write(errand("slow"), linger))
    await asyncio.to_thread(begun.wait, 60)
    calls = [asyncio.ensure_future(_sent(service, loan)) for loan in asked]
    async with asyncio.timeout(60):
        while runner.waiting() < len(asked):
            await asyncio.sleep(0.01)
    go.set()
    await slow
    return await asyncio.gather(*calls)


async def _sent(service: Service, loan: str) -> httpx.Response:
    token = caller(service).token()
    headers = {"authorization": f"Bearer {token}"}
    return await service.api.sending(
        "POST", f"{API}/payoff", headers=headers, json=a_payoff(loan)
    )


def make_resource(service: Service) -> Call:
    return lambda: caller(service).post("/resource", a_resource(f"r{next(numbers)}"))


def make_resource_again(service: Service) -> Call:
    """Repeat a request under its idempotency key."""
    body = a_resource(f"r{next(numbers)}")
    keyed = caller(service).with_(idempotency_key=f"key-{next(numbers)}")
    made(keyed, "/resource", body)
    return lambda: keyed.post("/resource", body)


def make_resource_under_a_key(service: Service) -> Call:
    keyed = caller(service).with_(idempotency_key=f"key-{next(numbers)}")
    return lambda: keyed.post("/resource", a_resource(f"r{next(numbers)}"))


def amend_resource(service: Service) -> Call:
    resource = made(caller(service), "/resource", a_resource(f"r{next(numbers)}"))
    path = f"/resource/{resource['id']}"
    return lambda: caller(service).patch(path, {"name": "other"}, headers=etag(resource))


def remove_resource(service: Service) -> Call:
    resource = made(caller(service), "/resource", a_resource(f"r{next(numbers)}"))
    path = f"/resource/{resource['id']}"
    return lambda: caller(service).delete(path, headers=etag(resource))


def show_payoff(service: Service) -> Call:
    found = caller(service).get("/payoff", params={"limit": "1"}).json()["items"]
    return lambda: caller(service).get(f"/payoff/{found[0]['id']}")


def list_payoffs(service: Service) -> Call:
    return lambda: caller(service).get("/payoff")


def list_resources(service: Service) -> Call:
    return lambda: caller(service).get("/resource", params={"limit": "200"})


def show_user(service: Service) -> Call:
    return lambda: caller(service).get("/user/U1001")


def refuse(service: Service) -> Call:
    """Ask for a loan that there is not."""
    return lambda: caller(service).post("/payoff", a_payoff("9999999999"))


def refuse_unproven(service: Service) -> Call:
    return lambda: service.api.send("POST", f"{API}/payoff", content="{}")


def ask_trail(service: Service) -> Call:
    return lambda: service.api.as_("lx").get("/audit", params={"user-id": "U1001", "limit": "50"})


def probe(service: Service) -> Call:
    """Ask what /health/ready asks, one after the other; it does so once a second at most."""
    probes = (service.container.probe(), service.container.trail_probe())
    return lambda: [service.api.run(ask()) for ask in probes]


def relay(service: Service) -> Call:
    """Let a relay that leads already seal and index what 20 requests leave."""
    leads = service.container.relay()
    while leads.step():
        pass
    for _ in range(20):
        made(caller(service), "/resource", a_resource(f"r{next(numbers)}"))
    return leads.step


STEPS: Mapping[str, tuple[Callable[[Service], Call], int]] = {
    "`POST /payoff`": (request_payoff, 201),
    f"`POST /payoff`, {BATCH} in one batch": (request_payoffs_together, 0),
    "`POST /resource`": (make_resource, 201),
    "`POST /resource` with an idempotency key": (make_resource_under_a_key, 201),
    "`POST /resource` again under its key": (make_resource_again, 201),
    "`PATCH /resource/{id}`": (amend_resource, 200),
    "`DELETE /resource/{id}`": (remove_resource, 204),
    "`GET /payoff/{id}`": (show_payoff, 200),
    "`GET /payoff`": (list_payoffs, 200),
    "`GET /resource`": (list_resources, 200),
    "`GET /user/{id}`": (show_user, 200),
    "`POST /payoff`, refused with 404": (refuse, 404),
    "`POST /payoff` without a token": (refuse_unproven, 401),
    "`GET /health/ready`": (probe, 0),
    "the relay, 20 records": (relay, 0),
    "`GET /audit` by user": (ask_trail, 200),
}


ASIDE = ("look-up", "slow", "background", "client.key-use")
"""What is not of the request: what the gate asks, a slow one before it, a first connection, and
that keys were used, which is told every other second."""


def of_the_request(trips: Sequence[RoundTrip]) -> Sequence[RoundTrip]:
    own = [trip for trip in trips if trip.labels.action not in ASIDE]
    return [trip for trip in own if not is_of_a_calendar(trip)]


def is_of_a_calendar(trip: RoundTrip) -> bool:
    """Tell what a process asks for itself, whichever request comes first."""
    return trip.says.endswith((" dataset", " holiday"))


def written(trips: Sequence[RoundTrip]) -> tuple[int, str]:
    return len(trips), told(trips)


@pytest.mark.parametrize("what", STEPS)
def test_a_request_asks_as_often_as_is_published(service: Service, what: str) -> None:
    prepare, status = STEPS[what]
    # The first time SQLAlchemy writes the statements, and sessions learn them; of a hundred that
    # they knew before, one might have to go for each.
    service.sessions.forget()
    prepare(service)()
    service.sessions.warm()
    call = prepare(service)
    service.sessions.trips()
    answer = call()
    trips = of_the_request(service.sessions.trips())
    for each in answer if isinstance(answer, list) else [answer]:
        assert not status or each.status_code == status, each.text
    assert written(trips) == PUBLISHED[what]


def test_the_gate_asks_as_often_as_is_published(template: Template, tmp_path: Path) -> None:
    with served(template, tmp_path) as service:
        assert service.api.as_().get("/resource").status_code == 200
        trips = [trip for trip in service.sessions.trips() if trip.labels.action == "look-up"]
    # Nothing is known yet to the sessions of a process that has just started.
    asked = [trip for trip in trips if trip.kind != "define"]
    assert written(asked) == PUBLISHED[GATE]


def test_the_first_transactions_ask_as_often_as_is_published(
    template: Template, tmp_path: Path
) -> None:
    with served(template, tmp_path) as service:
        service.api.as_().get("/resource")
        reading = [trip for trip in service.sessions.trips() if trip.labels.action == "background"]
        service.api.as_().post("/resource", a_resource())
        writing = [trip for trip in service.sessions.trips() if trip.labels.action == "background"]
    assert written(reading) == PUBLISHED[READING]
    assert written(writing) == PUBLISHED[GREETING]


def test_a_calendar_is_asked_for_as_often_as_is_published(
    template: Template, tmp_path: Path
) -> None:
    with served(template, tmp_path) as service:
        for loan in (next(loans), next(loans)):
            assert caller(service).post("/payoff", a_payoff(loan)).status_code == 201
        trips = [trip for trip in service.sessions.trips() if is_of_a_calendar(trip)]
    assert written(trips) == PUBLISHED[CALENDAR]


def test_a_session_that_meets_a_query_of_long_texts_asks_once_more(service: Service) -> None:
    call = show_payoff(service)
    service.sessions.forget()
    service.sessions.trips()
    assert call().status_code == 200
    trips = of_the_request(service.sessions.trips())
    assert [trip.says for trip in trips[:3]] == ["SELECT payoff", "DEFINE payoff", "FETCH payoff"]


def test_nothing_is_published_that_is_not_measured() -> None:
    assert PUBLISHED.keys() == {*STEPS, GATE, GREETING, READING, CALENDAR}
