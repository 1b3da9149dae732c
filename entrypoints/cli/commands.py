"""Every command by its name."""

import typer

from entrypoints.cli import audit, client, database, demo, imports, serve, token

app = typer.Typer(
    name="loapi",
    help="One audited door to loans, locations and people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("token")(token.token)
app.command("demo")(demo.demo)
app.command("import")(imports.import_dataset)
app.command("check")(serve.check)
app.add_typer(client.app, name="client")
app.add_typer(database.app, name="db")
app.add_typer(audit.app, name="audit")
