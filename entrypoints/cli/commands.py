"""Every command by its name; a command's module is imported when it is called for."""

from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Annotated

import typer

COMMANDS = ("serve", "check", "token", "demo", "import", "client", "db", "audit")

_MODULES = {"check": "serve", "db": "database", "import": "imports"}


def command_line(arguments: Sequence[str]) -> typer.Typer:
    """Give the command line with the command that the arguments name, or with all of them.

    A token should not wait until a server is imported.
    """
    app = typer.Typer(
        name="loapi",
        help="One audited door to loans, locations and people.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_whole)
    for name in arguments[:1] if arguments[:1] and arguments[0] in COMMANDS else COMMANDS:
        _add(app, name)
    return app


def _tell_version(wanted: bool) -> None:
    if wanted:
        # Migrations are slow to import, and only this needs them.
        newest = import_module("entrypoints.container.deployment").NEWEST
        typer.echo(f"loapi {metadata.version('loapi')}, for revision {newest} of the schema")
        raise typer.Exit


_Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_tell_version, is_eager=True,
        help="Tell the version, and the schema's revision that it is for.",
    ),
]


def _whole(_version: _Version = False) -> None:
    """One audited door to loans, locations and people."""


def _add(app: typer.Typer, name: str) -> None:
    module = import_module(f"entrypoints.cli.{_MODULES.get(name, name)}")
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name)
    else:
        app.command(name)(module.import_dataset if name == "import" else getattr(module, name))
