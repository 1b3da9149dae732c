"""Fills an empty database: reference data, the demo portfolio, clients with their keys."""

import getpass
import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timezone

from application import clients, imports, reference
from application.audit.record import Origin
from application.imports import Imported, Watch
from application.ports import Errand, Runner
from application.query import Page, Query
from application.tokens import KeySealer
from domain.client import Client, ClientKey, KeyState
from domain.model import Record
from entrypoints.container.datasets import demo_data, demo_portfolio, reference_data
from entrypoints.container.keys import make_key, new_key_id
from entrypoints.home import Home, StoredKey
from entrypoints.settings import Settings


def operator(action: str) -> Errand:
    """Give what a write from the command line carries."""
    return Errand(
        origin=Origin(
            request_id=secrets.token_hex(16),
            action=action,
            client_id="loapi-cli",
            user_id=_person(),
        ),
        despite_backlog=True,
    )


def _person() -> str:
    """Name who runs the command: an account of the system, or the number of one without a name."""
    try:
        return getpass.getuser()[:40]
    except (KeyError, OSError):
        return str(os.getuid())


async def bring_in(
    runner: Runner,
    dataset: str,
    records: Sequence[Record],
    retire_missing: bool = False,
    watch: Watch | None = None,
) -> Imported:
    """Bring a dataset's records into the store, all of them or none."""
    errand = operator(f"{dataset}.import")
    return (await runner.write(errand, imports.bring_in, records, retire_missing, watch)).value


async def stock(runner: Runner, settings: Settings, sealer: KeySealer) -> None:
    """Load what development starts with, once: a dataset that has records is left alone."""
    for dataset, read in reference_data().items():
        records = read()
        if await _is_empty(runner, type(records[0])):
            await bring_in(runner, dataset, records)
    if settings.loads_demo:
        await _stock_demo(runner, settings, sealer)


async def _stock_demo(runner: Runner, settings: Settings, sealer: KeySealer) -> None:
    if not await _is_empty(runner, Client):
        return
    today = datetime.now(timezone.utc).date()
    await bring_in(runner, "demo", demo_data(today))
    made = [
        await register(runner, sealer, settings, client)
        for client in demo_portfolio(today).clients
    ]
    Home(settings.home).keep(*made)


async def register(
    runner: Runner, sealer: KeySealer, settings: Settings, client: Client
) -> StoredKey:
    """Register a client and give its key, which is told this once."""
    made, key = new_key(sealer, settings, client.client_id)
    await runner.write(operator("client.register"), clients.register, client, key)
    return made


def new_key(
    sealer: KeySealer, settings: Settings, client_id: str
) -> tuple[StoredKey, ClientKey]:
    """Make a key: the text for the client, and the sealed form for the store."""
    key_id = new_key_id(client_id)
    text = make_key(settings.env.value, key_id)
    key = sealed_key(sealer, client_id, key_id, "HS256", text.encode())
    return StoredKey(client_id, key_id, text), key


def sealed_key(
    sealer: KeySealer, client_id: str, key_id: str, algorithm: str, secret: bytes
) -> ClientKey:
    """Give a key as the store has it: its text, or its public key, sealed."""
    return ClientKey(
        key_id=key_id,
        client_id=client_id,
        algorithm=algorithm,
        sealed=sealer.seal(key_id, secret),
        state=KeyState.ACTIVE,
    )


async def _is_empty(runner: Runner, kind: type[Record]) -> bool:
    page: Page[Record] = await runner.read(reference.search, kind, Query(limit=1))
    return not page.items
