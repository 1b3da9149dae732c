"""Builds what lets people see inside: traces, alarms, and the metrics of each process."""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from threading import Event
from typing import Any

from pydantic import SecretStr

from adapters.telemetry.statsd import StatsD, count, distribution, gauge
from application.alarm import Alarm, NoAlarm
from application.audit.relay import Relay
from application.limits import RateLimiter
from application.measures import Spread, Traffic, middle_of
from application.tracing import NoTracing, Tracing
from entrypoints.container.probes import is_degraded
from entrypoints.http.services import RequestLog
from entrypoints.settings import BadSettings, Settings, TracingName

SERVICE = "loapi"
EVERY_SECONDS = 10.0
STATSD_PORT = 8125

METRICS = (
    "loapi.requests",
    "loapi.request.duration",
    "loapi.batch.size",
    "loapi.queue.wait",
    "loapi.queue.depth",
    "loapi.journal.depth",
    "loapi.journal.age",
    "loapi.relay.sealed",
    "loapi.limiter.degraded",
    "loapi.log.dropped",
)
"""The names of all metrics; docs/observability.md tells what each is."""

_log = logging.getLogger("loapi")


def telemetry_options(settings: Settings) -> Mapping[str, Any]:
    """Give what the builders here are told of the settings."""
    datadog = settings.tracing is TracingName.DATADOG
    return {
        "tracing_agent": settings.tracing_agent if datadog else None,
        "sentry_dsn": settings.sentry_dsn,
        "statsd": settings.statsd,
        "log_successes": settings.log_successes,
    }


def build_tracing(env: str, agent: str | None) -> Tracing:
    """Give what traces; nothing does where no agent is named."""
    if agent is None:
        return NoTracing()
    module = _extra("adapters.telemetry.datadog", "LOAPI_TRACING")
    tracing: Tracing = module.DatadogTracing(SERVICE, env, agent)
    return tracing


def build_alarm(env: str, dsn: SecretStr | None) -> Alarm:
    """Give what tells people of mistakes of ours."""
    if dsn is None:
        return NoAlarm()
    module = _extra("adapters.telemetry.sentry", "LOAPI_SENTRY_DSN")
    try:
        alarm: Alarm = module.SentryAlarm(dsn.get_secret_value(), env)
    except ValueError as error:
        raise BadSettings(f"LOAPI_SENTRY_DSN: {error}.") from None
    return alarm


def watch_threads(alarm: Alarm) -> None:
    """Tell the log and people of errors that end a thread, or would have."""
    before = threading.excepthook

    def tell(died: threading.ExceptHookArgs) -> None:
        name = died.thread.name if died.thread else "thread"
        if died.exc_value is not None:
            _log.error("thread %s failed", name, exc_info=died.exc_value)
            alarm.raised(died.exc_value, name)
        # Python's own writes the text of the error, which may hold values, and no JSON.
        if before is not threading.__excepthook__:
            before(died)

    threading.excepthook = tell


def build_statsd(env: str, place: str | None) -> StatsD | None:
    """Give what sends metrics, if anything does."""
    if place is None:
        return None
    host, _, port = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "")
    tags = {"service": SERVICE, "env": env, "pid": str(os.getpid())}
    return StatsD(host.strip("[]"), int(port or STATSD_PORT), tags)


def _extra(module: str, variable: str) -> Any:
    """Import an adapter of the extra `observability`, which need not be installed."""
    if find_spec(_NEEDED[module]) is None:
        raise BadSettings(f"{variable} needs the extra 'observability' of loapi's package.")
    return import_module(module)


_NEEDED = {"adapters.telemetry.datadog": "ddtrace", "adapters.telemetry.sentry": "sentry_sdk"}


