"""uvicorn's HTTP protocol with deadlines: a client that is too slow is cut, never waited for."""

import asyncio
import math

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from entrypoints.http.whole import WHOLE, WholeOfUvicorn

HEAD_SECONDS = 10.0
"""How long a connection may take to send a request's head."""

BODY_SECONDS = 35.0
"""How long a body may take to arrive, and an answer to be taken. A body that the service waits
for has less, and is answered; this is for the rest, such as bodies that nobody reads."""

MOST_HEAD_BYTES = 64 * 1024

LINGER_SECONDS = 2.0
"""How long a connection stays open on which nothing is under way when the service ends: its client
cannot know that yet. A request that comes meanwhile is answered, and told that it is the last."""


class PunctualProtocol(HttpToolsProtocol):
    """Closes connections whose requests do not arrive, or whose answers are not taken, in time.

    uvicorn itself waits for ever, and its parser takes heads of any size. Nearly every request
    comes whole at once, so a deadline is a number; the one timer of the connection, which costs
    more, is set for the first of them and then for what is still waited for.
    """

    _ending = False
    _due = math.inf
    """When what the client sends must be here, by the loop's clock."""
    _looks_at = math.inf
    """When the timer looks whether that has passed; never later than it does."""
    _look: asyncio.TimerHandle | None = None
    _idle = False
    """Whether nothing is waited for but another request."""
    _taken_by: asyncio.TimerHandle | None = None
    """When what the client asked for must have been taken."""
    _head_bytes: int | None = 0
    """How much of a head has come; none while no head is awaited."""
    _came = 0
    """How much came last, of which a head may be a part."""

    # The narrower transport is what uvicorn itself declares.
    def connection_made(
        self, transport: asyncio.Transport  # type: ignore[override]  # see above
    ) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._look is not None:
            self._look.cancel()
        self._stop_waiting_for_taking()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless it is more than a head can be."""
        self._came = len(data)
        if self._head_bytes is not None:
            self._head_bytes += self._came
        super().data_received(data)
        if self._head_bytes is not None and self._head_bytes > MOST_HEAD_BYTES:
            if not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """Wait for the rest of a head."""
        super().on_message_begin()
        self._idle = False
        if self._taken_by is not None and not self._untaken():
            self._stop_waiting_for_taking()
        if self._head_bytes is None:
            self._head_bytes = 0
            self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """Wait for a body; a head that came with other things is measured here."""
        came, self._head_bytes = (self._head_bytes or 0) + self._came, None
        if came > MOST_HEAD_BYTES and self._size_of_head() > MOST_HEAD_BYTES:
            raise HttpParserError("The head of the request is too large.")
        self._wait(BODY_SECONDS)
        super().on_headers_complete()
        if self._ending and self.cycle is not None:
            self.cycle.keep_alive = False
        self.scope["state"][WHOLE] = WholeOfUvicorn(self.cycle)

    def on_message_complete(self) -> None:
        """Wait no longer: the request is here."""
        self._due = math.inf
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the client to take what it has asked for."""
        self._wait_for_taking()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Wait on, until the client has taken all: what is left can be held open with as well."""
        if not self._untaken():
            self._stop_waiting_for_taking()
        super().resume_writing()

    def on_response_complete(self) -> None:
        """Go on to the next request, or to the end."""
        if self.pipeline or self.transport.is_closing() or self._due < math.inf:
            super().on_response_complete()
        else:
            self._wait_for_next()
        self._end_in_time()

    def _wait_for_next(self) -> None:
        """Do what uvicorn does where nothing waits, but for a timer of its own with each answer."""
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle = True
        self._wait(self.timeout_keep_alive)

    def shutdown(self) -> None:
        """Answer what is under way, and what comes before the client can know, then close.

        uvicorn itself closes what is idle at once, in the face of requests that are on their way.
        """
        self._ending = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER_SECONDS, super().shutdown)
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that nothing has come on."""
        super().timeout_keep_alive_handler()
        self._end_in_time()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, and close."""
        super().send_400_response(msg)
        self._end_in_time()

    def _end_in_time(self) -> None:
        """Wait only so long for a client to take what is left before its connection closes."""
        if self.transport.is_closing() and self._untaken():
            self._wait_for_taking()

    def _untaken(self) -> bool:
        return self.transport.get_write_buffer_size() > 0

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _wait(self, seconds: float) -> None:
        self._due = self.loop.time() + seconds
        if self._due < self._looks_at:
            self._look_at(self._due)

    def _look_at(self, when: float) -> None:
        if self._look is not None:
            self._look.cancel()
        self._looks_at, self._look = when, self.loop.call_at(when, self._cut_if_due)

    def _cut_if_due(self) -> None:
        self._looks_at, self._look = math.inf, None
        if self._due <= self.loop.time() and self._idle:
            self.timeout_keep_alive_handler()
        elif self._due <= self.loop.time():
            self._cut()
        elif self._due < math.inf:
            self._look_at(self._due)

    def _wait_for_taking(self) -> None:
        if self._taken_by is None:
            self._taken_by = self.loop.call_later(BODY_SECONDS, self._cut_if_untaken)

    def _stop_waiting_for_taking(self) -> None:
        if self._taken_by is not None:
            self._taken_by.cancel()
            self._taken_by = None

    def _cut_if_untaken(self) -> None:
        self._taken_by = None
        if self._untaken():
            self._cut()

    def _cut(self) -> None:
        self.transport.abort()
