"""GET /health: whether batches are accepted, how far loading is behind, and what does not get on.

The status says only whether batches are accepted, because a proxy takes out a host that answers
503, and then nothing is stored. `/health?full` is 503 for a degraded service too.
"""

from dataclasses import asdict

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from store.errors import NoRoom, StoreBusy, StoreUnavailable
from store.files.notices import Notices
from store.store import Store

# The query parameter that asks for 503 when something does not get on.
FULL = "full"


class Health:
    """`notices` are those of this process's service; without them the store knows where to look."""

    def __init__(self, store: Store, notices: Notices | None = None) -> None:
        self._store = store
        self._notices = notices

    async def get(self, request: Request) -> Response:
        """200 while batches are accepted, else 503 and the reason."""
        status, content = await to_thread.run_sync(self._look)
        if FULL in request.query_params and content.get("degraded") and status == 200:  # noqa: PLR2004
            status, content = 503, {**content, "status": "degraded"}
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
                "degraded": [asdict(reason) for reason in self._store.degraded(self._notices)],
            }
            self._store.layout.require_store()
            self._store.limits.reserve.require(self._store.layout.raw)
        except NoRoom:
            return 503, {"status": "no free space on the disk", **facts}
        except (StoreBusy, StoreUnavailable):
            return 503, {"status": "the store cannot be reached"}
        return 200, {"status": "ok", **facts}
