"""Deadlines for connections, which uvicorn lacks, and their place in the queue of those that give way.

uvicorn cancels its keep-alive timer at the first byte of a request, so a connection that sends half
a header or half a body would stay open for ever. The code relies on uvicorn's `cycle`, which
tests/receiver/test_deadlines.py checks.
"""

import asyncio

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from receiver.connections import Connections
from receiver.options import IDLE_SECONDS_MAX, REQUEST_SECONDS_MAX, STOPPING_SECONDS_MAX

# Where a request finds its connection.
_IN_STATE = "connection"

# uvicorn closes an idle connection itself. One whose peer does not read its answer stays open after
# that, and is aborted.
UNREAD_SECONDS = 5.0


class DeadlineProtocol(H11Protocol):
    request_seconds_max = REQUEST_SECONDS_MAX
    idle_seconds_max = IDLE_SECONDS_MAX
    peers: Connections  # of one receiver; `with_deadlines` sets it
    _deadline: asyncio.TimerHandle | None = None
    _is_idle = False
    _is_known = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, _IN_STATE: self}
        self._start_clock(self.request_seconds_max)
        self.peers.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._is_idle:
            self._begin_request()
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._is_idle = True
        self.peers.idle(self, is_known=self._is_known)
        self._start_clock(self.idle_seconds_max + UNREAD_SECONDS)
        super().on_response_complete()
        # A pipelined request begins inside that call.
        if not self.cycle.response_complete:
            self._begin_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        self.peers.closed(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        # Unfinished requests get less time, so that none has to be cancelled at the end.
        self._start_clock(min(self.request_seconds_max, STOPPING_SECONDS_MAX))

    def drop(self) -> None:
        self.transport.abort()

    def trust(self) -> None:
        """The request in progress has shown a valid token."""
        self._is_known = True
        self.peers.busy(self)

    def _begin_request(self) -> None:
        self._is_idle = False
        self._start_clock(self.request_seconds_max)

    def _start_clock(self, seconds: float) -> None:
        self._stop_clock()
        self._deadline = self.loop.call_later(seconds, self._time_is_up)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _time_is_up(self) -> None:
        """Close the connection, unless its request has arrived whole and is being stored."""
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request's head
        is_being_answered = cycle is not None and not (cycle.more_body or cycle.response_complete)
        if is_being_answered and not self.flow.write_paused:
            self._start_clock(self.request_seconds_max)
        else:
            # The client does not send its request, or does not read its answer.
            self.transport.abort()


def trust(request: Request) -> None:
    """Keep the connection of a request that has shown a valid token."""
    connection = getattr(request.state, _IN_STATE, None)
    if isinstance(connection, DeadlineProtocol):
        connection.trust()


def with_deadlines(
    request_seconds_max: float, idle_seconds_max: float, peers: Connections
) -> type[DeadlineProtocol]:
    """A protocol class with these limits; uvicorn makes one object for each connection."""
    limits = {
        "request_seconds_max": request_seconds_max,
        "idle_seconds_max": idle_seconds_max,
        "peers": peers,
    }
    return type("Deadlines", (DeadlineProtocol,), limits)
