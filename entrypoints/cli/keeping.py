"""loapi audit status, export, migrate, init-sink: where the trail is, and bringing it elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from application.audit.copying import copy
from application.audit.prove import NotCertified, size_of
from application.audit.record import plain
from application.errors import ServiceError, Tampered
from entrypoints.cli.running import opened
from entrypoints.cli.telling import AsJson, progress, refuse, tell
from entrypoints.container.examination import init_sink, sink, sinks_of
from entrypoints.container.export import Incomplete, export
from entrypoints.container.wiring import now
from entrypoints.settings import AuditSinkName, BadSettings, read_settings

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]


@contextmanager
def _told() -> Iterator[None]:
    """End with status 1 and a sentence where the trail says no."""
    try:
        yield
    except (NotCertified, Incomplete, Tampered, ServiceError, OSError) as error:
        refuse(error)


def tell_status(as_json: AsJson = False) -> None:
    """Tell how much waits for how long, who leads, and how far the log goes."""
    settings = read_settings()
    with opened(settings) as container, _told():
        oldest = container.journal().pending(1)
        holding = container.lease_row().read()
        note = container.ledger().latest_checkpoint()
        size = container.ledger().tree().size
        facts = {
            "sink": settings.audit_sink.value,
            "depth": container.journal().depth(),
            "age_seconds": (now() - oldest[0].occurred_at).total_seconds() if oldest else 0.0,
            "leader": holding.holder if holding else None,
            "lease_until": plain(holding.expires_at) if holding else None,
            "last_index": size - 1 if size else None,
            "last_checkpoint": size_of(note) if note else None,
        }
    tell(facts, as_json)


def export_bundle(
    output: Annotated[Path, typer.Option(dir_okay=False, help="The file to write.")],
    since: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="From this time on, UTC.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="Until before this time, UTC.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a zip with records, checkpoints, the public key and a report for people.

    Example: loapi audit export --output may.zip --since 2026-05-01 --until 2026-06-01
    """
    settings = read_settings()
    with opened(settings) as container, progress("exported", as_json) as show, _told():
        sinks = [sink(container, name) for name in sinks_of(settings)]
        done = export(container, sinks, output, _utc(since), _utc(until), show)
    facts = {"file": str(output), "start": done.start, "stop": done.stop}
    found = done.verdict.finding
    told = {"checkpoint": done.checkpoint, "sound": done.verdict.sound}
    tell(facts | told | {"detail": found.detail if found else None}, as_json)
    if found:
        raise typer.Exit(1)


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=timezone.utc)


def migrate_history(
    source: Annotated[AuditSinkName, typer.Option("--from", help="The sink to copy from.")],
    target: Annotated[AuditSinkName, typer.Option("--to", help="'memory' only rehearses it.")],
    as_json: AsJson = False,
) -> None:
    """Copy the log's records to another sink, and compare the roots; repeat it to go on.

    Nothing is removed. Example: loapi audit migrate --from database --to dynamodb
    """
    if AuditSinkName.MEMORY is source or source is target:
        raise BadSettings("Copy from 'database' or 'dynamodb' to another sink.")
    with opened() as container, progress("copied", as_json) as show, _told():
        tree = container.ledger().tree()
        sources, to = [sink(container, source)], sink(container, target)
        again = target is AuditSinkName.DATABASE
        done = copy(sources, to, tree, lambda size: show(size, tree.size), again=again)
    facts = {
        "size": done.size,
        "copied": done.copied,
        "there": done.there,
        "missing": done.missing,
        "root": done.root.hex(),
        "expected": done.expected.hex(),
        "whole": done.whole,
    }
    tell(facts, as_json)
    if not done.whole:
        raise typer.Exit(1)


def make_sink(
    seconds: Annotated[int, typer.Option(min=1, help="How long to wait for it.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Make the DynamoDB table that settings name where there is none; where there is, check it."""
    with _told():
        tell(init_sink(read_settings(), float(seconds)), as_json)
