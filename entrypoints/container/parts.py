"""Every part of the service, and what each is built of."""

import os
import secrets
import socket
import time
from datetime import datetime, timezone
from functools import partial

from dependency_injector import containers, providers

from adapters.jwt.guard import JwtGuard
from adapters.limits.memory import MemoryRateLimiter
from adapters.memory.audit import MemoryAuditSink
from adapters.signing.ed25519 import Ed25519Signer
from adapters.signing.emission import CheckpointFile
from adapters.sql.audit import SqlAuditSink
from adapters.sql.housekeeping import Housekeeping
from adapters.sql.journal import Backlog, SqlJournal
from adapters.sql.key_use import SqlKeyUseStore
from adapters.sql.lease import SqlLeaseRow
from adapters.sql.ledger import SqlLedger
from adapters.sql.runner import SqlRunner
from adapters.sql.standing import SqlStanding
from adapters.telemetry.log import start_log
from application.audit.lease import Lease
from application.audit.notary import Notary
from application.audit.notes import Notes
from application.audit.relay import Relay
from application.audit.trail import Trail
from application.calendars import Calendars
from application.directory import Directory
from application.key_use import KeyUses, NotingVerifier
from application.limits import Crowd
from application.measures import Traffic
from domain.payoff_day import DayRules
from entrypoints.container.databases import open_database
from entrypoints.container.elsewhere import open_dynamodb_sink, open_shared_limiter
from entrypoints.container.figures import build_quoting
from entrypoints.container.outages import tell_of_trouble
from entrypoints.container.probes import (
    SINK_SECONDS,
    AuditTrailProbe,
    DatabaseProbe,
    Sighting,
)
from entrypoints.container.proofs import build_identities
from entrypoints.container.secret_keys import build_sealer
from entrypoints.container.telemetry import (
    RelayMetrics,
    ServiceMetrics,
    build_alarm,
    build_statsd,
    build_tracing,
)
from entrypoints.http.address import Proxies


def now() -> datetime:
    """Give the time, UTC."""
    return datetime.now(timezone.utc)


def _holder() -> str:
    return f"{socket.gethostname()[:60]}/{os.getpid()}/{secrets.token_hex(4)}"


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
        open_dynamodb_sink, config.dynamodb.table, config.dynamodb.region, config.dynamodb.endpoint
    )
    probed_sink = providers.Singleton(
        open_dynamodb_sink,
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
        trouble=providers.Singleton(partial, tell_of_trouble, alarm, database),
    )
    notes = providers.Singleton(Notes, runner, now, strict_reads=config.strict_reads)
    sealer = providers.Singleton(build_sealer, config.sealing_key, config.sealing_key_old)
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
    calendars = providers.Singleton(Calendars, runner, directory)
    limiter = providers.Selector(
        config.rate_limit_kind,
        memory=providers.Singleton(MemoryRateLimiter, config.rate_limits, config.workers),
        shared=providers.Singleton(
            open_shared_limiter, config.rate_limit_storage, config.rate_limits, config.workers
        ),
    )
    crowd = providers.Singleton(Crowd, config.client_concurrency)
    proxies = providers.Singleton(Proxies, config.trusted_proxies)
    log = providers.Singleton(start_log, "loapi", config.env, config.log_level)
    sighting = providers.Singleton(Sighting, database)
    probe = providers.Singleton(DatabaseProbe, sighting, runner)
    trail_probe = providers.Singleton(AuditTrailProbe, backlog, now)
    service_metrics = providers.Singleton(ServiceMetrics, traffic, runner, limiter, log)
    relay_metrics = providers.Singleton(RelayMetrics, relay)
