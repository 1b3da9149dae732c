"""How commands on the audit trail answer: lines for people, JSON for scripts, and a bar."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def tell(facts: Mapping[str, Any], as_json: bool) -> None:
    """Print facts, those that nobody has left out for people."""
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        if value is not None:
            typer.echo(f"{name.replace('_', ' ')}: {value}")


def refuse(message: object) -> NoReturn:
    """End with status 1."""
    typer.echo(str(message), err=True)
    raise typer.Exit(1) from None


@contextmanager
def progress(what: str, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Show how far work is, on stderr; nothing with `quiet`, or where no person looks."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
