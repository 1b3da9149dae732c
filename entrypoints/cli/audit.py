"""loapi audit: seal and deliver the audit trail, and examine it."""

import os
import signal
from threading import Event, Thread
from typing import Annotated

import typer

from entrypoints.cli.examining import print_key, prove_consistency, prove_record, verify_log
from entrypoints.cli.keeping import export_bundle, make_sink, migrate_history, tell_status
from entrypoints.cli.running import opened
from entrypoints.container.wiring import relay_until

app = typer.Typer(help="Seal, deliver and examine the audit trail.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Seal, deliver and examine the audit trail."""


@app.command("relay")
def relay(
    parent: Annotated[
        int | None, typer.Option(help="Stop when this process is no longer the parent.")
    ] = None,
) -> None:
    """Seal records and deliver them to the sink until SIGTERM; 'loapi serve' starts one.

    It waits for a database that is away or behind.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        Thread(target=_watch, args=(parent, stop), daemon=True).start()
    with opened(until=stop) as container:
        relay_until(container, stop)


def _watch(parent: int, stop: Event) -> None:
    while os.getppid() == parent and not stop.wait(0.5):
        pass
    stop.set()


app.command("verify")(verify_log)
app.command("prove")(prove_record)
app.command("consistency")(prove_consistency)
app.command("key")(print_key)
app.command("status")(tell_status)
app.command("export")(export_bundle)
app.command("migrate")(migrate_history)
app.command("init-sink")(make_sink)
