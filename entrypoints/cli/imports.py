"""loapi import: bring a dataset's file into the database."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from application.imports import Imported, foresee
from entrypoints.cli.running import run
from entrypoints.cli.telling import AsJson, progress, tell
from entrypoints.container.datasets import READERS, Faulty
from entrypoints.container.wiring import Container
from entrypoints.stocking import bring_in


class Dataset(StrEnum):
    """The datasets that can be imported."""

    COUNTRY = "country"
    NAICS = "naics"
    FRANCHISE = "franchise"
    HOLIDAY = "holiday"


def import_dataset(
    dataset: Dataset,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    retire_missing: Annotated[
        bool,
        typer.Option(
            "--retire-missing",
            help="Make inactive what the file lacks; holidays are removed, in those years of a "
            "calendar that the file has.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every row of a CSV or XLSX file, then bring all of them in, or none.

    Example: loapi import franchise directory.xlsx --dry-run
    """
    try:
        records = READERS[dataset.value](file)
    except Faulty as error:
        typer.echo(f"{file.name}: nothing was imported.\n{error}", err=True)
        raise typer.Exit(1) from None

    async def work(container: Container) -> Imported:
        runner = container.runner()
        with progress("rows", as_json) as show:

            def watch(done: int) -> None:
                show(done, len(records))

            if dry_run:
                return await runner.read(foresee, records, retire_missing, watch)
            return await bring_in(runner, dataset.value, records, retire_missing, watch)

    done = run(work)
    if as_json:
        tell(asdict(done), as_json=True)
    else:
        typer.echo(", ".join(f"{count} {name}" for name, count in asdict(done).items()))
        _explain(done, dry_run)


def _explain(done: Imported, dry_run: bool) -> None:
    if done.missing:
        typer.echo(
            f"{done.missing} active entries are not in the file and stay as they are; "
            "--retire-missing makes them inactive, and removes holidays."
        )
    if dry_run:
        typer.echo("This was a dry run: nothing was imported.")
