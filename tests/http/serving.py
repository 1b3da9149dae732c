"""The app that ships, served without sockets over a stocked store, and a client to call it."""

import asyncio
import json
import secrets
import shutil
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx
from dependency_injector import providers
from jose import jwk, jws
from pydantic import SecretStr
from starlette.types import ASGIApp

from adapters.memory.audit import MemoryAuditSink, MemoryJournal
from adapters.memory.key_use import MemoryKeyUseStore
from adapters.memory.runner import MemoryRunner
from adapters.sql.migrate import NEWEST
from adapters.sql.sighting import Sight
from adapters.sql.tables import TABLES
from application.ports import Reading, Runner
from application.query import Query
from application.tokens import KeySealer
from application.unit import Write
from domain.client import Client, ReplayPolicy
from domain.model import Kind, Record
from entrypoints.container import wiring
from entrypoints.container.datasets import demo_data, demo_portfolio, reference_data
from entrypoints.container.keys import mint
from entrypoints.home import StoredKey
from entrypoints.http.app import create_app
from entrypoints.settings import AuditReads, Settings
from entrypoints.stocking import bring_in, register
from tests.support.log_lines import fault

R = TypeVar("R")
Claims = Mapping[str, Any]

STORES = ("memory", "sqlite")
KINDS: tuple[type[Record], ...] = tuple(TABLES)

TODAY = date(2026, 7, 3)
"""A Friday on which the Fed is open, although federal offices observe July 4."""
MORNING = datetime(2026, 7, 3, 13, tzinfo=timezone.utc)
"""9 o'clock in New York on that day: wires for it are still in time."""

API = "/api/v1"
SEALING_KEY = "A" * 43 + "="
LOAN = "9900101001"
"""A loan of location 900101, on the terms of vector C9."""
FOREIGN_LOAN = "9900201001"
"""A loan of location 900201, where U1001 has no place."""
LOANS = tuple(f"9900101{number:03}" for number in (1, 2, 3, 5, 7, 8))
"""Active 7(a) loans of location 900101."""

WINDOW_CLIENT = Client(
    client_id="batch",
    scopes=("payoff:read", "payoff:write", "resource:read", "resource:write"),
    replay=ReplayPolicy.WINDOW,
)
"""A client whose tokens may write more than once."""

MERGE_PATCH = "application/merge-patch+json"
ABSENT: Any = object()


class Clock:
    """Tells a time that moves a millisecond each time it is told, so that ids sort as made."""

    def __init__(self) -> None:
        self._told = MORNING

    def __call__(self) -> datetime:
        """Give the time, UTC."""
        self._told += timedelta(milliseconds=1)
        return self._told

    def seconds(self) -> float:
        """Give the time in seconds from 1970 UTC."""
        return self().timestamp()

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self._told += by


class Lines(list[Mapping[str, Any]]):
    """Keeps the lines of the request log, and what is wrong with any of all tests' lines."""

    faults: ClassVar[list[str]] = []
    checked: ClassVar[int] = 0

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Keep a line, as JsonLog would write it."""
        whole = {"timestamp": int(time.time() * 1000), "service": "loapi", "env": "test", **line}
        wrong = fault(whole)
        Lines.checked += 1
        if wrong is not None:
            Lines.faults.append(wrong)
        self.append(line)

    def flush(self) -> None:
        """Do nothing: nothing waits."""


class StockedRunner(MemoryRunner):
    """A runner in memory that starts with records, and is closed as the others are."""

    refusal: BaseException | None = None

    def __init__(self, clock: Clock, journal: MemoryJournal, records: Sequence[Record]) -> None:
        super().__init__(clock, journal)
        self._store.apply([Write(None, record) for record in records])

    def close(self) -> None:
        """Do nothing: no thread runs."""


class NoDatabase:
    """Stands where the container of a store in memory has its database."""

    def close(self) -> None:
        """Do nothing: nothing is open."""


@dataclass(frozen=True)
class Template:
    """A stocked store, to be copied for each test."""

    keys: Mapping[str, StoredKey]
    file: Path
    """SQLite's database."""
    records: Sequence[Record]
    """Those of the store in memory."""


def template(store: str, folder: Path) -> Template:
    """Stock a store as `loapi serve` does at its first start, as of `TODAY`."""
    if store == "memory":
        return _memory_template(folder)
    settings = settings_for(folder)
    container = wiring.build(settings)
    _tell_time(container, Clock())
    try:
        wiring.upgrade(container)
        keys = asyncio.run(_stock(container.runner(), container.sealer(), settings))
    finally:
        container.runner().close()
        container.database().close()
    return Template(keys, folder / "loapi.db", ())


def _memory_template(folder: Path) -> Template:
    runner, settings = StockedRunner(Clock(), MemoryJournal(), ()), settings_for(folder)
    keys = asyncio.run(_stock(runner, wiring.build(settings).sealer(), settings))
    records = [record for kind in KINDS for record in asyncio.run(runner.read(_all, kind))]
    return Template(keys, folder, records)


