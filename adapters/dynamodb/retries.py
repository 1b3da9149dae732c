"""Trying again: what passes, how long to wait, and which answers to believe."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from time import monotonic, sleep
from typing import Any, TypeVar

from botocore import exceptions  # type: ignore[import-untyped]  # it has no types
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]  # it has no types

from adapters.dynamodb.wire import Late, Untrusted, note_trouble
from application.errors import Unavailable

R = TypeVar("R")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_PASSING = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
    "ContinuousBackupsUnavailableException",
}
"""What the service answers with status 400 and means to pass; 5xx always is."""

_FAULTS = (exceptions.BotoCoreError, ResponseParserError, Untrusted)
_PASSING_FAULTS = (
    exceptions.HTTPClientError,
    exceptions.ConnectionError,
    ResponseParserError,
    Untrusted,
)


@contextmanager
def reporting() -> Iterator[None]:
    """Raise Unavailable, with its cause, where the table cannot be read or written in time."""
    try:
        yield
    except (*_FAULTS, exceptions.ClientError, Late) as error:
        raise Unavailable from error


def believed(call: Callable[..., dict[str, Any]], *members: str) -> dict[str, Any]:
    """Call; raises Untrusted where the answer lacks what DynamoDB always gives."""
    answer = call(ReturnConsumedCapacity="TOTAL")
    for member in ("ConsumedCapacity", *members):
        if member not in answer:
            raise Untrusted(f"the answer has no {member}")
    return answer


def persist(call: Callable[[], R], until: float) -> R:
    """Call until it is answered; raises Late, or what would be no better at another try."""
    for attempt in count():
        try:
            return call()
        except Exception as error:  # pylint: disable=broad-exception-caught  # raised again
            if not _will_pass(error):
                raise
            note_trouble(error)
            pause(attempt, until, error)
    raise AssertionError("count() has no end")


def _will_pass(error: Exception) -> bool:
    if isinstance(error, exceptions.ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return bool(status >= 500 or error.response["Error"]["Code"] in _PASSING)
    return isinstance(error, _PASSING_FAULTS)


def pause(attempt: int, until: float, cause: Exception | None = None) -> None:
    """Sleep with full jitter; raises Late where no time is left for another try."""
    seconds = random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(attempt, 10)))
    if monotonic() + seconds >= until:
        raise Late from cause
    sleep(seconds)
