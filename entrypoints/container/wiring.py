"""Builds everything that the settings name, each part once."""

import base64
import hmac
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from importlib import import_module
from threading import Event, Thread

from dependency_injector import containers, providers
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from adapters.jwt.guard import JwtGuard
from adapters.jwt.sealing import AesGcmSealer, sealing_key_name
from adapters.limits.memory import MemoryRateLimiter
from adapters.memory.audit import MemoryAuditSink
from adapters.signing.ed25519 import Ed25519Signer
from adapters.signing.emission import CheckpointFile
from adapters.sql import migrate
from adapters.sql.audit import SqlAuditSink
from adapters.sql.database import Database, Failure
from adapters.sql.housekeeping import Housekeeping
from adapters.sql.journal import Backlog, SqlJournal
from adapters.sql.key_use import SqlKeyUseStore
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from adapters.sql.runner import SqlRunner
from adapters.sql.standing import SqlStanding
from adapters.sql.tracing import trace_statements
from adapters.telemetry.log import start_log
from adapters.telemetry.statsd import StatsD
from application.alarm import Alarm
from application.audit.lease import Lease
from application.audit.notary import Notary
from application.audit.notes import Notes
from application.audit.relay import Relay
from application.audit.trail import Trail
from application.directory import Directory
from application.errors import ServiceError
from application.key_use import KeyUses, NotingVerifier
from application.limits import Crowd, RateLimiter
from application.measures import Traffic
from application.ports import AuditSink
from domain.payoff_day import DayRules
from entrypoints.container.databases import open_database, oracle_options
from entrypoints.container.figures import build_quoting, payoff_options
from entrypoints.container.probes import (
    SINK_SECONDS,
    AuditTrailProbe,
    ClockProbe,
    DatabaseProbe,
    ProofProbe,
    RateLimitsProbe,
    SinkProbe,
    in_thread,
)
from entrypoints.container.proofs import build_identities, proof_options
from entrypoints.container.telemetry import (
    RelayMetrics,
    Report,
    ServiceMetrics,
    build_alarm,
    build_statsd,
    build_tracing,
    telemetry_options,
    watch_threads,
)
from entrypoints.home import Home
from entrypoints.http.address import Proxies
from entrypoints.http.services import Probe, Services
from entrypoints.settings import AuditReads, BadSettings, Settings

FIRST_SEALING_KEY = "k1"
"""What seals name the sealing key of old, before they named each by its digest."""

KEY_BYTES = 32


def now() -> datetime:
    """Give the time, UTC."""
    return datetime.now(timezone.utc)


def _secret(settings: Settings, name: str) -> bytes:
    """Give 32 bytes from the setting of this name, or development's own."""
    given: SecretStr | None = getattr(settings, name)
    variable = f"LOAPI_{name.upper()}"
    if given is None and not settings.development:
        raise BadSettings(f"{variable}: give 32 bytes in base64.")
    text = _own_secret(settings, name) if given is None else given.get_secret_value()
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadSettings(f"{variable}: give 32 bytes in base64.")
    return key


def _own_secret(settings: Settings, name: str) -> str:
    try:
        return Home(settings.home).secret(name.removesuffix("_key"))
    except OSError as error:
        detail = f"LOAPI_HOME: {settings.home} cannot be used: {error.strerror}."
        raise BadSettings(detail) from None


def _sealer(sealing_key: bytes, old: bytes | None) -> AesGcmSealer:
    keys = {sealing_key_name(key): key for key in (old, sealing_key) if key}
    keys[FIRST_SEALING_KEY] = old or sealing_key
    return AesGcmSealer(keys, sealing_key_name(sealing_key))


def _cursor_key(sealing_key: bytes) -> bytes:
    return hmac.digest(sealing_key, b"loapi list cursors", "sha256")


def _holder() -> str:
    return f"{socket.gethostname()[:60]}/{os.getpid()}/{secrets.token_hex(4)}"


def _dynamodb_sink(
    table: str | None, region: str, endpoint: str | None, deadline: float = 10.0
) -> AuditSink:
    if table is None:
        raise BadSettings("The sink 'dynamodb' needs LOAPI_DYNAMODB_TABLE, LOAPI_DYNAMODB_REGION.")
    # boto3 takes longer to import than most commands take to run.
    module = import_module("adapters.dynamodb.audit")
    sink: AuditSink = module.DynamoDbAuditSink(
        table, region=region, endpoint=endpoint, deadline=deadline
    )
    return sink


def _tell_of_trouble(alarm: Alarm, database: Database, error: Exception) -> None:
    """Tell people of what ails the relay, unless its database or its sink is away."""
    away = isinstance(error, DBAPIError) and database.failure(error) in _OUTAGES
    if not away and not isinstance(error, ServiceError):
        alarm.raised(error, "relay")


def _shared_limiter(storage: str, rates: Mapping[str, str], workers: int) -> RateLimiter:
    # The client of Valkey takes a third of a second to import.
    module = import_module("adapters.limits.shared")
    limiter: RateLimiter = module.SharedRateLimiter(storage, rates, workers)
    return limiter


