"""Gives the HTTP layer what it serves with, from the parts of a container."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from threading import Event

from adapters.sql.tracing import trace_statements
from entrypoints.container.parts import Container
from entrypoints.container.probes import (
    ClockProbe,
    ProofProbe,
    RateLimitsProbe,
    SinkProbe,
    in_thread,
)
from entrypoints.container.telemetry import Report
from entrypoints.http.services import Probe, Services


def services_of(container: Container) -> Services:
    """Give what the HTTP layer serves with, built at once so that nothing fails later."""
    tracing, alarm = container.tracing(), container.alarm()
    runner = container.runner()
    log = container.log()
    limiter = container.limiter()
    if container.config.tracing_agent() is not None:
        trace_statements(container.database(), tracing)

    # The last one first; each is closed, whatever becomes of the others.
    ending = ExitStack()
    closes = log.flush, alarm.close, tracing.close, limiter.close, container.database().close
    for close in (*closes, runner.close):
        ending.callback(close)

    return Services(
        runner=runner,
        verifier=container.verifier(),
        identities=container.identities(),
        quoting=container.quoting(), day_rules=container.day_rules(),
        calendars=container.calendars(),
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
        close=ending.close,
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
        "clock": ClockProbe(container.sighting()),
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
