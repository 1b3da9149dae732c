"""What examines the audit trail: that of the running service, or a bundle with a key alone."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from adapters.bundle.archive import BadBundle, Bundle
from adapters.memory.audit import MemoryAuditSink
from adapters.signing.ed25519 import Ed25519Verifier
from adapters.signing.emission import CheckpointFile
from adapters.sql.audit import SqlAuditSink
from adapters.sql.examination import SqlPlaces, SqlShelf, SqlWaiting
from application.audit.evidence import Shelf
from application.audit.live import LiveLog, SinkShelf
from application.audit.prove import size_of
from application.audit.verify import Notes, Progress, Verification
from application.ports import AuditSink
from entrypoints.container.wiring import Container
from entrypoints.settings import AuditSinkName, BadSettings, Settings

__all__ = ["BadBundle", "Ed25519Verifier", "init_sink", "live", "offline", "sink", "sinks_of"]


def sinks_of(settings: Settings) -> list[AuditSinkName]:
    """Name every sink that may hold a part of the log, the one in use first."""
    named = [AuditSinkName.DATABASE]
    if settings.dynamodb_table:
        named.append(AuditSinkName.DYNAMODB)
    return sorted(named, key=lambda name: name is not settings.audit_sink)


def live(
    container: Container, names: Iterable[AuditSinkName], progress: Progress
) -> Verification:
    """Prepare to verify the log as it stands in these sinks."""
    database = container.database()
    shelves = [_shelf(container, name) for name in names]
    return Verification(
        log=LiveLog(SqlPlaces(database), shelves, SqlWaiting(database)),
        key=Ed25519Verifier(container.signer().verifier_key),
        witness=container.checkpoint_file().notes,
        progress=progress,
    )


def offline(
    bundle: Path, key: str, checkpoints: Path | None, progress: Progress
) -> Verification:
    """Prepare to verify a bundle; of a second place, as far as the bundle goes.

    Raises BadBundle, and ValueError where the key is none.
    """
    log = Bundle(bundle)
    return Verification(
        log=log,
        key=Ed25519Verifier(key),
        witness=_until(checkpoints, log.latest_checkpoint()) if checkpoints else None,
        progress=progress,
    )


def sink(container: Container, name: AuditSinkName) -> AuditSink:
    """Give a sink by its name, one that compares whatever it has with what it is given."""
    if name is AuditSinkName.DYNAMODB:
        found: AuditSink = container.dynamodb_sink()
        return found
    if name is AuditSinkName.DATABASE:
        return SqlAuditSink(container.database())
    return MemoryAuditSink()


def init_sink(settings: Settings, seconds: float) -> dict[str, Any]:
    """Make the table of the sink 'dynamodb' where there is none; raises BadSettings."""
    if settings.dynamodb_table is None:
        raise BadSettings("Name the table by LOAPI_DYNAMODB_TABLE and LOAPI_DYNAMODB_REGION.")
    table = import_module("adapters.dynamodb.table")
    try:
        state = table.init_table(
            settings.dynamodb_table,
            region=settings.dynamodb_region,
            endpoint=settings.dynamodb_endpoint,
            deadline=seconds,
        )
    except table.OtherTable as error:
        raise BadSettings(f"LOAPI_DYNAMODB_TABLE: {error}.") from None
    return {
        "table": settings.dynamodb_table,
        "created": state.created,
        "point_in_time_recovery": state.recovery,
    }


def _shelf(container: Container, name: AuditSinkName) -> Shelf:
    if name is AuditSinkName.MEMORY:
        raise BadSettings("The sink 'memory' is gone with its process; it cannot be read here.")
    if name is AuditSinkName.DATABASE:
        return SqlShelf(container.database())
    return SinkShelf(sink(container, name))


def _until(checkpoints: Path, latest: str | None) -> Notes:
    end = size_of(latest) if latest else 0
    place = CheckpointFile(checkpoints)
    return lambda: (note for note in place.notes() if size_of(note) <= end)
