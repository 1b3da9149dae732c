"""The command line: serve, and everything that an operator does beside it."""

import sys

import typer

from entrypoints.settings import BadSettings


def main() -> None:
    """Run the command that the arguments name; settings that cannot be end with status 2."""
    # Each command's module is imported when it is needed: a token should not wait for a server.
    from entrypoints.cli.commands import app  # pylint: disable=import-outside-toplevel  # see above

    try:
        app()
    except BadSettings as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