class Container(containers.DeclarativeContainer):
    """Builds each part once, from settings given as `config`."""

    config = providers.Configuration(strict=True)

    database = providers.Singleton(open_database, config.url, config.oracle)
    journal = providers.Singleton(
        SqlJournal, database, sink_is_database=config.sink_is_database
    )
    backlog = providers.Singleton(
        Backlog, database, most=config.audit_backlog, oldest=config.audit_backlog_age
    )
    tracing = providers.Singleton(build_tracing, config.env, config.tracing_agent)
    alarm = providers.Singleton(build_alarm, config.env, config.sentry_dsn)
    statsd = providers.Singleton(build_statsd, config.env, config.statsd)
    traffic = providers.Singleton(Traffic)
    runner = providers.Singleton(SqlRunner, database, journal, now, backlog, tracing)
    dynamodb_sink = providers.Singleton(
        _dynamodb_sink, config.dynamodb.table, config.dynamodb.region, config.dynamodb.endpoint
    )
    probed_sink = providers.Singleton(
        _dynamodb_sink,
        config.dynamodb.table,
        config.dynamodb.region,
        config.dynamodb.endpoint,
        SINK_SECONDS,
    )
    sink = providers.Selector(
        config.audit_sink,
        database=providers.Singleton(SqlAuditSink, database, in_place=True),
        memory=providers.Singleton(MemoryAuditSink),
        dynamodb=dynamodb_sink,
    )
    in_place = providers.Selector(
        config.audit_sink,
        database=providers.Singleton(SqlStanding, database),
        memory=providers.Object(None),
        dynamodb=providers.Object(None),
    )
    trail = providers.Singleton(Trail, journal, sink)
    ledger = providers.Singleton(SqlLedger, database)
    lease_row = providers.Singleton(SqlLeaseRow, database)
    lease = providers.Singleton(Lease, lease_row, providers.Callable(_holder), now)
    signer = providers.Singleton(Ed25519Signer, config.audit_log_name, config.signing_key)
    checkpoint_file = providers.Singleton(CheckpointFile, config.checkpoint_file)
    notary = providers.Singleton(Notary, ledger, signer, checkpoint_file, now)
    relay = providers.Singleton(
        Relay,
        journal=journal,
        ledger=ledger,
        sink=sink,
        lease=lease,
        notary=notary,
        clock=now,
        in_place=in_place,
        keep_house=providers.Singleton(Housekeeping, database),
        trouble=providers.Singleton(partial, _tell_of_trouble, alarm, database),
    )
    notes = providers.Singleton(Notes, runner, now, strict_reads=config.strict_reads)
    sealer = providers.Singleton(_sealer, config.sealing_key, config.sealing_key_old)
    directory = providers.Singleton(Directory, runner, sealer)
    key_use_store = providers.Singleton(SqlKeyUseStore, database)
    key_uses = providers.Singleton(KeyUses, key_use_store, now)
    guard = providers.Singleton(JwtGuard, directory, config.audience, time.time)
    verifier = providers.Singleton(NotingVerifier, guard, key_uses)
    identities = providers.Singleton(
        build_identities,
        runner,
        time.time,
        config.ulp,
        config.ulp_seconds,
        config.oidc,
        config.oidc_stale_seconds,
    )
    quoting = providers.Singleton(build_quoting, runner, config.figures, config.figures_seconds)
    day_rules = providers.Singleton(DayRules, thursday_roll=config.thursday_roll)
    limiter = providers.Selector(
        config.rate_limit_kind,
        memory=providers.Singleton(MemoryRateLimiter, config.rate_limits, config.workers),
        shared=providers.Singleton(
            _shared_limiter, config.rate_limit_storage, config.rate_limits, config.workers
        ),
    )
    crowd = providers.Singleton(Crowd, config.client_concurrency)
    proxies = providers.Singleton(Proxies, config.trusted_proxies)
    log = providers.Singleton(start_log, "loapi", config.env, config.log_level)
    probe = providers.Singleton(DatabaseProbe, database)
    trail_probe = providers.Singleton(AuditTrailProbe, backlog, now)
    service_metrics = providers.Singleton(ServiceMetrics, traffic, runner, limiter, log)
    relay_metrics = providers.Singleton(RelayMetrics, relay)


