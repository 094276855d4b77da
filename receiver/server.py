"""One receiver process: the app on a socket somebody else opened, until told to stop."""

import socket

import uvicorn
from starlette.types import ASGIApp

from receiver.app import Edge, create_app
from receiver.credentials import Credentials
from receiver.deadlines import punctual
from receiver.health import Health
from receiver.metrics import Metrics
from receiver.options import STOP_SECONDS_MAX, ReceiverOptions
from receiver.upload import Upload
from store.log import Log
from store.store import Store

# Under the usual 1,024 descriptors of a process, with room for drafts and the catalog.
CONNECTIONS_MAX = 512


class Receiver:
    """Serves until stopped; `disk_failed` tells why it stopped."""

    def __init__(self, store: Store, options: ReceiverOptions, log: Log) -> None:
        self.disk_failed = False
        body_bytes_max = store.limits.body_bytes_max
        edge = Edge(
            credentials=Credentials(options.tokens, options.token_header, options.tokens_file),
            upload=Upload(store.intake(), body_bytes_max),
            health=Health(store),
            metrics=Metrics(store, options.decoder),
            log=log,
            on_disk_failed=self._stop_for_disk,
        )
        self._server = uvicorn.Server(_config(create_app(edge), options.request_seconds_max))

    def run(self, listener: socket.socket) -> None:
        self._server.run(sockets=[listener])

    def stop(self) -> None:
        """Begin nothing new, finish what is under way; also before `run`, which then ends at once."""
        self._server.should_exit = True

    def _stop_for_disk(self) -> None:
        """After a failed sync nobody knows what is on disk; recovery at the next start does."""
        self.disk_failed = True
        self.stop()


def _config(app: ASGIApp, request_seconds_max: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # h11 refuses what httptools lets pass: huge header lines, missing or doubled Host.
        http=punctual(request_seconds_max),
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        # Paths may hold a token, so requests are logged by our own lines only.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
