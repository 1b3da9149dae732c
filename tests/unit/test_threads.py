"""A thread that an error ends is told of, with the error's type and place and never its text."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.telemetry.log import JsonHandler, JsonLog
from application.alarm import NO_TAGS, Tags
from entrypoints.container.telemetry import watch_threads
from tests.support.log_lines import fault

SECRET = "canary-5550199888"


class Told:
    """An alarm that notes of what it is told."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []

    def raised(self, error: BaseException, where: str, _tags: Tags = NO_TAGS) -> None:
        self.errors.append((type(error).__name__, where))

    def close(self) -> None:
        pass


@pytest.fixture(name="stream")
def a_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
    stream = io.BytesIO()
    log = JsonLog(stream, "loapi", "test")
    handler, logger = JsonHandler(log), logging.getLogger("loapi")
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def lines(stream: io.BytesIO) -> list[dict[str, Any]]:
    logger = logging.getLogger("loapi")
    for handler in logger.handlers:
        if isinstance(handler, JsonHandler):
            handler._log.flush()  # pylint: disable=protected-access  # it writes every 50 ms
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_thread_that_dies_is_told_of_in_a_line_of_the_log(
    stream: io.BytesIO, capfd: pytest.CaptureFixture[str]
) -> None:
    def die() -> None:
        raise LookupError(SECRET)

    alarm = Told()
    watch_threads(alarm)
    thread = threading.Thread(target=die, name="loapi-read-1")
    thread.start()
    thread.join()
    (line,) = lines(stream)
    assert fault(line) is None
    assert (line["message"], line["error.kind"]) == ("thread loapi-read-1 failed", "LookupError")
    assert line["error.stack"].endswith("in die")
    assert alarm.errors == [("LookupError", "loapi-read-1")]
    assert SECRET not in stream.getvalue().decode() + "".join(capfd.readouterr())
