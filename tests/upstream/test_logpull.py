"""Logpull returns only complete answers, and keeps to Cloudflare's limits."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from tests.cloudflare_api.world import EVERY_PERMISSION, TOKEN, ZONE_ID, World
from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiRefused, ApiUnavailable, NotEntitled, NotThere
from upstream.logpull import Complete, Logpull, TooLarge
from upstream.options import ApiOptions
from upstream.window import Window

FIELDS = ["RayID", "EdgeStartTimestamp"]


@pytest.fixture
def logpull(api_url: str) -> Iterator[Logpull]:
    options = ApiOptions(token=TOKEN, url=api_url, tries=3, pause=0.0)
    with Connection(options) as connection:
        yield Logpull(connection, ZONE_ID)


@pytest.fixture
def hour(world: World) -> Window:
    """An hour with three requests that Cloudflare keeps."""
    since = world.clock().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    for number in range(3):
        at = since + timedelta(minutes=10 * number)
        world.logpull.requests.append((at, kept(number, at)))
    return Window(since, since + timedelta(hours=1))


def kept(number: int, at: datetime) -> dict[str, Any]:
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
    started = (at - epoch) // timedelta(microseconds=1) * 1000 + number
    return {"RayID": f"{number:016x}", "EdgeStartTimestamp": started}


def asked(logpull: Logpull, window: Window) -> bytes | TooLarge:
    with tempfile.TemporaryFile() as answer:
        if isinstance(logpull.fetch(window, FIELDS, answer), TooLarge):
            return TooLarge()
        answer.seek(0)
        envelope = Envelope(EnvelopeLimits())
        return b"".join([*envelope.feed(answer.read()), *envelope.finish()])


def test_an_answer_has_times_in_nanoseconds(logpull: Logpull, hour: Window) -> None:
    found = asked(logpull, hour)

    assert isinstance(found, bytes)
    assert found.count(b"\n") == 3
    assert b'"RayID":"0000000000000002"' in found
    assert found.splitlines()[2].endswith(b"000002}")


def test_a_window_excludes_its_end(logpull: Logpull, hour: Window, world: World) -> None:
    world.logpull.requests.append((hour.until, kept(9, hour.until)))

    assert bytes(asked(logpull, hour) or b"").count(b"\n") == 3  # type: ignore[arg-type]


def test_an_answer_that_breaks_off_is_too_large(
    logpull: Logpull, hour: Window, world: World
) -> None:
    world.logpull.records_max = 2

    first, second = hour.halves()

    assert isinstance(asked(logpull, hour), TooLarge)
    assert isinstance(asked(logpull, second), bytes)
    assert first.until == second.since
    assert (first.since, second.until) == (hour.since, hour.until)
    assert Window(hour.since, hour.since + timedelta(seconds=2)).can_be_halved
    assert not Window(hour.since, hour.since + timedelta(seconds=1)).can_be_halved


@pytest.mark.parametrize(
    "broken_off",
    [
        b"Error Streaming Data",
        b"error streaming data\n\n",
        b'{"RayID":"01","ClientRequestHo',
        b"<html>502 Bad Gateway</html>",
        b'["RayID"]',
        b'"RayID"',
    ],
)
def test_an_answer_whose_last_line_is_no_json_object_is_not_complete(
    logpull: Logpull, hour: Window, world: World, broken_off: bytes
) -> None:
    world.logpull.records_max, world.logpull.broken_off = 2, broken_off

    assert isinstance(asked(logpull, hour), TooLarge)
    world.logpull.records_max = 3
    assert isinstance(asked(logpull, hour), bytes)


@pytest.mark.parametrize("status", [408, 504, 524])
def test_a_query_too_expensive_for_cloudflare_is_not_retried(
    logpull: Logpull, hour: Window, world: World, status: int
) -> None:
    world.logpull.refused.append(status)

    assert isinstance(asked(logpull, hour), TooLarge)
    assert len(world.requests) == 1


def test_a_rate_limit_is_retried(logpull: Logpull, hour: Window, world: World) -> None:
    world.logpull.refused += [429, 503]

    assert isinstance(asked(logpull, hour), bytes)
    world.logpull.refused += [429] * 3
    with pytest.raises(ApiUnavailable, match="too many requests"):
        asked(logpull, hour)


def test_requests_keep_to_the_limit_of_a_minute(
    api_url: str, hour: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("upstream.logpull.time.sleep", waits.append)
    with Connection(ApiOptions(token=TOKEN, url=api_url, tries=1)) as connection:
        logpull = Logpull(connection, ZONE_ID)
        for _ in range(16):
            asked(logpull, hour)

    (wait,) = waits
    assert 30 < wait <= 60


def test_a_broken_connection_is_an_error(
    logpull: Logpull, hour: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Any) -> Iterator[bytes]:
        yield b"\x1f\x8b\x08\x00"

    monkeypatch.setattr("httpx2.Response.iter_raw", cut)
    with pytest.raises(ApiUnavailable, match="is incomplete: gzip: ends before its trailer"):
        asked(logpull, hour)


def test_a_refusal_quotes_cloudflare(logpull: Logpull, hour: Window, world: World) -> None:
    old = Window(hour.since - timedelta(days=8), hour.until - timedelta(days=8))
    with pytest.raises(NotEntitled, match="logs older than 168h0m0s are not available"):
        asked(logpull, old)
    world.permissions = EVERY_PERMISSION - {"logs"}
    with pytest.raises(ApiRefused, match="Logs: Read"):
        asked(logpull, hour)
    with pytest.raises(ApiRefused, match="Logs: Read"):
        logpull.is_retained()


def test_the_start_of_a_long_refusal_is_shown(logpull: Logpull, hour: Window) -> None:
    with pytest.raises(ApiChanged) as refused, tempfile.TemporaryFile() as answer:
        logpull.fetch(hour, ["x" * 300 + "last"], answer)

    assert "bad query: unknown field: xxx" in str(refused.value)
    assert "last" not in str(refused.value)


def test_an_unknown_zone_is_an_error(api_url: str, hour: Window) -> None:
    with (
        Connection(ApiOptions(token=TOKEN, url=api_url, tries=1)) as connection,
        pytest.raises(NotThere),
    ):
        asked(Logpull(connection, "0" * 32), hour)


def test_retention_and_fields_are_read(logpull: Logpull, world: World) -> None:
    assert logpull.is_retained()
    assert {"RayID", "ClientRequestSource"} < set(logpull.fields())
    world.logpull.retained = False
    assert not logpull.is_retained()


def test_an_empty_answer_is_complete(logpull: Logpull, hour: Window) -> None:
    before = Window(hour.since - timedelta(hours=1), hour.since)

    with tempfile.TemporaryFile() as answer:
        assert isinstance(logpull.fetch(before, FIELDS, answer), Complete)


@pytest.mark.parametrize("answer", [{}, {"success": "", "result": ""}])
def test_an_answer_without_fields_is_refused(
    logpull: Logpull, world: World, answer: dict[str, str]
) -> None:
    world.logpull.fields = answer

    with pytest.raises(ApiChanged, match="no list of fields"):
        logpull.fields()
