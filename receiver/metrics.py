"""GET /metrics for Prometheus: what the service answered, and what the store holds.

Receiver processes share one set of counters through the folder that PROMETHEUS_MULTIPROC_DIR
names; `serve` makes it. The contents of the store are read from the catalog at each scrape, so
every process gives the same answer.
"""

import os

from anyio import to_thread
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from receiver.store_metrics import StoreMetrics
from store.files.notices import Notices
from store.intake.outcome import Receipt
from store.store import Store

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# From a small batch on a fast disk to the deadline for a request.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    def __init__(self, store: Store, decoder: str, notices: Notices | None = None) -> None:
        own = CollectorRegistry()
        self._batches = Counter(
            "raytrail_batches", "Batches answered with 200", ["outcome"], registry=own
        )
        self._bytes = Counter("raytrail_body_bytes", "Bytes of new batches as sent", registry=own)
        self._refused = Counter(
            "raytrail_refused_requests", "Requests refused", ["status"], registry=own
        )
        self._seconds = Histogram(
            "raytrail_acknowledge_seconds",
            "Head of request to answer",
            buckets=_SECONDS,
            registry=own,
        )
        self._registry = own
        if MULTIPROCESS_FOLDER in os.environ:
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        self._registry.register(StoreMetrics(store, decoder, notices))

    def stored(self, receipt: Receipt, seconds: float) -> None:
        self._seconds.observe(seconds)
        if receipt.is_duplicate:
            self._batches.labels("duplicate").inc()
            return
        self._batches.labels("unread" if receipt.unread_reason else "new").inc()
        self._bytes.inc(receipt.body_bytes)

    def refused(self, status: int) -> None:
        self._refused.labels(str(status)).inc()

    async def get(self, _request: Request) -> Response:
        text = await to_thread.run_sync(generate_latest, self._registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)
