"""GET /health: whether batches are accepted, and how far loading lags."""

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from store.errors import NoRoom, StoreBusy, StoreUnavailable
from store.store import Store


class Health:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, _request: Request) -> Response:
        """200 while batches are accepted, else 503 and the reason; both with the loader's lag."""
        status, content = await to_thread.run_sync(self._look)
        return Response(orjson.dumps(content) + b"\n", status, media_type="application/json")

    def _look(self) -> tuple[int, dict[str, object]]:
        facts: dict[str, object] = {}
        try:
            found = self._store.progress()
            facts = {
                "sequence": found.sequence,
                "pending_batches": found.pending.batches,
                "lag_seconds": round(found.pending.lag_seconds, 3),
                "unread_batches": found.unread_batches,
            }
            self._store.layout.require_store()
            self._store.limits.reserve.require(self._store.layout.raw)
        except NoRoom:
            return 503, {"status": "no free space on the disk", **facts}
        except (StoreBusy, StoreUnavailable):
            return 503, {"status": "the store cannot be reached"}
        return 200, {"status": "ok", **facts}
