"""The receiver's HTTP edge: the routes, one shape for every answer, and the last error handler.

Every error answer is `{"error": "..."}` and closes the connection, so that the rest of a refused
body is not read. No answer is 500: an unforeseen error is logged with its trace and answered with
503, so that the sender keeps its batch.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from receiver.credentials import Credentials
from receiver.deadlines import trust
from receiver.errors import RequestRefused, TryLater
from receiver.framing import demand_clear
from receiver.health.page import Health
from receiver.health.receiving import DISK_FAILED, Receiving
from receiver.metrics import Metrics
from receiver.refusal_log import RefusalLog
from receiver.upload import Upload
from store.errors import DiskFailed
from store.intake.outcome import Receipt, TrialUpload
from store.log import Log

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What the routes need; made once for each receiver process."""

    credentials: Credentials
    upload: Upload
    receiving: Receiving
    health: Health
    metrics: Metrics
    log: Log
    on_disk_failed: Callable[[], None]


def create_app(edge: Edge) -> Starlette:
    logpush = _guarded(edge, _Logpush(edge).post)
    health = _guarded(edge, edge.health.get)
    metrics = _guarded(edge, edge.metrics.get)
    app = Starlette(
        routes=[
            Route("/logpush", logpush, methods=["POST", "PUT"]),
            Route("/logpush/{dataset}", logpush, methods=["POST", "PUT"]),
            Route("/logpush/{dataset}/t/{token}", logpush, methods=["POST", "PUT"]),
            Route("/health", health),
            Route("/metrics", metrics),
        ],
        exception_handlers={HTTPException: _answer_http_exception},
    )
    # A redirect would repeat the path, which may hold a token, under whatever Host was sent.
    app.router.redirect_slashes = False
    return app


class _Logpush:
    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def post(self, request: Request) -> Response:
        demand_clear(request)
        path_token = request.path_params.get("token")
        token = await self._edge.credentials.demand(request.headers, path_token)
        trust(request)
        dataset = request.path_params.get("dataset")
        started = time.monotonic()
        outcome = await self._edge.upload.receive(request, dataset, token)
        if isinstance(outcome, TrialUpload):
            self._edge.log.info("test upload", dataset=dataset)
            return _json({"test": True})
        self._note(outcome, dataset, time.monotonic() - started)
        return _json(_receipt(outcome))

    def _note(self, receipt: Receipt, dataset: str | None, seconds: float) -> None:
        self._edge.metrics.stored(receipt, seconds)
        tell = self._edge.log.error if receipt.unread_reason else self._edge.log.info
        tell(
            "batch",
            batch=receipt.batch_id,
            dataset=dataset,
            bytes=receipt.body_bytes,
            duplicate=receipt.is_duplicate,
            unread=receipt.unread_reason,
            looks_like=receipt.looks_like,
            stored_as=receipt.stored_as,
            seconds=round(seconds, 4),
        )


def _receipt(receipt: Receipt) -> dict[str, object]:
    answer: dict[str, object] = {
        "batch": receipt.batch_id,
        "bytes": receipt.body_bytes,
        "duplicate": receipt.is_duplicate,
    }
    if receipt.unread_reason is not None:
        answer["unread"] = receipt.unread_reason
    if receipt.looks_like is not None:
        answer["looks_like"] = receipt.looks_like
    if receipt.stored_as is not None:
        answer["stored_as"] = receipt.stored_as
    return answer


def _guarded(edge: Edge, endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint so that every failure becomes one answer and one line in the log."""
    refusals = RefusalLog(edge.log)

    def refuse(error: RequestRefused) -> Response:
        name = type(error).__name__
        edge.metrics.refused(error.status)
        refusals.note(name, time.monotonic(), status=error.status, reason=str(error), **error.facts)
        return _refusal(error.status, str(error), dict(error.headers), error.facts)

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RequestRefused as error:
            return refuse(error)
        except ClientDisconnect:
            edge.log.info("sender left before the end of its body")
            return Response(status_code=400)
        except asyncio.CancelledError:
            # The grace period of a stop is over. Answering ends the task as well as raising would.
            return refuse(TryLater("stopping"))
        except DiskFailed as error:
            # First what waits for nothing: no later upload may be answered with 200.
            edge.receiving.end(DISK_FAILED)
            edge.on_disk_failed()
            edge.log.exception("disk failed", reason=str(error))
            await to_thread.run_sync(edge.receiving.failed, DISK_FAILED)
            return refuse(TryLater(DISK_FAILED))
        except Exception as error:
            edge.log.exception("unforeseen", reason=repr(error))
            return refuse(TryLater("something went wrong here"))

    return guarded


async def _answer_http_exception(_request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405, in the shape of all error answers."""
    assert isinstance(error, HTTPException)  # noqa: S101 (the handler is registered for it alone)
    return _refusal(error.status_code, error.detail, dict(error.headers or {}), {})


def _refusal(
    status: int, text: str, headers: dict[str, str], facts: dict[str, str | int]
) -> Response:
    return _json({"error": text, **facts}, status, {**headers, "Connection": "close"})


def _json(
    content: dict[str, object], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return Response(orjson.dumps(content) + b"\n", status, headers, media_type="application/json")
