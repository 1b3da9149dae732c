"""loapi db: bring the database to the newest revision, and fill it."""

import asyncio

import typer

from entrypoints.cli.running import opened
from entrypoints.container.wiring import build, upgrade
from entrypoints.settings import BadSettings, read_settings
from entrypoints.stocking import stock

app = typer.Typer(help="Bring the database up to date.", no_args_is_help=True)


@app.command("upgrade")
def upgrade_database() -> None:
    """Run every revision that the database has not had."""
    container = build(read_settings())
    try:
        upgrade(container)
    finally:
        container.database().close()
    typer.echo("The database is at the newest revision.")


@app.command("seed")
def seed() -> None:
    """Load reference data, and in development the demo portfolio, into an empty database."""
    settings = read_settings()
    if settings.production:
        raise BadSettings("LOAPI_ENV: production is not seeded; use loapi import.")
    with opened(settings) as container:
        asyncio.run(stock(container.runner(), settings, container.sealer()))
    typer.echo("The database is stocked.")