class ServiceMetrics:
    """The numbers of a process that serves."""

    def __init__(
        self, traffic: Traffic, runner: Any, limiter: RateLimiter, log: RequestLog
    ) -> None:
        self._traffic = traffic
        self._crews: Sequence[Any] = getattr(runner, "crews", ())
        self._limiter = limiter
        self._log = log
        self._news = _News()

    def gauges(self) -> Mapping[str, float]:
        """Give what there is of each thing just now."""
        return {
            "loapi.queue.depth": sum(crew.waiting() for crew in self._crews),
            "loapi.limiter.degraded": int(is_degraded(self._limiter.status())),
            "loapi.log.dropped": getattr(self._log, "dropped", 0),
        }

    def metrics(self) -> Iterator[str]:
        """Give what has happened since this was called last."""
        gauges = dict(self.gauges())
        yield from self._news.counted("loapi.log.dropped", int(gauges.pop("loapi.log.dropped")))
        yield from (gauge(name, value) for name, value in gauges.items())
        for (method, route, hundreds), spread in self._traffic.spreads().items():
            tags = {"method": method, "route": route, "status_class": f"{hundreds}xx"}
            yield from self._news.requests(spread, tags)
        for crew in self._crews:
            yield from self._news.spread("loapi.batch.size", crew.sizes, {"kind": crew.name})
            yield from self._news.spread("loapi.queue.wait", crew.waits, {"kind": crew.name})


class RelayMetrics:
    """The numbers of a process that relays; of the journal only the one that leads tells."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._news = _News()

    def gauges(self) -> Mapping[str, float]:
        """Give what waits for delivery; asks the database."""
        status = self._relay.status()
        return {
            "loapi.journal.depth": status.depth,
            "loapi.journal.age": round(status.age.total_seconds(), 3),
        }

    def metrics(self) -> Iterator[str]:
        """Give what has happened since this was called last."""
        yield from self._news.counted("loapi.relay.sealed", self._relay.sealed)
        if self._relay.leads:
            yield from (gauge(name, value) for name, value in self.gauges().items())


class _News:
    """What has been added since it was told last."""

    def __init__(self) -> None:
        self._told: dict[Any, Mapping[int, int]] = {}
        self._counts: dict[str, int] = {}

    def counted(self, name: str, total: int) -> Iterator[str]:
        """Give how often something has happened since."""
        fresh = total - self._counts.get(name, 0)
        self._counts[name] = total
        if fresh:
            yield count(name, fresh)

    def requests(self, spread: Spread, tags: Mapping[str, str]) -> Iterator[str]:
        """Give how many requests there were since, and how long they took."""
        fresh = self._fresh(("loapi.requests", *tags.values()), spread)
        if fresh:
            yield count("loapi.requests", sum(fresh.values()), **tags)
        yield from _distributed("loapi.request.duration", fresh, tags)

    def spread(self, name: str, spread: Spread, tags: Mapping[str, str]) -> Iterator[str]:
        """Give the values that were seen since."""
        yield from _distributed(name, self._fresh((name, *tags.values()), spread), tags)

    def _fresh(self, key: Any, spread: Spread) -> Mapping[int, int]:
        told, counts = self._told.get(key, {}), spread.counts()
        self._told[key] = counts
        fresh = {bucket: times - told.get(bucket, 0) for bucket, times in counts.items()}
        return {bucket: times for bucket, times in fresh.items() if times}


def _distributed(
    name: str, fresh: Mapping[int, int], tags: Mapping[str, str]
) -> Iterator[str]:
    for bucket, times in fresh.items():
        yield distribution(name, middle_of(bucket), times, **tags)


@dataclass(frozen=True, slots=True)
class Report:
    """Sends metrics every ten seconds, from a thread of its own."""

    statsd: StatsD
    sources: Sequence[Callable[[], Iterator[str]]]

    def run_until(self, stop: Event) -> None:
        """Send until the event is set, and then once more."""
        while not stop.wait(EVERY_SECONDS):
            self.send()
        self.send()

    def send(self) -> None:
        """Send what each source gives; one that fails is left out."""
        for source in self.sources:
            try:
                self.statsd.send(list(source()))
            except Exception as error:  # pylint: disable=broad-except  # numbers can wait
                _log.info("some metrics could not be taken: %s", type(error).__name__)
