"""The deadline uvicorn lacks: a connection that owes us bytes for too long is closed.

uvicorn's keep-alive timer is cancelled by the first byte of a request, so a connection
that sends half a header or half a body would stay for ever. This leans on
uvicorn's `cycle`; tests/receiver/test_deadlines.py holds it to that.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from receiver.options import REQUEST_SECONDS_MAX, STOPPING_SECONDS_MAX


class PunctualProtocol(H11Protocol):
    request_seconds_max = REQUEST_SECONDS_MAX
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()

    def on_response_complete(self) -> None:
        # A pipelined request begins inside the call, so its clock starts before.
        self._start_clock()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        # Whoever still owes us a body has less time now, so that nothing needs to be cancelled.
        self._start_clock(min(self.request_seconds_max, STOPPING_SECONDS_MAX))

    def _start_clock(self, seconds: float | None = None) -> None:
        self._stop_clock()
        patience = self.request_seconds_max if seconds is None else seconds
        self._deadline = self.loop.call_later(patience, self._time_is_up)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _time_is_up(self) -> None:
        """Cut whoever owes us bytes; never a request whose body is in and being stored."""
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request's head
        is_being_answered = cycle is not None and not (cycle.more_body or cycle.response_complete)
        if is_being_answered and not self.flow.write_paused:
            self._start_clock()
        else:
            # It owes us bytes, or asks and never reads what we say.
            self.transport.abort()


def punctual(request_seconds_max: float) -> type[PunctualProtocol]:
    """The protocol with a deadline of its own; uvicorn makes one object a connection."""
    return type("Punctual", (PunctualProtocol,), {"request_seconds_max": request_seconds_max})
