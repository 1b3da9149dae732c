"""loapi import: bring a dataset's file into the database."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from application.reference import Imported
from entrypoints.cli.running import run
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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check every row of a CSV file, then bring all of them in, or none.

    Example: loapi import franchise directory.csv
    """
    try:
        records = READERS[dataset.value](file)
    except Faulty as error:
        typer.echo(f"{file.name}: nothing was imported.\n{error}", err=True)
        raise typer.Exit(1) from None

    async def work(container: Container) -> Imported:
        return await bring_in(container.runner(), dataset.value, records)

    done = run(work)
    told = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(", ".join(f"{count} {name}" for name, count in told.items()))
