"""Builds all that the settings name, each part once; the other modules here are its parts."""

from datetime import timedelta

from adapters.sql import migrate
from entrypoints.container.databases import oracle_options
from entrypoints.container.figures import payoff_options
from entrypoints.container.outages import means_outage
from entrypoints.container.parts import Container, now
from entrypoints.container.proofs import proof_options
from entrypoints.container.relaying import check_checkpoints, relay_until
from entrypoints.container.secret_keys import cursor_key, secret
from entrypoints.container.serving import services_of
from entrypoints.container.telemetry import telemetry_options
from entrypoints.settings import AuditReads, BadSettings, Settings

__all__ = [
    "Container",
    "build",
    "check_checkpoints",
    "is_ahead",
    "is_current",
    "is_outage",
    "now",
    "relay_until",
    "services_of",
    "upgrade",
]


def build(settings: Settings, *, serving: bool = False) -> Container:
    """Give a container for these settings; raises BadSettings where they cannot be met.

    One that serves keeps more sessions at the database than a command.
    """
    sealing_key = secret(settings, "sealing_key")
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
            "sealing_key_old": secret(settings, "sealing_key_old")
            if settings.sealing_key_old else None,
            "cursor_key": cursor_key(sealing_key),
            "signing_key": secret(settings, "signing_key"),
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


def upgrade(container: Container) -> None:
    """Bring the database to the newest revision; raises BadSettings for one that is not ours."""
    try:
        migrate.upgrade(container.database())
    except migrate.NotOurs as error:
        raise BadSettings(f"LOAPI_DATABASE_URL: {error}.") from None


def is_outage(container: Container, error: Exception) -> bool:
    """Tell whether an error means that the database cannot be used now, and that only."""
    return means_outage(container.database(), error)


def is_current(container: Container) -> bool:
    """Tell whether the database is at the newest revision."""
    return migrate.is_current(container.database())


def is_ahead(container: Container) -> bool:
    """Tell whether the database is at a revision of a later version; raises as `upgrade` does."""
    try:
        return migrate.is_ahead(container.database())
    except migrate.NotOurs as error:
        raise BadSettings(f"LOAPI_DATABASE_URL: {error}.") from None
