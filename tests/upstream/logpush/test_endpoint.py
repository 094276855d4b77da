"""An address that does not answer like our service is refused with what it answered."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.until import until
from upstream.errors import EndpointNotReady
from upstream.logpush import endpoint


async def _busy(_request: Request) -> JSONResponse:
    return JSONResponse({"error": f"first {'x' * 999} last"}, 503)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/health", _busy)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    until(lambda: server.started, "started")
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listener.close()


@pytest.mark.service
def test_the_start_of_a_long_answer_is_shown(url: str) -> None:
    with pytest.raises(EndpointNotReady, match="answers 503: first xxx") as refused:
        endpoint.demand(url, ())

    assert "last" not in str(refused.value)
