"""One receiver process: serves the app on a socket that it is given, until it is stopped."""

import socket

import uvicorn
from starlette.types import ASGIApp

from receiver.app import Edge, create_app
from receiver.credentials import Credentials
from receiver.deadlines import with_deadline
from receiver.health import Health
from receiver.metrics import Metrics
from receiver.options import STOP_SECONDS_MAX, ReceiverOptions
from receiver.probe import Probe
from receiver.receiving import Receiving
from receiver.upload import Upload
from store.files.notices import Notices
from store.log import Log
from store.store import Store

# Under the usual 1,024 descriptors of a process, with room for drafts and the catalog.
CONNECTIONS_MAX = 512


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
        self._probe = Probe(store, receiving, log)
        edge = Edge(
            credentials=Credentials(options.tokens, options.token_header, options.tokens_file),
            upload=Upload(store.intake(), body_bytes_max, receiving),
            receiving=receiving,
            health=Health(store, receiving, self._probe, notices),
            metrics=Metrics(store, options.decoder, notices),
            log=log,
            on_disk_failed=self._stop_for_disk,
        )
        self._server = uvicorn.Server(_config(create_app(edge), options.request_seconds_max))

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
        self.stop()


def _config(app: ASGIApp, request_seconds_max: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # h11 refuses requests that httptools accepts: huge header lines, a missing or repeated Host.
        http=with_deadline(request_seconds_max),
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        # Paths may contain a token, so uvicorn must not log requests.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
