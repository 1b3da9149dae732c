"""loapi db: bring the database to the newest revision, write scripts for it, check and fill it."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.running import AHEAD, opened, usable
from entrypoints.cli.telling import AsJson, refuse
from entrypoints.container.deployment import (
    Account,
    AuditTable,
    Plan,
    Unreadable,
    UpgradeFailed,
    find_faults,
    planned,
    write_scripts,
)
from entrypoints.container.wiring import build, is_ahead, upgrade
from entrypoints.settings import BadSettings, read_settings
from entrypoints.stocking import stock

app = typer.Typer(help="Bring the database up to date.", no_args_is_help=True)


@app.command("upgrade")
def upgrade_database(
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it on Oracle, outside development too.")
    ] = False,
) -> None:
    """Run every revision that the database has not had.

    On Oracle outside development this is an administrator's act: it takes the owner of the tables,
    and --yes. 'loapi db script --output FOLDER' writes the same as scripts for SQL*Plus.
    """
    settings = read_settings()
    container = build(settings)
    try:
        with usable(container):
            if is_ahead(container):
                raise BadSettings(AHEAD)
            if not settings.development:
                _check_plan(planned(container), yes)
            upgrade(container)
    except UpgradeFailed as error:
        refuse(error)
    finally:
        container.database().close()
    typer.echo("The database is at the newest revision.")


def _check_plan(plan: Plan | None, agreed: bool) -> None:
    """Refuse to change the tables of an Oracle database that nobody has said to change."""
    if plan is None or not plan.revisions:
        return
    user, schema = plan.session.user, plan.session.schema
    if not plan.session.owns_tables:
        refuse(
            f"{user} does not own the tables of {schema}; connect as {Account.MIGRATE}[{schema}]."
        )
    if not agreed:
        refuse(
            f"This would run {len(plan.revisions)} revisions, {plan.revisions[0]} to"
            f" {plan.revisions[-1]}, in {schema}, and nothing undoes them by itself.\n"
            "Read them with 'loapi db script --output FOLDER', then repeat this with --yes."
        )


@app.command("script")
def script(
    output: Annotated[Path, typer.Option(file_okay=False, help="The folder to write into.")],
    since: Annotated[
        str | None, typer.Option("--from", help="The revision that the schema is at; none yet.")
    ] = None,
    audit_table: Annotated[
        AuditTable, typer.Option(help="How the table of audit records is made.")
    ] = AuditTable.PLAIN,
) -> None:
    """Write upgrade.sql, rollback.sql, grants.sql and accounts.sql for Oracle; asks no database.

    Example: loapi db script --output release --from 0058
    """
    try:
        for path in write_scripts(output, since, audit_table):
            typer.echo(path)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        refuse(error)


@app.command("check")
def check(
    account: Annotated[
        Account, typer.Option(case_sensitive=False, help="Whose rights the connected user has.")
    ] = Account.APP,
    as_json: AsJson = False,
) -> None:
    """Compare the schema with what this version expects; status 1 with a line for each finding.

    On Oracle also what the connected user may do. Example: loapi db check --account loapi_audit
    """
    settings = read_settings()
    container = build(settings)
    try:
        found = find_faults(container, account, with_demo=settings.loads_demo)
    except Unreadable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    finally:
        container.database().close()
    if as_json:
        rows = [{"subject": each.subject, "where": each.where, "what": each.what} for each in found]
        typer.echo(json.dumps({"findings": rows}, indent=1))
    elif found:
        typer.echo("\n".join(map(str, found)))
    else:
        typer.echo("The schema is as this version expects it.")
    if found:
        raise typer.Exit(1)


@app.command("seed")
def seed() -> None:
    """Load reference data, and in development the demo portfolio, into an empty database."""
    settings = read_settings()
    if settings.production:
        raise BadSettings("LOAPI_ENV: production is not seeded; use loapi import.")
    with opened(settings) as container:
        asyncio.run(stock(container.runner(), settings, container.sealer()))
    typer.echo("The database is stocked.")