def build(settings: Settings, *, serving: bool = False) -> Container:
    """Give a container for these settings; raises BadSettings where they cannot be met.

    One that serves keeps more sessions at the database than a command.
    """
    sealing_key = _secret(settings, "sealing_key")
    storage = settings.rate_limit_storage.get_secret_value()
    container = Container()
    container.config.from_dict(
        {
            "url": settings.url,
            "oracle": oracle_options(settings, serving=serving),
            "env": settings.env.value,
            "audit_sink": settings.audit_sink.value,
            "sink_is_database": settings.audit_sink.value == "database",
            "dynamodb": {
                "table": settings.dynamodb_table,
                "region": settings.dynamodb_region,
                "endpoint": settings.dynamodb_endpoint,
            },
            "strict_reads": settings.audit_reads is AuditReads.STRICT,
            "audience": settings.audience,
            **proof_options(settings), **payoff_options(settings),
            **telemetry_options(settings),
            "sealing_key": sealing_key,
            "sealing_key_old": _secret(settings, "sealing_key_old")
            if settings.sealing_key_old else None,
            "cursor_key": _cursor_key(sealing_key),
            "signing_key": _secret(settings, "signing_key"),
            "checkpoint_file": settings.checkpoints,
            "audit_log_name": settings.audience,
            "audit_backlog": settings.audit_backlog,
            "audit_backlog_age": timedelta(minutes=settings.audit_backlog_minutes),
            "rate_limits": settings.rate_limits,
            "rate_limit_kind": "memory" if storage == "memory" else "shared",
            "rate_limit_storage": storage,
            "client_concurrency": settings.client_concurrency,
            "trusted_proxies": settings.trusted_proxies,
            "workers": settings.workers,
            "log_level": settings.log_level.value,
            "production": settings.production,
        }
    )
    return container


def services_of(container: Container) -> Services:
    """Give what the HTTP layer serves with, built at once so that nothing fails later."""
    runner = container.runner()
    log = container.log()
    limiter = container.limiter()
    tracing, alarm = container.tracing(), container.alarm()
    watch_threads(alarm)
    if container.config.tracing_agent() is not None:
        trace_statements(container.database(), tracing)

    def close() -> None:
        runner.close()
        container.database().close()
        limiter.close()
        tracing.close()
        alarm.close()
        log.flush()

    return Services(
        runner=runner,
        verifier=container.verifier(),
        identities=container.identities(),
        quoting=container.quoting(), day_rules=container.day_rules(),
        directory=container.directory(),
        limiter=limiter,
        crowd=container.crowd(),
        proxies=container.proxies(),
        notes=container.notes(),
        trail=container.trail(),
        log=log,
        log_successes=container.config.log_successes(),
        traffic=None if container.statsd() is None else container.traffic(),
        tracing=tracing,
        alarm=alarm,
        cursor_key=container.config.cursor_key(),
        probes=_readiness(container),
        measures=partial(_measured, container),
        production=container.config.production(),
        background=_background(container),
        close=close,
    )


def _background(container: Container) -> list[Callable[[Event], None]]:
    """Give what runs beside the requests."""
    running: list[Callable[[Event], None]] = [container.key_uses().run_until]
    sources = [container.service_metrics().metrics]
    if container.config.audit_sink() == "memory":
        # Nobody but this process could see what a relay of another delivers to its memory.
        running.append(container.relay().run_until)
        sources.append(container.relay_metrics().metrics)
    if (statsd := container.statsd()) is not None:
        running.append(Report(statsd, sources).run_until)
    return running


def _readiness(container: Container) -> dict[str, Probe]:
    """Give what readiness asks, by name."""
    probes: dict[str, Probe] = {
        "database": container.probe(),
        "audit_trail": container.trail_probe(),
        "rate_limits": RateLimitsProbe(container.limiter()),
        "clock": ClockProbe(),
    }
    if container.config.audit_sink() == "dynamodb":
        probes["audit_sink"] = SinkProbe(container.probed_sink())
    for mode, url in container.config.proof_urls().items():
        probes[mode] = ProofProbe(partial(container.identities().status_of, mode), url)
    return probes


async def _measured(container: Container) -> Mapping[str, float]:
    """Give the numbers of the moment."""
    numbers = dict(container.service_metrics().gauges())
    depth = await in_thread(container.journal().depth)
    return {**numbers, "loapi.journal.depth": depth}


def relay_until(container: Container, stop: Event) -> None:
    """Relay, and tell of it, until the event is set."""
    relay, alarm, statsd = container.relay(), container.alarm(), container.statsd()
    watch_threads(alarm)
    telling = Thread(target=_tell_of_relay, args=(container, statsd, stop), name="loapi-metrics")
    telling.start()
    try:
        relay.run_until(stop)
    except Exception as error:
        alarm.raised(error, "relay")
        raise
    finally:
        stop.set()
        telling.join()
        alarm.close()


def _tell_of_relay(container: Container, statsd: StatsD | None, stop: Event) -> None:
    if statsd is not None:
        Report(statsd, [container.relay_metrics().metrics]).run_until(stop)


def upgrade(container: Container) -> None:
    """Bring the database to the newest revision."""
    migrate.upgrade(container.database())


def is_outage(container: Container, error: Exception) -> bool:
    """Tell whether an error means that the database cannot be used now, and that only."""
    if not isinstance(error, DBAPIError):
        return False
    return container.database().failure(error) in _OUTAGES


_OUTAGES = (Failure.BUSY, Failure.UNAVAILABLE, Failure.LATE, Failure.LOST)


def is_current(container: Container) -> bool:
    """Tell whether the database is at the newest revision."""
    return migrate.is_current(container.database())