def _all(reading: Reading, kind: type[Kind]) -> Sequence[Kind]:
    return reading.find(kind, Query(limit=1_000_000)).items


async def _stock(runner: Any, sealer: KeySealer, settings: Settings) -> dict[str, StoredKey]:
    for dataset, read in reference_data().items():
        await bring_in(runner, dataset, read())
    await bring_in(runner, "demo", demo_data(TODAY))
    clients = (*demo_portfolio(TODAY).clients, WINDOW_CLIENT)
    made = [await register(runner, sealer, settings, client) for client in clients]
    return {key.client_id: key for key in made}


def settings_for(folder: Path, **chosen: Any) -> Settings:
    """Give development's settings with their home in a folder."""
    chosen.setdefault("audit_reads", AuditReads.STRICT)
    return Settings(home=folder, sealing_key=SecretStr(SEALING_KEY), **chosen)


@contextmanager
def serving(store: str, stocked: Template, folder: Path, **chosen: Any) -> Iterator["Api"]:
    """Serve over a copy of a stocked store, with settings that differ from development's."""
    clock, log = Clock(), Lines()
    if store == "memory":
        container = _memory_container(stocked, clock, settings_for(folder, **chosen))
    else:
        shutil.copy(stocked.file, folder / "loapi.db")
        container = wiring.build(settings_for(folder, **chosen))
    _tell_time(container, clock)
    container.log.override(providers.Object(log))
    app = create_app(wiring.services_of(container), today=lambda: clock().date())
    with asyncio.Runner() as loop:
        stack = AsyncExitStack()
        loop.run(_awaited(stack.enter_async_context(lifespan(app))))
        try:
            yield Api(app, loop, clock, stocked.keys, log, container.runner())
        finally:
            loop.run(stack.aclose())


def _memory_container(
    stocked: Template, clock: Clock, settings: Settings
) -> wiring.Container:
    """Give the container that ships with its runner, journal and sink in memory."""
    journal = MemoryJournal()
    runner = StockedRunner(clock, journal, stocked.records)
    container = wiring.build(settings)
    container.runner.override(providers.Object(runner))
    container.journal.override(providers.Object(journal))
    container.sink.override(providers.Object(MemoryAuditSink()))
    container.database.override(providers.Object(NoDatabase()))
    container.key_use_store.override(providers.Object(MemoryKeyUseStore()))
    container.sighting.override(providers.Object(_seen))
    container.trail_probe.override(providers.Object(_works))
    return container


async def _works() -> Mapping[str, Any]:
    return {}


async def _seen() -> Sight:
    return Sight(NEWEST, 0.0)


def _tell_time(container: wiring.Container, clock: Clock) -> None:
    """Give a clock to every part that is built with one."""
    clocks = {wiring.now: clock, time.time: clock.seconds}
    for provider in container.traverse(types=[providers.Singleton]):
        provider.set_args(*(_instead(clocks, one) for one in provider.args))
        provider.set_kwargs(**{n: _instead(clocks, one) for n, one in provider.kwargs.items()})


def _instead(clocks: Mapping[Any, Any], given: Any) -> Any:
    return next((mine for theirs, mine in clocks.items() if given is theirs), given)


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Start the app and stop it, as a server does."""
    told: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    life = asyncio.ensure_future(_live(app, told, heard))
    for step in ("startup", "shutdown"):
        await told.put({"type": f"lifespan.{step}"})
        answer = await heard.get()
        assert answer["type"] == f"lifespan.{step}.complete", answer
        if step == "startup":
            yield
    await life


async def _live(app: ASGIApp, told: Any, heard: Any) -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, told.get, heard.put)


@dataclass(frozen=True)
class Api:
    """The served app."""

    app: ASGIApp
    loop: asyncio.Runner
    clock: Clock
    keys: Mapping[str, StoredKey]
    log: Lines
    runner: Runner

    def as_(
        self, client: str = "prepay", user: str | None = "U1001", location: int | None = None
    ) -> "Session":
        """Call as a client, for one of its users, at one of the user's locations."""
        return Session(self, client, user, location)

    def send(
        self, method: str, path: str, address: str = "127.0.0.1", **details: Any
    ) -> httpx.Response:
        """Send a request, as it is, from an address."""
        return self.run(self.sending(method, path, address, **details))

    def run(self, awaitable: Awaitable[R]) -> R:
        """Run something in the loop that serves."""
        return self.loop.run(_awaited(awaitable))

    def account_of(self, response: httpx.Response) -> list[dict[str, Any]]:
        """Give the audit records of a request."""
        return self.records(request_id=response.headers["x-request-id"])

    def records(self, **filters: str) -> list[dict[str, Any]]:
        """Give the audit records that meet some filters, newest first, at most 200."""
        asked = {name.replace("_", "-"): value for name, value in filters.items()}
        found = self.as_("lx").get("/audit", params={**asked, "limit": "200"})
        assert found.status_code == 200, found.text
        items: list[dict[str, Any]] = found.json()["items"]
        return items

    async def sending(
        self, method: str, path: str, address: str = "127.0.0.1", **details: Any
    ) -> httpx.Response:
        """Send a request, as it is, from the loop that serves."""
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://loapi.test", trust_env=False
        ) as client:
            return await client.request(method, path, **details)


