"""The service that ships, on SQLite, with a client of each mode to call it."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from jose import jwk, jws
from starlette.types import ASGIApp

from application.clients import SCOPES
from application.ports import Runner, Work
from application.remembering import Ticks
from domain.client import Client, Mode
from entrypoints.container import wiring
from entrypoints.home import StoredKey
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.stocking import operator, register
from tests.contract.conftest import a_user

SUBJECT = "00u1a2b3c4"
PEOPLE = (a_user("U1001", oidc_subject=SUBJECT), a_user("U1002"))
CLIENTS = {mode: Client(client_id=f"app-{mode.value}", scopes=SCOPES, mode=mode) for mode in Mode}


@dataclass(frozen=True)
class Service:
    """The service, and the keys of its clients."""

    app: ASGIApp
    loop: asyncio.Runner
    keys: dict[Mode, StoredKey]

    def call(
        self, mode: Mode, user: str | None = "U1001", path: str = "/api/v1/resource",
        method: str = "GET", **claims: Any
    ) -> httpx.Response:
        """Call as the client of a mode, for a user, with what proves that."""
        token = self._token(mode, {"request_context": {"user_id": user} if user else {}} | claims)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self.loop.run(self._send(method, path, headers))

    def account_of(self, response: httpx.Response) -> dict[str, Any]:
        """Give the audit record of a request."""
        path = f"/api/v1/audit/?request-id={response.headers['x-request-id']}"
        (record,) = self.call(Mode.TRUST, path=path).json()["items"]
        assert isinstance(record, dict)
        return record

    def _token(self, mode: Mode, claims: dict[str, Any]) -> str:
        key, now = self.keys[mode], int(time.time())
        told = {
            "iss": key.client_id, "aud": "loapi-development", "iat": now, "exp": now + 60,
            "jti": secrets.token_hex(8), **claims,
        }
        secret = jwk.construct(key.key.encode(), "HS256")
        return jws.sign(told, secret, headers={"kid": key.key_id}, algorithm="HS256")

    async def _send(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://loapi.test") as client:
            return await client.request(method, path, headers=headers, content=b'{"name": "first"}')


@contextmanager
def service(folder: Path, ticks: Ticks = time.monotonic, **chosen: Any) -> Iterator[Service]:
    """Serve with these settings; the age of what is remembered of users is told by ticks."""
    given = {"home": str(folder), "audit_reads": "strict"} | chosen
    settings = Settings.model_validate(given)
    container = wiring.build(settings)
    container.log.override(_Silence())
    container.identities.add_kwargs(ticks=ticks)
    wiring.upgrade(container)
    services = wiring.services_of(container)
    with asyncio.Runner() as loop:
        keys = loop.run(_stock(container, settings))
        try:
            yield Service(create_app(services), loop, keys)
        finally:
            loop.run(services.identities.close())
            loop.run(services.notes.close())
            services.close()


def problem(response: httpx.Response) -> tuple[int, str]:
    """Give the status and the word of a problem."""
    return response.status_code, response.json()["type"].rpartition(":")[2]


class _Silence:
    """A log that nobody reads."""

    def __call__(self, *_: Any) -> "_Silence":
        return self

    def flush(self) -> None:
        """Do nothing."""


async def _stock(container: wiring.Container, settings: Settings) -> dict[Mode, StoredKey]:
    runner: Runner = container.runner()

    def add(work: Work) -> None:
        for one in PEOPLE:
            work.add(one)

    await runner.write(operator("user.import"), add)
    sealer = container.sealer()
    return {
        mode: await register(runner, sealer, settings, client) for mode, client in CLIENTS.items()
    }
