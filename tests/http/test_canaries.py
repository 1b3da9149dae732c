"""Secrets and sensitive fields, as canaries: none is found in logs, records, problems or texts."""

import asyncio
import base64
import json
import logging
import secrets
import sqlite3
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from dependency_injector import providers
from jose import jwk, jws
from pydantic import SecretStr
from sqlalchemy.exc import ProgrammingError
from starlette.types import ASGIApp

from adapters.telemetry.log import JsonHandler, JsonLog
from application.clients import SCOPES
from application.ports import Work
from domain.client import Client, Mode
from entrypoints.container import wiring
from entrypoints.home import StoredKey
from entrypoints.http.app import create_app
from entrypoints.settings import AuditReads, Settings, TracingName
from entrypoints.stocking import operator, register
from tests.contract.conftest import a_loan, a_user
from tests.http.serving import lifespan
from tests.support.agent import agent
from tests.support.envelopes import sentry
from tests.support.openid import AUDIENCE, OpenIdProvider, claims_for, openid_provider, rsa_pair
from tests.support.upstream import Upstream, answering, hang_up, upstream

RSA = rsa_pair("rsa-1")
SESSION = "canary-session-5550199888"
SEALING_KEY = base64.b64encode(b"canary-sealing-key-5550199888-xy").decode()
SIGNING_KEY = base64.b64encode(b"canary-signing-key-5550199888-xy").decode()
EMAIL, PHONE = "canary.email@example.com", "+1 555 019 9888"
REQUESTER_EMAIL, REQUESTER_PHONE = "canary.requester@example.com", "+1 555 019 9777"
BORROWER = "Canary Borrower Bakery"
PERSONAL = (EMAIL, PHONE, REQUESTER_EMAIL, REQUESTER_PHONE, BORROWER)
CLIENTS = {mode: Client(client_id=f"app-{mode.value}", scopes=SCOPES, mode=mode) for mode in Mode}
TRAIL = ("audit_record", "audit_term", "audit_leaf", "audit_checkpoint", "journal")


