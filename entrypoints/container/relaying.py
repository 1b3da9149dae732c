"""Runs the relay in a process of its own, and tells of it."""

import gc
from threading import Event, Thread

from adapters.telemetry.statsd import StatsD
from entrypoints.container.parts import Container
from entrypoints.container.telemetry import Report, watch_threads
from entrypoints.settings import BadSettings


def check_checkpoints(container: Container) -> None:
    """Raise BadSettings where a relay could not send checkpoints to their second place."""
    try:
        container.checkpoint_file().prepare()
    except OSError as error:
        path = container.config.checkpoint_file()
        raise BadSettings(
            f"LOAPI_CHECKPOINT_FILE: {path} cannot be written: {error.strerror}."
        ) from None


def relay_until(container: Container, stop: Event) -> None:
    """Relay, and tell of it, until the event is set; raises BadSettings as above."""
    check_checkpoints(container)
    relay, alarm, statsd = container.relay(), container.alarm(), container.statsd()
    watch_threads(alarm)
    telling = Thread(target=_tell_of_relay, args=(container, statsd, stop), name="loapi-metrics")
    telling.start()
    # What stands now stands for good: looking through it again was a fifth of the relay's time.
    gc.collect()
    gc.freeze()
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
