"""Builds everything that the settings name, each part once."""

import asyncio
import base64
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from dependency_injector import containers, providers

from adapters.jwt.guard import JwtGuard
from adapters.jwt.sealing import AesGcmSealer
from adapters.limits.limiter import MemoryRateLimiter
from adapters.memory.audit import MemoryTrail
from adapters.sql import migrate
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database
from adapters.sql.journal import SqlJournal
from adapters.sql.runner import SqlRunner
from adapters.sql.sqlite import open_sqlite
from adapters.telemetry.log import start_log
from application.audit.notes import Notes
from application.audit.trail import Trail
from application.directory import Directory
from entrypoints.home import Home
from entrypoints.http.services import Services
from entrypoints.settings import AuditReads, BadSettings, Settings

SEALING_KEY_ID = "k1"


def now() -> datetime:
    """Give the time, UTC."""
    return datetime.now(timezone.utc)


def _open_database(url: str) -> Database:
    if url.startswith("sqlite:"):
        return open_sqlite(url)
    raise BadSettings("LOAPI_DATABASE_URL: give sqlite:///FILE.")


def _sealing_key(settings: Settings) -> bytes:
    if settings.sealing_key is not None:
        text = settings.sealing_key.get_secret_value()
    elif settings.development:
        text = Home(settings.home).sealing_key()
    else:
        raise BadSettings("LOAPI_SEALING_KEY: give 32 bytes in base64.")
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadSettings("LOAPI_SEALING_KEY: give 32 bytes in base64.")
    return key


def _sealer(sealing_key: bytes) -> AesGcmSealer:
    return AesGcmSealer({SEALING_KEY_ID: sealing_key}, SEALING_KEY_ID)


def _cursor_key(sealing_key: bytes) -> bytes:
    return hmac.digest(sealing_key, b"loapi list cursors", "sha256")


def _no_sink() -> Any:
    raise BadSettings("LOAPI_AUDIT_SINK: 'dynamodb' is not served yet; choose 'database'.")


@dataclass(frozen=True, slots=True)
class DatabaseProbe:
    """Tells whether the database answers and is at the newest revision."""

    database: Database

    async def __call__(self) -> Mapping[str, Any]:
        """Give the schema's state; raises where it is behind or the database is away."""
        if not await asyncio.to_thread(migrate.is_current, self.database):
            raise RuntimeError("the schema is behind; run loapi db upgrade")
        return {"schema": "current"}


class Container(containers.DeclarativeContainer):
    """Builds each part once, from settings given as `config`."""

    config = providers.Configuration(strict=True)

    database = providers.Singleton(_open_database, config.url)
    journal = providers.Singleton(
        SqlJournal, database, sink_is_database=config.sink_is_database
    )
    runner = providers.Singleton(SqlRunner, database, journal, now)
    sink = providers.Selector(
        config.audit_sink,
        database=providers.Singleton(SqlAuditSink, database),
        memory=providers.Singleton(MemoryTrail),
        dynamodb=providers.Callable(_no_sink),
    )
    trail = providers.Singleton(Trail, journal, sink)
    notes = providers.Singleton(Notes, runner, now, strict_reads=config.strict_reads)
    sealer = providers.Singleton(_sealer, config.sealing_key)
    directory = providers.Singleton(Directory, runner, sealer)
    verifier = providers.Singleton(JwtGuard, directory, config.audience, time.time)
    limiter = providers.Singleton(MemoryRateLimiter, config.rate_limits)
    log = providers.Singleton(start_log, "loapi", config.env, config.log_level)
    probe = providers.Singleton(DatabaseProbe, database)


def build(settings: Settings) -> Container:
    """Give a container for these settings; raises BadSettings where they cannot be met."""
    sealing_key = _sealing_key(settings)
    container = Container()
    container.config.from_dict(
        {
            "url": settings.url,
            "env": settings.env.value,
            "audit_sink": settings.audit_sink.value,
            "sink_is_database": settings.audit_sink.value == "database",
            "strict_reads": settings.audit_reads is AuditReads.STRICT,
            "audience": settings.audience,
            "sealing_key": sealing_key,
            "cursor_key": _cursor_key(sealing_key),
            "rate_limits": settings.rate_limits,
            "log_level": settings.log_level,
            "production": settings.production,
        }
    )
    return container


def services_of(container: Container) -> Services:
    """Give what the HTTP layer serves with, built at once so that nothing fails later."""
    runner = container.runner()
    log = container.log()

    def close() -> None:
        runner.close()
        container.database().close()
        log.flush()

    return Services(
        runner=runner,
        verifier=container.verifier(),
        directory=container.directory(),
        limiter=container.limiter(),
        notes=container.notes(),
        trail=container.trail(),
        log=log,
        cursor_key=container.config.cursor_key(),
        probes={"database": container.probe()},
        production=container.config.production(),
        close=close,
    )


def upgrade(container: Container) -> None:
    """Bring the database to the newest revision."""
    migrate.upgrade(container.database())
