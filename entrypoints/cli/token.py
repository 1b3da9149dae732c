"""loapi token: mint a token for trying the service."""

import secrets
import time
from typing import Annotated

import typer

from entrypoints.container.keys import mint
from entrypoints.home import Home
from entrypoints.settings import read_settings

LONGEST_LIFE = 300


def token(
    client: Annotated[str, typer.Option(help="The client that calls.")],
    user: Annotated[str | None, typer.Option(help="The user that it acts for.")] = None,
    location: Annotated[
        int | None, typer.Option(min=1, help="The location that it acts for, and sees alone.")
    ] = None,
    ttl: Annotated[
        int, typer.Option(min=1, max=LONGEST_LIFE, help="Seconds until it expires.")
    ] = LONGEST_LIFE,
) -> None:
    """Print one token, signed with a key that development keeps under LOAPI_HOME.

    A token works for one write, or for reads until it expires.
    """
    if user == "":
        raise typer.BadParameter("--user: give a user's id, or leave it out")
    settings = read_settings()
    home = Home(settings.home)
    key = home.keys().get(client)
    if key is None:
        typer.echo(
            f"There is no key of client '{client}' in {home.keys_file}; start 'loapi serve' once, "
            "add the client with 'loapi client add NAME --scope SCOPE', or give one that is "
            "registered a new key with 'loapi client rotate NAME'.",
            err=True,
        )
        raise typer.Exit(1)
    typer.echo(
        mint(
            key.key,
            key.key_id,
            client,
            settings.audience,
            user,
            location,
            ttl,
            int(time.time()),
            secrets.token_urlsafe(16),
        )
    )
