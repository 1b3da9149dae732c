"""The command line: serve, and everything that an operator does beside it."""

import sys

import typer

from entrypoints.cli.commands import command_line
from entrypoints.settings import BadSettings


def main() -> None:
    """Run the command that the arguments name; settings that cannot be end with status 2."""
    try:
        command_line(sys.argv[1:])()
    except BadSettings as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
