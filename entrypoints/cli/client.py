"""loapi client: register the applications that may call, and their keys."""

import json
import re
from datetime import timedelta
from typing import Annotated, Any

import typer

from application import clients
from domain.client import Client, Mode, ReplayPolicy
from domain.errors import Invalid
from entrypoints.cli.key import MOST_HOURS, AsJson
from entrypoints.cli.key import app as keys_app
from entrypoints.cli.key import keep_at_home, plain_key, reseal, revoke, tell
from entrypoints.cli.running import run
from entrypoints.container.wiring import Container
from entrypoints.home import StoredKey
from entrypoints.settings import Settings, read_settings
from entrypoints.stocking import new_key, operator, register

app = typer.Typer(help="Register client applications and their keys.", no_args_is_help=True)
app.add_typer(keys_app, name="key")
app.command("revoke")(revoke)
app.command("reseal")(reseal)

Limits = Annotated[
    list[str] | None,
    typer.Option(help="A limit of its own, as write=600/minute; repeat it."),
]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The client's id, the `iss` of its tokens.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; repeat it.")],
    mode: Annotated[Mode, typer.Option(help="How it proves its users.")] = Mode.TRUST,
    replay: Annotated[
        ReplayPolicy, typer.Option(help="Whether a token works for one write only.")
    ] = ReplayPolicy.ONCE,
    limit: Limits = None,
    as_json: AsJson = False,
) -> None:
    """Register a client and print its key, which is told this once.

    Example: loapi client add prepay --scope payoff:read --scope payoff:write
    """
    _check_name(name)
    scopes = _checked_scopes(scope)
    settings = read_settings()
    limits = _checked_limits(limit)
    client = Client(
        client_id=name, scopes=scopes, mode=mode, replay=replay, rate_limits=limits
    )

    async def work(container: Container) -> StoredKey:
        return await register(container.runner(), container.sealer(), settings, client)

    _tell_key(run(work, settings), settings, as_json)


@app.command("limit")
def limit_client(name: str, limit: Limits = None, as_json: AsJson = False) -> None:
    """Give a client rate limits of its own, or with no --limit the usual ones again.

    They replace those it has; every worker knows within 10 s.

    Example: loapi client limit prepay --limit write=600/minute --limit client=5/second
    """
    limits = _checked_limits(limit)

    async def work(container: Container) -> Client:
        errand = operator("client.limit")
        return (await container.runner().write(errand, clients.limit, name, limits)).value

    client = run(work)
    tell({"client_id": name, "rate_limits": list(client.rate_limits)}, as_json)


@app.command("rotate")
def rotate(
    name: str,
    keep: Annotated[
        int, typer.Option(min=0, max=MOST_HOURS, help="Hours that the old key still works.")
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Give a client a new key; the ones it has retire after some hours."""
    settings = read_settings()

    async def work(container: Container) -> StoredKey:
        runner = container.runner()
        made, key = new_key(container.sealer(), settings, name)
        errand = operator("client.rotate")
        await runner.write(errand, clients.rotate, key, timedelta(hours=keep))
        return made

    _tell_key(run(work, settings), settings, as_json)


@app.command("list")
def list_clients(as_json: AsJson = False) -> None:
    """List the clients with their keys."""

    async def work(container: Container) -> list[dict[str, Any]]:
        everyone = await container.runner().read(clients.everyone)
        uses = container.key_use_store().last()
        return [
            {
                "client_id": client.client_id,
                "scopes": list(client.scopes),
                "mode": client.mode.value,
                "replay": client.replay.value,
                "rate_limits": list(client.rate_limits),
                "keys": [plain_key(key, uses) for key in keys],
            }
            for client, keys in everyone
        ]

    told = run(work)
    if as_json:
        typer.echo(json.dumps(told, indent=1))
        return
    for row in told:
        typer.echo(f"{row['client_id']}: {' '.join(row['scopes'])}")
        for key in row["keys"]:
            used = f"last used {key['last_used_at']}" if key["last_used_at"] else "never used"
            typer.echo(f"  {key['key_id']} ({key['algorithm']}, {key['state']}, {used})")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise typer.BadParameter("NAME: give 1 to 40 letters, digits, '.', '_' and '-'")


def _checked_scopes(given: list[str]) -> tuple[str, ...]:
    """Give the scopes, which may also stand together in one option."""
    scopes = {scope for one in given for scope in one.replace(",", " ").split()}
    if not scopes:
        raise typer.BadParameter("--scope: give at least one scope")
    if unknown := sorted(scopes - set(clients.SCOPES)):
        known = ", ".join(clients.SCOPES)
        raise typer.BadParameter(f"there is no scope {', '.join(unknown)}; there are {known}")
    return tuple(sorted(scopes))


def _checked_limits(limits: list[str] | None) -> tuple[str, ...]:
    try:
        return Client(client_id="-", rate_limits=tuple(sorted(limits or ()))).rate_limits
    except Invalid as error:
        raise typer.BadParameter(error.detail) from None


def _tell_key(key: StoredKey, settings: Settings, as_json: bool) -> None:
    # Told first: it is told this once, whether or not it can be kept.
    tell({"client_id": key.client_id, "key_id": key.key_id, "key": key.key}, as_json)
    keep_at_home(key, settings)
