"""Tells Sentry of errors that nobody expected: their types, codes and places, and no values."""

import logging
import re
import time
from collections import OrderedDict
from typing import Any

from application.alarm import NO_TAGS, Tags

CLOSE_SECONDS = 2.0
"""How long what waits may take to be sent at the end."""

MOST_WAITING = 100
"""Events that wait at most for a Sentry that takes none; further ones are dropped."""

APART_SECONDS = 1.0
"""How far apart events of one place in the code are: one tells as much as a flood."""

_MOST_PLACES = 1_000

_CODE = re.compile(r"\b(?:ORA|DPY|DPI|PLS|TNS|SP2)-\d{4,5}\b|\bSQLITE_[A-Z_]+\b")
"""What may be told of an error's text."""

_KEPT = frozenset({
    "event_id", "timestamp", "level", "logger", "platform", "environment", "release", "exception",
    "tags", "sdk",
})
"""The members of an event that are sent."""

_KEPT_OF_FRAMES = frozenset({"filename", "abs_path", "function", "module", "lineno", "in_app"})


class SentryAlarm:
    """An Alarm that sends events from a thread of the SDK's.

    It integrates with nothing, traces nothing, and keeps no local variables, no breadcrumbs and
    nothing of the request but the ids that it is tagged with.
    """

    def __init__(self, dsn: str, env: str) -> None:
        """Send to a DSN; raises ValueError where it is none."""
        # pylint: disable=import-outside-toplevel  # an extra that need not be there
        from sentry_sdk import Client
        from sentry_sdk.utils import BadDsn, event_from_exception

        self._event_from: Any = event_from_exception
        self._told_at: OrderedDict[tuple[str, str, int], float] = OrderedDict()
        _quiet(logging.getLogger("sentry_sdk.errors"))
        # send_default_pii is off unless it is given, and deprecated.
        try:
            self._client: Any = Client(
                dsn=dsn,
                environment=env,
                server_name="",
                default_integrations=False,
                auto_enabling_integrations=False,
                include_local_variables=False,
                include_source_context=False,
                max_request_body_size="never",
                max_breadcrumbs=0,
                traces_sample_rate=None,
                auto_session_tracking=False,
                send_client_reports=False,
                transport_queue_size=MOST_WAITING,
                shutdown_timeout=CLOSE_SECONDS,
                before_send=stripped,
            )
        except BadDsn:
            raise ValueError("this is no DSN of Sentry's") from None

    def raised(self, error: BaseException, where: str, tags: Tags = NO_TAGS) -> None:
        """Tell of an error in some part of the service; never raises, never waits."""
        try:
            if self._is_news(error):
                event, _ = self._event_from(error, client_options=self._client.options)
                told = {name: value for name, value in tags.items() if value is not None}
                self._client.capture_event({**event, "tags": {"part": where, **told}})
        except Exception as trouble:  # pylint: disable=broad-except  # the request goes on
            logging.getLogger("loapi").warning(
                "an error was not told to Sentry: %s", type(trouble).__name__
            )

    def close(self) -> None:
        """Send what waits, for two seconds at most."""
        self._client.close(timeout=CLOSE_SECONDS)

    def _is_news(self, error: BaseException) -> bool:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else ("", 0)
        key, now = (type(error).__name__, *place), time.monotonic()
        if now - self._told_at.get(key, float("-inf")) < APART_SECONDS:
            return False
        self._told_at[key] = now
        if len(self._told_at) > _MOST_PLACES:
            self._told_at.popitem(last=False)
        return True


def stripped(event: Any, _hint: Any) -> Any:
    """Leave of an event only what can hold no value: types, codes, places, ids."""
    kept = {name: value for name, value in event.items() if name in _KEPT}
    for one in kept.get("exception", {}).get("values", ()):
        one["value"] = " ".join(dict.fromkeys(_CODE.findall(str(one.get("value")))))
        one.pop("mechanism", None)
        frames = (one.get("stacktrace") or {}).get("frames", ())
        for frame in frames:
            for name in frame.keys() - _KEPT_OF_FRAMES:
                del frame[name]
    return kept


def _quiet(logger: logging.Logger) -> None:
    """What the SDK says of itself goes through our log like everything else's."""
    logger.handlers.clear()
    logger.propagate = True
