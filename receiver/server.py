"""One receiver process: serves the app on a socket that it is given, until it is stopped."""

import math
import socket

import uvicorn
from starlette.types import ASGIApp

from receiver.app import Edge, create_app
from receiver.connections import CONNECTIONS_MAX, Connections
from receiver.credentials import Credentials
from receiver.deadlines import with_deadlines
from receiver.health.page import Health
from receiver.health.probe import Probe
from receiver.health.receiving import Receiving
from receiver.metrics import Metrics
from receiver.options import BACKLOG, STOP_SECONDS_MAX, ReceiverOptions
from receiver.upload import Upload
from store.files.notices import Notices
from store.log import Log
from store.store import Store

# The event loop accepts up to so many connections before it drops old ones.
ACCEPTED_AT_ONCE = 128


# After a failed sync no upload is answered with 200, and the service must end soon, so that its
# sender tries again.
FAILED_SECONDS_MAX = 2


class Receiver:
    """Serves until stopped; `disk_failed` says whether a failed disk stopped it."""

    def __init__(
        self,
        store: Store,
        options: ReceiverOptions,
        log: Log,
        notices: Notices | None = None,
    ) -> None:
        self.disk_failed = False
        body_bytes_max = store.limits.body_bytes_max
        receiving = Receiving(notices)
        intake = store.intake()
        self._probe = Probe(store, receiving, log, intake)
        edge = Edge(
            credentials=Credentials(options.tokens, options.token_header, options.tokens_file),
            upload=Upload(intake, body_bytes_max, receiving),
            receiving=receiving,
            health=Health(store, receiving, self._probe, notices),
            metrics=Metrics(store, options.decoder, notices),
            log=log,
            on_disk_failed=self._stop_for_disk,
        )
        self._server = _Server(_config(create_app(edge), options))

    def run(self, listener: socket.socket) -> None:
        self._probe.start()
        try:
            self._server.run(sockets=[listener])
        finally:
            self._probe.stop.set()

    def stop(self) -> None:
        """Accept no new requests and finish running ones. Before `run`, it makes `run` end at once."""
        self._server.should_exit = True

    def _stop_for_disk(self) -> None:
        """After a failed sync it is unknown what is on disk; recovery at the next start checks."""
        self.disk_failed = True
        # What is still being sent is refused anyway.
        self._server.config.timeout_graceful_shutdown = FAILED_SECONDS_MAX
        self.stop()


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # uvicorn has made the queue as short as the number of connections accepted at once.
        for listener in sockets or ():
            listener.listen(BACKLOG)


def _config(app: ASGIApp, options: ReceiverOptions) -> uvicorn.Config:
    peers = Connections()
    return uvicorn.Config(
        app,
        # h11 refuses requests that httptools accepts: huge header lines, a missing or repeated Host.
        http=with_deadlines(options.request_seconds_max, options.idle_seconds_max, peers),
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        # Paths may contain a token, so uvicorn must not log requests.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Only when more than CONNECTIONS_MAX show a valid token, so that none may be dropped.
        limit_concurrency=CONNECTIONS_MAX + ACCEPTED_AT_ONCE,
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=math.ceil(options.idle_seconds_max),
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
