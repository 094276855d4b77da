"""A canary comes back through Logpush and the store, or counts as lost."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from completeness.canaries import LOST_AFTER, CanaryWatch, send_one
from store.catalog import ledger
from store.store import Store
from store.timestamps import system_clock, to_text
from tests.asgi import serving
from tests.command import Command
from tests.edge import Heard
from tests.factories import Clock, gzipped, ndjson, record, send
from tests.service import post, running
from tests.until import until
from upstream.options import CanaryOptions

TOKEN = {
    "RAYTRAIL_CANARY_CLIENT_ID": "an-id.access",
    "RAYTRAIL_CANARY_CLIENT_SECRET": "a-secret-of-the-service-token",
}


class Host:
    """A host behind Access, and the log of the edge in front of it."""

    def __init__(self) -> None:
        self.url = ""
        self.lines: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []

    async def page(self, request: Request) -> RedirectResponse:
        self.headers.append(dict(request.headers))
        at = to_text(system_clock())
        uri = f"{request.url.path}?{request.url.query}"
        self.lines.append(record(ClientRequestURI=uri, EdgeStartTimestamp=at, EdgeEndTimestamp=at))
        return RedirectResponse("https://widgetcorp.cloudflareaccess.example/login")

    def batch(self) -> bytes:
        return gzipped(ndjson(*self.lines))


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    host = Host()
    with serving(Starlette(routes=[Route("/page", host.page)])) as url:
        host.url = f"{url}/page?of=jira"
        settings = {"NO_PROXY": "127.0.0.1", "RAYTRAIL_CANARY_URL": host.url, **TOKEN}
        for name, text in settings.items():
            monkeypatch.setenv(name, text)
        yield host


def pushed(store: Store, host: Host) -> None:
    """Sends and loads the edge's log, as Logpush does."""
    send(store, host.batch())
    loader = store.loader()
    while loader.load_next():
        pass


def test_a_canary_that_came_back_has_a_delay(
    host: Host, store: Store, clock: Clock, raytrail: Command
) -> None:
    data = store.layout.root
    sent = raytrail("canary", "--data", data, "--json")
    clock.now = system_clock() + timedelta(seconds=90)
    pushed(store, host)

    found = raytrail("canary", "--check", "--data", data, "--json")

    [told] = json.loads(found.stdout)["back"]
    assert sent.returncode == found.returncode == 0
    assert told["id"] == json.loads(sent.stdout)["sent"]["id"]
    # The redirect to Access's login is logged like any other answer.
    assert told["status"] == 307
    assert 80 < told["delay_seconds"] < 100
    assert json.loads(found.stdout)["delay_seconds_median"] == told["delay_seconds"]


def test_a_canary_sends_the_service_token_and_keeps_the_urls_query(
    host: Host, store: Store, raytrail: Command
) -> None:
    done = raytrail("canary", "--data", store.layout.root)

    assert host.headers[0]["cf-access-client-id"] == "an-id.access"
    assert host.headers[0]["cf-access-client-secret"] == "a-secret-of-the-service-token"
    assert str(host.lines[0]["ClientRequestURI"]).startswith("/page?of=jira&raytrail-canary=")
    with store.catalog.read() as connection:
        [entry] = ledger.of_kinds(connection, ("canary",), 0)
    told = done.stdout + done.stderr + json.dumps(dict(entry.payload))
    assert "a-secret-of-the-service-token" not in told
    assert entry.payload["id"] in str(host.lines[0]["ClientRequestURI"])


def test_a_missing_canary_is_waiting_until_it_counts_as_lost(
    host: Host, store: Store, clock: Clock, raytrail: Command
) -> None:
    for minutes_ago in (29, 31):
        clock.now = system_clock() - timedelta(minutes=minutes_ago)
        send_one(store, CanaryOptions(url=host.url))
    assert timedelta(minutes=29) < LOST_AFTER < timedelta(minutes=31)

    done = raytrail("canary", "--check", "--data", store.layout.root, "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert (len(found["waiting"]), len(found["lost"])) == (1, 1)
    assert found["lost"][0]["sent_at"] < found["waiting"][0]["sent_at"]
    text = raytrail("canary", "--check", "--data", store.layout.root)
    assert "1 are on their way" in text.stdout
    assert f"lost {found['lost'][0]['id']}" in text.stdout


def test_an_unanswered_canary_does_not_count_as_lost(
    store: Store, clock: Clock, raytrail: Command
) -> None:
    """A connection that fails is not in any log."""
    clock.now = system_clock() - timedelta(hours=1)
    send_one(store, CanaryOptions(url="http://127.0.0.1:9/"))

    done = raytrail("canary", "--check", "--data", store.layout.root)

    assert done.returncode == 0
    assert "1 got no answer" in done.stdout


@pytest.mark.parametrize("url", ["", "jira.widgetcorp.example"])
def test_without_a_valid_url_no_canary_is_sent(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("RAYTRAIL_CANARY_URL", url)

    assert raytrail("canary", "--data", store.layout.root).returncode == 3


def test_a_service_token_without_its_secret_is_bad_configuration(
    host: Host, store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAYTRAIL_CANARY_CLIENT_SECRET")

    assert raytrail("canary", "--data", store.layout.root).returncode == 3


def test_a_watch_logs_each_result_once(host: Host, store: Store, clock: Clock) -> None:
    log = Heard()
    watching = CanaryWatch(store, CanaryOptions(url=host.url), log)
    watching.once()
    pushed(store, host)
    clock.move(minutes=5)
    watching.once()
    clock.move(minutes=5)
    watching.once()
    clock.move(minutes=31)
    watching.once()

    events = [event for _, event, _ in log.lines]
    assert events.count("canary sent") == 4
    assert events.count("canary back") == 1
    assert events.count("canary lost") == 2


@pytest.mark.service
def test_a_service_sends_canaries(host: Host, tmp_path: Path, raytrail: Command) -> None:
    data = tmp_path / "served"
    settings = {"RAYTRAIL_CANARY_URL": host.url, "RAYTRAIL_CANARY_MINUTES": "0.04", **TOKEN}
    with running(data, **settings) as service:
        service.wait_for("canary sent")
        assert "canary" in service.pids().values()
        assert post(service, host.batch()).status_code == 200
        service.wait_until_readable()
        back = service.wait_for("canary back")
        until(lambda: len(host.lines) >= 2, "another one sent")
    assert back["delay_seconds"] >= 0

    found = json.loads(raytrail("canary", "--check", "--data", data, "--json").stdout)

    assert back["id"] in {each["id"] for each in found["back"]}
    # The other canaries were sent after that batch.
    assert found["waiting"]
    assert all("secret" not in line for line in service.raw_log)
