"""loapi client key: the keys of a client, from pending to revoked."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from application import clients
from application.audit.record import plain
from application.tokens import KeySealer
from domain.client import ClientKey
from domain.errors import Conflict
from entrypoints.cli.running import run
from entrypoints.container.keys import WeakKey, new_key_id, verifying_key
from entrypoints.container.wiring import Container
from entrypoints.home import Home, StoredKey
from entrypoints.settings import Settings, read_settings
from entrypoints.stocking import new_key, operator, sealed_key

app = typer.Typer(help="Add, activate, retire and revoke keys.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

MOST_PEM_BYTES = 2_000

MOST_HOURS = 24 * 366
"""How long a retiring key may go on working."""


class Algorithm(StrEnum):
    """What a key can be for: a shared text, or a public key whose other half only they have."""

    HS256 = "HS256"
    ES256 = "ES256"
    RS256 = "RS256"


PublicKey = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="The public key, in PEM, for ES256 or RS256."),
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The client's id.")],
    algorithm: Annotated[
        Algorithm, typer.Option(help="The one algorithm that the key is for.")
    ] = Algorithm.HS256,
    public_key: PublicKey = None,
    as_json: AsJson = False,
) -> None:
    """Give a client one more key, pending until it is activated.

    Without a public key one is made and printed, this once.

    Example: loapi client key add prepay --algorithm ES256 --public-key prepay.pem
    """
    settings = read_settings()
    if (algorithm is Algorithm.HS256) != (public_key is None):
        raise typer.BadParameter("--public-key: ES256 and RS256 need one, HS256 takes none")
    pem = None if public_key is None else _checked(algorithm, public_key)

    async def work(container: Container) -> dict[str, Any]:
        sealer, text = container.sealer(), {}
        if pem is None:
            made, key = new_key(sealer, settings, name)
            text = {"key": made.key}
        else:
            key = sealed_key(sealer, name, new_key_id(name), algorithm.value, pem)
        runner, errand = container.runner(), operator("client.key.add")
        added = (await runner.write(errand, clients.add_key, key)).value
        return plain_key(added) | text

    tell(run(work, settings), as_json)


@app.command("activate")
def activate(key_id: str, as_json: AsJson = False) -> None:
    """Let a pending key prove its client; every worker knows within 10 s.

    One that cannot be opened with the sealing keys given here stays as it is.
    """
    settings = read_settings()

    async def work(container: Container) -> ClientKey:
        runner, errand = container.runner(), operator("client.key.activate")
        held = await runner.read(clients.holder, key_id)
        secret = None if held is None else _opened(container.sealer(), held[1])
        key = (await runner.write(errand, clients.activate, key_id)).value
        if secret is not None and key.algorithm == Algorithm.HS256:
            keep_at_home(StoredKey(key.client_id, key.key_id, secret.decode()), settings)
        return key

    tell(plain_key(run(work, settings)), as_json)


@app.command("retire")
def retire(
    key_id: str,
    hours: Annotated[
        int, typer.Option(min=0, max=MOST_HOURS, help="Hours that it still works.")
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Let a key work for some hours more, then no more."""

    async def work(container: Container) -> ClientKey:
        errand, keep = operator("client.key.retire"), timedelta(hours=hours)
        return (await container.runner().write(errand, clients.retire, key_id, keep)).value

    tell(plain_key(run(work)), as_json)


@app.command("revoke")
def revoke(key_id: str, as_json: AsJson = False) -> None:
    """Take a key's power away for good; every worker knows within 10 s."""

    async def work(container: Container) -> ClientKey:
        errand = operator("client.revoke")
        return (await container.runner().write(errand, clients.revoke, key_id)).value

    tell(plain_key(run(work)), as_json)


def reseal(as_json: AsJson = False) -> None:
    """Seal every key under LOAPI_SEALING_KEY that is still sealed under LOAPI_SEALING_KEY_OLD.

    It may be run again at any time, while the service runs. Keys that neither of the two opens are
    named, and end it with status 1 when the others are done.
    """

    async def work(container: Container) -> tuple[int, list[str]]:
        runner, renewed = container.runner(), container.sealer().renewed
        everyone = await runner.read(clients.everyone)
        keys = [key for _, of_client in everyone for key in of_client]
        unreadable = [key.key_id for key in keys if not _opens(container.sealer(), key)]
        old = [key for key in keys if key.key_id not in unreadable]
        old = [key for key in old if renewed(key.key_id, key.sealed) != key.sealed]
        for key in old:
            errand = operator("client.reseal")
            await runner.write(errand, clients.seal_anew, key.key_id, renewed)
        return len(old), unreadable

    resealed, unreadable = run(work)
    tell({"resealed": resealed}, as_json)
    for key_id in unreadable:
        typer.echo(f"Key {key_id} is sealed under another key, or altered; revoke it.", err=True)
    if unreadable:
        raise typer.Exit(1)


def plain_key(key: ClientKey, uses: Mapping[str, datetime] | None = None) -> dict[str, Any]:
    """Give what may be told of a key, with its last use where uses are given."""
    told = {
        "key_id": key.key_id,
        "client_id": key.client_id,
        "algorithm": key.algorithm,
        "state": key.state.value,
        "retires_at": plain(key.retires_at),
        "created_at": plain(key.created_at),
    }
    return told if uses is None else told | {"last_used_at": plain(uses.get(key.key_id))}


def keep_at_home(key: StoredKey, settings: Settings) -> None:
    """Keep the text of a key where development finds it for trying things."""
    if settings.development:
        Home(settings.home).keep(key)


def tell(row: dict[str, Any], as_json: bool) -> None:
    """Print a row, as JSON or a line for each member."""
    if as_json:
        typer.echo(json.dumps(row))
    else:
        for name, value in row.items():
            typer.echo(f"{name}: {value}")


def _opens(sealer: KeySealer, key: ClientKey) -> bool:
    try:
        sealer.open(key.key_id, key.sealed)
    except ValueError:
        return False
    return True


def _opened(sealer: KeySealer, key: ClientKey) -> bytes:
    try:
        return sealer.open(key.key_id, key.sealed)
    except ValueError as error:
        detail = f"Key {key.key_id} would prove nothing: {error}; revoke it and add another."
        raise Conflict(detail) from None


def _checked(algorithm: Algorithm, path: Path) -> bytes:
    """Give a public key as it stands in a file, if it is one and strong enough."""
    pem = path.read_bytes()
    if len(pem) > MOST_PEM_BYTES or not pem.startswith(b"-----BEGIN PUBLIC KEY-----"):
        raise typer.BadParameter("--public-key: give PEM that begins with BEGIN PUBLIC KEY")
    try:
        verifying_key(algorithm.value, pem)
    except WeakKey as error:
        raise typer.BadParameter(f"--public-key: {error}") from None
    return pem