@dataclass
class World:
    """The service with its canaries, and all that it has said."""

    app: ASGIApp
    loop: asyncio.Runner
    keys: dict[Mode, StoredKey]
    ulp: Upstream
    provider: OpenIdProvider
    container: wiring.Container
    folder: Path
    said: BytesIO
    sent: list[str] = field(default_factory=list)
    """Every token and signature that was sent."""
    answers: list[httpx.Response] = field(default_factory=list)

    def openid_token(self, **claims: Any) -> str:
        """Give a token of the provider that is good now, unless it claims something else."""
        now = int(time.time())
        given = {"iat": now, "exp": now + 600} | claims
        token = RSA.sign(claims_for(self.provider.issuer, **given))
        self.sent.append(token)
        return token

    def token(self, mode: Mode = Mode.TRUST, **claims: Any) -> str:
        """Sign a token for a client; None leaves a claim out."""
        key, now = self.keys[mode], int(time.time())
        usual = {
            "iss": key.client_id, "aud": "loapi-development", "iat": now, "exp": now + 60,
            "jti": secrets.token_hex(8), "request_context": {"user_id": "U1001"},
        }
        proof: dict[Mode, Any] = {
            Mode.TRUST: {},
            Mode.ULP: {"session_id": SESSION},
            Mode.OIDC: {} if "oidc_token" in claims else {"oidc_token": self.openid_token()},
        }
        told = usual | proof[mode] | claims
        secret = jwk.construct(key.key.encode(), "HS256")
        token = jws.sign(
            {name: value for name, value in told.items() if value is not None}, secret,
            headers={"kid": key.key_id}, algorithm="HS256",
        )
        self.sent.append(token)
        return str(token)

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a request, and keep what came back."""
        given = {"authorization": f"Bearer {token or self.token()}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if body is not None:
            given.setdefault("content-type", "application/json")
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        answer = self.loop.run(self._send(method, path, given, content))
        self.answers.append(answer)
        return answer

    async def _send(self, method: str, path: str, headers: Any, content: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://loapi.test") as client:
            return await client.request(method, path, headers=headers, content=content)

    @property
    def secrets(self) -> list[str]:
        """Every text that must be found nowhere."""
        keys = [key.key for key in self.keys.values()]
        parts = [key.rpartition("_")[2] for key in keys]
        signatures = [token.rpartition(".")[2] for token in self.sent]
        plain = [base64.b64decode(key).decode() for key in (SEALING_KEY, SIGNING_KEY)]
        some = [*keys, *parts, *self.sent, *signatures, SESSION, SEALING_KEY, SIGNING_KEY, *plain]
        return [each for each in some if len(each) > 12]


@pytest.fixture(name="world")
def running_world(tmp_path: Path) -> Iterator[World]:
    ours = {"active": True, "user_id": "U1001"}
    with upstream(answering(ours)) as ulp, openid_provider(RSA) as provider:
        settings = Settings(
            home=tmp_path, sealing_key=SecretStr(SEALING_KEY), signing_key=SecretStr(SIGNING_KEY),
            ulp_url=f"{ulp.url}/check", oidc_issuer=provider.issuer, oidc_audience=AUDIENCE,
            audit_reads=AuditReads.STRICT,
        )
        with _serving(settings, ulp, provider) as world:
            yield world


@contextmanager
def _serving(settings: Settings, ulp: Upstream, provider: OpenIdProvider) -> Iterator[World]:
    said = BytesIO()
    log = JsonLog(said, "loapi", "development")
    container = wiring.build(settings)
    container.log.override(providers.Object(log))
    wiring.upgrade(container)
    services = wiring.services_of(container)
    app = create_app(services)
    with _everything_logged(log), asyncio.Runner() as loop:
        keys = loop.run(_stocked(container, settings))
        stack = AsyncExitStack()
        loop.run(stack.enter_async_context(lifespan(app)))
        try:
            yield World(app, loop, keys, ulp, provider, container, settings.home, said)
        finally:
            loop.run(stack.aclose())


async def _stocked(container: wiring.Container, settings: Settings) -> dict[Mode, StoredKey]:
    def add(work: Work) -> None:
        work.add(a_user("U1001", oidc_subject="00u1a2b3c4", email=EMAIL, phone=PHONE))
        work.add(a_loan(borrower_name=BORROWER))

    runner, sealer = container.runner(), container.sealer()
    await runner.write(operator("user.import"), add)
    return {
        mode: await register(runner, sealer, settings, client) for mode, client in CLIENTS.items()
    }


@contextmanager
def _everything_logged(log: JsonLog) -> Iterator[None]:
    root, handler = logging.getLogger(), JsonHandler(log)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def test_no_secret_is_found_in_anything_that_the_service_says_or_keeps(world: World) -> None:
    _be_refused_at_the_gate(world)
    _be_refused_behind_it(world)
    _lose_what_is_needed(world)
    world.container.log().flush()
    statuses = {answer.status_code for answer in world.answers}
    assert statuses >= {200, 201, 400, 401, 404, 412, 415, 422, 428, 500, 503}, statuses
    for name, text in _places(world):
        hits = [secret[:24] for secret in world.secrets if secret.encode() in text]
        assert not hits, f"{name} tells {hits}"


def test_no_personal_value_is_found_outside_its_own_table_and_answers(world: World) -> None:
    _be_refused_behind_it(world)
    world.container.log().flush()
    with closing(sqlite3.connect(world.folder / "loapi.db")) as connection:
        kept = b"".join(_rows(connection, table) for table in TRAIL)
    refused = b"".join(a.content for a in world.answers if a.status_code >= 400)
    for name, text in (("the trail", kept), ("the log", _log(world)), ("problems", refused)):
        hits = [value for value in PERSONAL if value.encode() in text]
        assert not hits, f"{name} tells {hits}"
    assert b"U1001" in kept and b"/api/v1/user" in _log(world), "there is something to find"


@pytest.mark.skipif(
    not all(map(find_spec, ("ddtrace", "sentry_sdk"))), reason="the extra is not installed"
)
def test_no_secret_reaches_traces_metrics_or_sentry(tmp_path: Path) -> None:
    ours = {"active": True, "user_id": "U1001"}
    with agent() as datadog, sentry() as taker:
        with upstream(answering(ours)) as ulp, openid_provider(RSA) as provider:
            settings = Settings(
                home=tmp_path, sealing_key=SecretStr(SEALING_KEY),
                signing_key=SecretStr(SIGNING_KEY), ulp_url=f"{ulp.url}/check",
                oidc_issuer=provider.issuer, oidc_audience=AUDIENCE,
                tracing=TracingName.DATADOG, tracing_agent=datadog.url, statsd=datadog.statsd,
                sentry_dsn=SecretStr(taker.dsn),
            )
            with _serving(settings, ulp, provider) as world:
                _be_refused_at_the_gate(world)
                _be_refused_behind_it(world)
                _lose_what_is_needed(world)
                _fail_in_the_database(world)
        taker.wait(lambda: len(taker.events) >= 2)
        datadog.wait(lambda: datadog.named("loapi.database") and datadog.metrics())
    told = {
        "traces": b"".join(body for _, body in datadog.bodies),
        "metrics": b"\n".join(datadog.datagrams),
        "envelopes": b"".join(taker.bodies) + repr(taker.headers).encode(),
        "the log": _log(world),
    }
    for name, text in told.items():
        hits = [one[:24] for one in (*world.secrets, *PERSONAL) if one.encode() in text]
        assert not hits, f"{name} tell {hits}"
    words = {"traces": b"INSERT INTO", "metrics": b"loapi.", "envelopes": b"RuntimeError"}
    assert all(word in told[name] for name, word in words.items()), "there is something to find"


def _fail_in_the_database(world: World) -> None:
    """Let the driver fail with the values of a row in its words, and in the statement's."""
    key = world.keys[Mode.TRUST].key

    def broken(*_: Any, **__: Any) -> Any:
        text = f"ORA-00942 {key} {EMAIL}"
        raise ProgrammingError(f"INSERT {SESSION}", {"psk": key}, sqlite3.Error(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.sql.batch._attempt", broken)
        # Apart in time from the errors of the same place before.
        assert world.call("GET", "/api/v1/resource").status_code == 500


def test_no_text_of_a_part_or_an_error_tells_a_secret(world: World) -> None:
    texts = [repr(world.container.config()["url"])]
    for part in ("sealer", "signer", "verifier", "directory", "identities", "runner", "notary"):
        built = getattr(world.container, part)()
        texts += [repr(built), str(built)]
    settings = Settings(
        sealing_key=SecretStr(SEALING_KEY), signing_key=SecretStr(SIGNING_KEY)
    )
    texts += [repr(settings), str(settings), settings.model_dump_json()]
    for wrong in (SEALING_KEY[:-4], "canary-not-base64-5550199888"):
        try:
            wiring.build(settings.model_copy(update={"sealing_key": SecretStr(wrong)}))
        except Exception as error:  # pylint: disable=broad-except  # its text is looked at
            texts += ["".join(traceback.format_exception(error)), repr(error)]
            assert wrong not in texts[-1] + texts[-2]
    for secret in world.secrets:
        assert not [text for text in texts if secret in text]


def _be_refused_at_the_gate(world: World) -> None:
    """Send every kind of token that proves nothing, and some that do."""
    good, now = world.token(), int(time.time())
    for mode in Mode:
        assert world.call("GET", "/api/v1/resource", token=world.token(mode)).status_code == 200
        made = world.call("POST", "/api/v1/resource", {"name": "a"}, world.token(mode))
        assert made.status_code == 201, made.text
    world.call("POST", "/api/v1/resource", {"name": "a"}, good)
    world.call("POST", "/api/v1/resource", {"name": "a"}, good)
    key = world.keys[Mode.TRUST].key
    for token in (
        good[:-2] + "AA", good + "=", f"{good}.{good}", good.swapcase(), key,
        world.token(exp=now - 10), world.token(exp=now + 10_000), world.token(aud=key),
        world.token(iss=key), world.token(psk=key[:-1] + "!"), world.token(psk=key),
        world.token(request_context=key), world.token(jti=None), world.token(session_id=SESSION),
        world.token(Mode.ULP, session_id=None), world.token(Mode.ULP, session_id=f"{SESSION}\n"),
        world.token(Mode.OIDC, oidc_token=world.openid_token(exp=now - 10)),
        world.token(Mode.OIDC, oidc_token=world.openid_token()[:-4] + "AAAA"),
        world.token(Mode.OIDC, oidc_token=world.openid_token(aud="other")),
        world.token(Mode.OIDC, oidc_token=SESSION), world.token(htm="PUT"),
    ):
        world.call("POST", "/api/v1/resource", {"name": "a"}, token)
        world.call("GET", "/api/v1/user", token=token)
    for scheme in ("Basic", "bearer", "Bearer  ", ""):
        world.call("GET", "/api/v1/user", authorization=f"{scheme} {world.token()}")


def _be_refused_behind_it(world: World) -> None:
    """Be refused by every route for every reason, with personal values in what is sent."""
    requester = {"name": "Pat", "email": REQUESTER_EMAIL, "phone": REQUESTER_PHONE}
    payoff = {
        "loan_number": "9900101001", "payoff_date": "2026-12-07", "reason": "refinance",
        "voluntary": True, "requester": requester,
    }
    bodies: Sequence[Any] = (
        payoff, payoff | {"requester": {**requester, "email": [REQUESTER_EMAIL]}},
        payoff | {"reason": REQUESTER_EMAIL}, payoff | {"loan_number": REQUESTER_PHONE},
        payoff | {"requester": REQUESTER_EMAIL}, payoff | {"payoff_date": REQUESTER_EMAIL},
        [requester], {"name": ""}, b'{"email": "' + REQUESTER_EMAIL.encode(), b"\xff\xfe",
    )
    place = {"user_id": "U1001", "location_id": 900101}
    nowhere = "/api/v1/resource/01a207ac-ded9-7323-924b-a5782d9eee27"
    for body in bodies:
        token = world.token(request_context=place)
        world.call("POST", "/api/v1/payoff", body, token, idempotency_key="same")
        world.call("POST", "/api/v1/payoff", body)
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            world.call(method, nowhere, body)
            world.call(method, nowhere, body, if_match='"1"', content_type="text/plain")
    made = world.call("POST", "/api/v1/resource", {"name": "stale"}).json()
    world.call("PUT", f"/api/v1/resource/{made['id']}", {"name": "b"}, if_match='"7"')
    for path in ("location", "user", "country", "holiday", "franchise", "naics-code", "audit",
                 "payoff", "resource"):
        for query in ("", "?limit=x", f"?cursor={REQUESTER_EMAIL}"):
            world.call("GET", f"/api/v1/{path}{query}")
        world.call("GET", f"/api/v1/{path}/none")
    token = world.token(request_context={"user_id": "U1001"})
    assert world.call("GET", f"/api/v1/user?email={EMAIL}", token=token).status_code == 200
    world.call("GET", f"/api/v1/user?email={REQUESTER_EMAIL}&sort=email")
    world.call("GET", "/api/v1/user/U1001")
    for path in ("/health", "/health/ready", "/openapi.json", "/docs", "/nothing"):
        world.call("GET", path)


def _lose_what_is_needed(world: World) -> None:
    """Be refused while what is needed is away, or goes wrong in our own code."""
    key = world.keys[Mode.TRUST].key
    world.ulp.answer = hang_up
    world.call("GET", "/api/v1/user", token=world.token(Mode.ULP, session_id=f"{SESSION}-2"))
    world.ulp.answer = answering(SESSION.encode())
    world.call("GET", "/api/v1/user", token=world.token(Mode.ULP, session_id=f"{SESSION}-3"))

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{key} {SESSION} {SEALING_KEY}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.sql.batch._attempt", broken)
        world.call("GET", "/api/v1/resource")
        world.call("POST", "/api/v1/resource", {"name": "a"})


def _places(world: World) -> Iterator[tuple[str, bytes]]:
    """Give all that is kept or said."""
    yield "the log", _log(world)
    for file in sorted(world.folder.iterdir()):
        yield file.name, file.read_bytes()
    for answer in world.answers:
        yield f"the answer to {answer.request.url.path}", answer.content
        yield "a header", repr(answer.headers.raw).encode()


def _log(world: World) -> bytes:
    return world.said.getvalue()


def _rows(connection: sqlite3.Connection, table: str) -> bytes:
    return repr(connection.execute(f"SELECT * FROM {table}").fetchall()).encode()
