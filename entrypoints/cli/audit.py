"""loapi audit: deliver the audit trail."""

import typer

app = typer.Typer(help="Deliver and examine the audit trail.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Deliver and examine the audit trail."""
