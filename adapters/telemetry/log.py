"""The log: one JSON line a request and an event, on standard output."""

import logging
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, BinaryIO

from pydantic_core import to_json

FLUSH_SECONDS = 0.05

MOST_WAITING = 20_000
"""Lines that wait at most for a stream that takes none; further ones are dropped and counted."""


class JsonLog:
    """Writes lines from any thread; a line waits at most 50 ms for others."""

    def __init__(self, stream: BinaryIO, service: str, env: str) -> None:
        self._stream = stream
        self._always = to_json({"service": service, "env": env})[1:-1]
        self._lines: list[bytes] = []
        self.dropped = 0
        """How many lines were dropped since the start."""
        self._admitted = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        threading.Thread(target=self._flush_forever, name="loapi-log", daemon=True).start()

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Write a line; the mapping holds plain JSON values, at least one, and no `timestamp`,
        `service` or `env`, which every line has."""
        if len(self._lines) >= MOST_WAITING:
            self.dropped += 1
        else:
            self._put(line)

    def _put(self, line: Mapping[str, Any]) -> None:
        at = int(time.time() * 1000)
        self._lines.append(b'{"timestamp":%d,%b,%b' % (at, self._always, to_json(line)[1:]))
        if not self._wake.is_set():
            self._wake.set()

    def flush(self) -> None:
        """Write everything that waits."""
        with self._lock:
            lines, self._lines = self._lines, []
            if lines:
                self._stream.write(b"\n".join(lines) + b"\n")
                self._stream.flush()
        if self.dropped > self._admitted:
            fresh, self._admitted = self.dropped - self._admitted, self.dropped
            said = f"{fresh} lines were dropped: what reads the log does not keep up"
            self._put({"message": said, "status": "error", "logger.name": "loapi.log"})

    def _flush_forever(self) -> None:
        while self._wake.wait():
            self._wake.clear()
            time.sleep(FLUSH_SECONDS)
            self.flush()


class JsonHandler(logging.Handler):
    """Sends what libraries and the service itself log through the JSON log."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; an exception's text may hold values, so only its type is told."""
        line: dict[str, Any] = {
            "message": record.getMessage(),
            "status": record.levelname.lower(),
            "logger.name": record.name,
        }
        if request_id := getattr(record, "request_id", None):
            line["request_id"] = request_id
        if record.exc_info and record.exc_info[0]:
            line["error.kind"] = record.exc_info[0].__name__
            line["error.stack"] = self._stack(record)
        self._log(line)

    def _stack(self, record: logging.LogRecord) -> str:
        frames: list[str] = []
        trace = record.exc_info[2] if record.exc_info else None
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename}:{trace.tb_lineno} in {code.co_name}")
            trace = trace.tb_next
        return "\n".join(frames)


def start_log(service: str, env: str, level: str) -> JsonLog:
    """Send all logging to standard output as JSON lines."""
    log = JsonLog(sys.stdout.buffer, service, env)
    logging.basicConfig(handlers=[JsonHandler(log)], level=level.upper(), force=True)
    return log
