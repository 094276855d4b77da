"""Requests that two parsers could read in two ways, and what is no request (reliability 5.4)."""

import json
import uuid
from pathlib import Path

import pytest

from tests.factories import gzipped, ndjson, record
from tests.injected import Injected
from tests.service import TOKEN, Service, post
from tests.wire import HEAD, exchange, statuses


def fresh() -> bytes:
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16])))


def stored(service: Service) -> set[Path]:
    return set((service.data / "raw").rglob("*.gz"))


def memory_kib(service: Service) -> int:
    """The most memory the receiver ever had."""
    receiver = service.pid_of("receiver")
    text = Path(f"/proc/{receiver}/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0])


def test_h3_chunks_under_http_1_0_are_refused(service: Service, injected: Injected) -> None:
    before = stored(service)
    body = fresh()
    head = HEAD.replace("HTTP/1.1", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    heard = exchange(service, head.encode() + chunks)

    injected(1)
    assert statuses(heard) in ([400], [])
    assert stored(service) == before


@pytest.mark.parametrize("chunk", [b"0x2\r\n{}\r\n", b"2\n{}\n", b"2\r\n{}", b"2\r\n{}\r\r\n"])
def test_h4_nothing_of_a_broken_chunk_becomes_the_next_request(
    service: Service, injected: Injected, chunk: bytes
) -> None:
    """What follows has a valid token, so that only the framing keeps it out."""
    before, body = stored(service), fresh()
    smuggled = f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body
    sent = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk + smuggled

    heard = exchange(service, sent)

    injected(1)
    assert statuses(heard) in ([400], [])
    assert stored(service) == before
    assert post(service, body).json()["duplicate"] is False


@pytest.mark.parametrize(
    "start",
    [
        HEAD + "X-Many: 1\r\n" * 100_000,
        f"POST /logpush/http_requests?{'a' * 4_000_000} HTTP/1.1\r\nHost: x\r\n",
        f"POST /{'a' * 4_000_000}",
        f"{HEAD}X: {'a' * 4_000_000}",
    ],
    ids=["100,000 headers", "a huge query", "a huge path", "a huge header"],
)
def test_h6_a_huge_head_is_refused_and_not_held(
    service: Service, injected: Injected, start: str
) -> None:
    assert post(service, fresh()).status_code == 200
    before = memory_kib(service)

    heard = exchange(service, f"{start}\r\n\r\n".encode())

    injected(1)
    # The answer may be lost behind what was still being sent.
    assert statuses(heard) in ([400], [414], [431], [])
    assert memory_kib(service) - before < 8 * 1024
    assert post(service, fresh()).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "X: a\rb",
        "X: a\r\n b",
        "X: a\r\n\tb",
        " X: a",
        "X\0: a",
        "X: \x7f\x01",
        "no colon",
        ": no name",
    ],
)
def test_h7_a_header_that_is_none_is_refused_or_means_nothing(
    service: Service, injected: Injected, header: str
) -> None:
    """A folded header is old but clear; everything else is refused. Never is it a token."""
    before = stored(service)
    body = fresh()
    head = HEAD.replace(TOKEN, f"wrong\r\n{header}")

    heard = exchange(service, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    injected(1)
    assert statuses(heard) in ([400], [401])
    assert stored(service) == before


def test_h7_a_token_on_a_folded_line_opens_nothing_or_is_the_token(
    service: Service, injected: Injected
) -> None:
    head = HEAD.replace(f"Bearer {TOKEN}", f"Bearer\r\n wrong-{TOKEN}")

    injected(1)
    heard = exchange(service, f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
    assert statuses(heard) in ([400], [401])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Host: x\r\n", "", {400}),
        ("Host: x\r\n", "Host: x\r\nHost: y\r\n", {400}),
        ("Host: x\r\n", "Host: evil.example/../\r\n", {200, 400}),
        ("/logpush/http_requests", "http://evil.example/logpush/http_requests", {200, 400, 404}),
        ("/logpush/http_requests", "//evil.example/logpush/http_requests", {400, 404}),
    ],
)
def test_h8_the_host_is_used_for_nothing(
    service: Service, injected: Injected, old: str, new: str, expected: set[int]
) -> None:
    body = fresh()
    head = HEAD.replace(old, new)

    heard = exchange(service, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    injected(1)
    assert set(statuses(heard)) <= expected
    assert statuses(heard)
    assert b"evil.example" not in heard


def test_h9_noise_is_closed_and_fills_no_log(service: Service, injected: Injected) -> None:
    lines_before = len(service.raw_log)
    noise = [b"\x16\x03\x01\x02\0\x01\0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 99, b"\r\r"]
    for each in noise * 5:
        exchange(service, each, is_answered=False)
        injected(1)

    assert post(service, fresh()).status_code == 200
    lines = service.raw_log[lines_before:]
    assert all(line.startswith("{") for line in lines), lines
    # The loader may still tell of batches of other tests.
    told = [json.loads(line) for line in lines]
    said = [each for each in told if each["event"] not in {"batch", "loaded"}]
    assert len(said) <= 2, said


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_h10_other_methods_are_refused_and_echo_nothing(
    service: Service, injected: Injected, method: str
) -> None:
    head = HEAD.replace("POST", method) + "Content-Length: 9\r\n\r\n"

    heard = exchange(service, f"{head}echo-this".encode())

    injected(1)
    assert statuses(heard)[:1] in ([405], [400])
    assert b"echo-this" not in heard
    assert TOKEN.encode() not in heard