async def _awaited(awaitable: Awaitable[R]) -> R:
    return await awaitable


@dataclass(frozen=True)
class Session:
    """Calls as one client for one user; every request has a token of its own."""

    api: Api
    client: str
    user: str | None
    location: int | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_(self, **headers: str) -> "Session":
        """Send these headers with every request; underscores are written as hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    def token(self, lifetime: int = 300, age: int = 0) -> str:
        """Mint a fresh token, as the client would have some seconds ago."""
        key = self.api.keys[self.client]
        now = int(self.api.clock.seconds()) - age
        audience, token_id = "loapi-development", secrets.token_urlsafe(16)
        return mint(
            key.key, key.key_id, self.client, audience, self.user, self.location, lifetime, now,
            token_id,
        )

    def signed(self, **claims: Any) -> str:
        """Sign a token that claims something else than usual; None leaves a claim out."""
        key = self.api.keys[self.client]
        usual: dict[str, Any] = json.loads(_payload(self.token()))
        told = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        secret = jwk.construct(key.key.encode(), "HS256")
        return jws.sign(told, secret, headers={"kid": key.key_id}, algorithm="HS256")

    def get(self, path: str, **details: Any) -> httpx.Response:
        """Read."""
        return self.send("GET", path, **details)

    def post(self, path: str, body: Any = ABSENT, **details: Any) -> httpx.Response:
        """Make something."""
        return self.send("POST", path, body, **details)

    def put(self, path: str, body: Any = ABSENT, **details: Any) -> httpx.Response:
        """Replace something."""
        return self.send("PUT", path, body, **details)

    def patch(self, path: str, body: Any = ABSENT, **details: Any) -> httpx.Response:
        """Amend something."""
        return self.send("PATCH", path, body, **details)

    def delete(self, path: str, **details: Any) -> httpx.Response:
        """Remove something."""
        return self.send("DELETE", path, **details)

    def send(
        self, method: str, path: str, body: Any = ABSENT, *, token: str | None = None,
        **details: Any,
    ) -> httpx.Response:
        """Send a request to a path below /api/v1, with a body as JSON unless `content` is given."""
        headers = {"authorization": f"Bearer {token or self.token()}"}
        if body is not ABSENT:
            details["content"] = json.dumps(body)
        if "content" in details:
            headers["content-type"] = MERGE_PATCH if method == "PATCH" else "application/json"
        headers |= {**self.headers, **details.pop("headers", {})}
        return self.api.send(method, API + path, headers=headers, **details)

    def pages(self, path: str, **params: Any) -> list[list[dict[str, Any]]]:
        """Follow a list from its first page to its last."""
        found: list[list[dict[str, Any]]] = []
        following: dict[str, str] = {}
        while True:
            answer = self.get(path, params={**params, **following})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found.append(page["items"])
            if "next" not in page:
                return found
            following = {"cursor": page["next"]}

    def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Give every item of a list."""
        return [item for page in self.pages(path, **params) for item in page]


def _payload(token: str) -> bytes:
    return bytes(jws.get_unverified_claims(token))


# What is sent


def a_payoff(loan_number: str = LOAN, **members: Any) -> dict[str, Any]:
    """Give a payoff as it is sent; None leaves a member out."""
    usual: dict[str, Any] = {
        "loan_number": loan_number,
        "payoff_date": TODAY.isoformat(),
        "reason": "refinance",
        "voluntary": True,
        "requester": {"name": "Pat Example", "email": "pat@example.com"},
    }
    return {name: value for name, value in (usual | members).items() if value is not None}


def a_resource(name: str = "first", **members: Any) -> dict[str, Any]:
    """Give a resource as it is sent."""
    return {"name": name, "description": "a thing", "attributes": {"colour": "red"}, **members}


def made(session: Session, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Make a record and give it as it was answered."""
    answer = session.post(path, body)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def etag(record: Mapping[str, Any]) -> dict[str, str]:
    """Give the header that names the version of a record."""
    return {"if-match": f'"{record["version"]}"'}


# What comes back


def problem(response: httpx.Response, status: int, word: str) -> dict[str, Any]:
    """Check that a response is a problem, with all that a problem must have, and give it."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["type"] == f"urn:loapi:problem:{word}", document
    assert document["status"] == status
    assert document["title"] and document["detail"]
    assert document["instance"] == f"urn:loapi:request:{response.headers['x-request-id']}"
    return document


def faulty_fields(document: Mapping[str, Any]) -> list[str]:
    """Give the fields or parameters that a problem names, in its order."""
    return [fault.get("field") or fault["parameter"] for fault in document["errors"]]


def is_uuid7(text: str) -> bool:
    """Tell whether a text is a UUID of version 7 as it should be written."""
    return str(UUID(text)) == text and UUID(text).version == 7
