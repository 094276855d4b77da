"""An address that does not answer like our service is refused with what it answered."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.asgi import serving
from upstream.errors import EndpointNotReady
from upstream.logpush import endpoint


async def _busy(_request: Request) -> JSONResponse:
    return JSONResponse({"error": f"first {'x' * 999} last"}, 503)


@pytest.mark.service
def test_the_start_of_a_long_answer_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        serving(Starlette(routes=[Route("/health", _busy)])) as url,
        pytest.raises(EndpointNotReady, match="answers 503: first xxx") as refused,
    ):
        endpoint.demand(url, ())

    assert "last" not in str(refused.value)
