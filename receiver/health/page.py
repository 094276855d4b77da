"""GET /health: whether batches are accepted, how far loading is behind, and what does not get on.

The status says only whether batches are accepted, because a proxy takes out a host that answers
503, and then nothing is stored. `/health?full` is 503 for a degraded service too.
"""

import asyncio
from dataclasses import asdict
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from receiver.health.probe import Probe, for_sender
from receiver.health.receiving import Receiving
from receiver.health.shared_call import SharedCall
from schema.errors import RaytrailError
from store.files.notices import Notices
from store.store import Store

# The query parameter that asks for 503 when something does not get on.
FULL = "full"

# For the whole answer: the health check of the container gives up after five seconds.
LOOK_SECONDS_MAX = 4.0

# The code of the one reason that is not the store's own.
UNKNOWN = "unknown"


class Health:
    """`notices` are those of this process's service; without them the store knows where to look."""

    def __init__(
        self, store: Store, receiving: Receiving, probe: Probe, notices: Notices | None = None
    ) -> None:
        self._store = store
        self._receiving = receiving
        self._probe = probe
        self._notices = notices
        self._obstacle_call = SharedCall(self._obstacle)
        self._facts_call = SharedCall(self._facts)

    async def get(self, request: Request) -> Response:
        """200 while batches are accepted, else 503 and the reason."""
        # At once, so that a disk and a catalog that both hang cost one time limit and not two.
        obstacle, facts = await asyncio.gather(self._find_obstacle(), self._find_facts())
        content = {"status": obstacle or "ok", **facts}
        is_wrong = obstacle is not None
        if not is_wrong and FULL in request.query_params and content["degraded"]:
            content["status"], is_wrong = "degraded", True
        status = HTTPStatus.SERVICE_UNAVAILABLE if is_wrong else HTTPStatus.OK
        return Response(orjson.dumps(content) + b"\n", status, media_type="application/json")

    async def _find_obstacle(self) -> str | None:
        """Why no batch can be stored now, if so."""
        if self._probe.is_hung():
            return "the disk does not answer"
        try:
            return await self._obstacle_call.answer(LOOK_SECONDS_MAX)
        except TimeoutError:
            return "the disk does not answer"
        except RaytrailError as error:
            return for_sender(error)

    async def _find_facts(self) -> dict[str, object]:
        """Facts for people and alarms. That they are missing does not stop receiving."""
        try:
            return await self._facts_call.answer(LOOK_SECONDS_MAX)
        except Exception as error:  # noqa: BLE001 (no fact may decide whether batches are accepted)
            is_late = isinstance(error, TimeoutError)
            why = "does not answer" if is_late else "could not be read"
            return {"degraded": [{"code": UNKNOWN, "text": f"the catalog {why}"}]}

    def _obstacle(self) -> str | None:
        self._store.catalog.folder.demand()
        self._store.limits.reserve.require(self._store.layout.raw)
        return self._receiving.failure()

    def _facts(self) -> dict[str, object]:
        found = self._store.progress()
        return {
            "sequence": found.sequence,
            "pending_batches": found.pending.batches,
            "lag_seconds": round(found.pending.lag_seconds, 3),
            "unread_batches": found.unread_batches,
            "scrub_age_seconds": found.scrub.age_seconds(self._store.clock()),
            "damaged_files": found.scrub.damaged,
            "degraded": [asdict(reason) for reason in self._store.degraded(self._notices)],
        }
