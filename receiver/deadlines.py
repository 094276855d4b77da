"""A deadline for requests, which uvicorn lacks: slow connections are closed.

uvicorn cancels its keep-alive timer at the first byte of a request, so a connection that sends half
a header or half a body would stay open for ever. The code relies on uvicorn's `cycle`, which
tests/receiver/test_deadlines.py checks.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from receiver.options import REQUEST_SECONDS_MAX, STOPPING_SECONDS_MAX


class DeadlineProtocol(H11Protocol):
    request_seconds_max = REQUEST_SECONDS_MAX
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()

    def on_response_complete(self) -> None:
        # A pipelined request begins inside this call, so its clock starts before.
        self._start_clock()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        # Unfinished requests get less time, so that none has to be cancelled at the end.
        self._start_clock(min(self.request_seconds_max, STOPPING_SECONDS_MAX))

    def _start_clock(self, seconds: float | None = None) -> None:
        self._stop_clock()
        delay = self.request_seconds_max if seconds is None else seconds
        self._deadline = self.loop.call_later(delay, self._time_is_up)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _time_is_up(self) -> None:
        """Close the connection, unless its request has arrived whole and is being stored."""
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request's head
        is_being_answered = cycle is not None and not (cycle.more_body or cycle.response_complete)
        if is_being_answered and not self.flow.write_paused:
            self._start_clock()
        else:
            # The client does not send its request, or does not read its answer.
            self.transport.abort()


def with_deadline(request_seconds_max: float) -> type[DeadlineProtocol]:
    """A protocol class with this deadline; uvicorn makes one object for each connection."""
    return type("Deadline", (DeadlineProtocol,), {"request_seconds_max": request_seconds_max})
