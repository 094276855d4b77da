"""Ambiguous requests, sent byte by byte over a raw socket."""

import time
import uuid
from pathlib import Path

import pytest

from tests.factories import gzipped, ndjson, record
from tests.service import TOKEN, Service, post
from tests.until import PATIENCE_SECONDS
from tests.wire import HEAD, exchange, statuses


def settled(service: Service) -> set[Path]:
    """The raw files, once no upload is running."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        # One listing, because a draft may be created between two.
        found = {path for path in (service.data / "raw").rglob("*") if path.is_file()}
        is_settled = not any(path.name.startswith(".draft-") for path in found)
        if is_settled or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def fresh() -> bytes:
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16])))


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        f"Content-Length: {'9' * 30}\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Content-Length: 5\r\nHost: y\r\n",
        f"Content-Length: 5\r\nAuthorization: Bearer {TOKEN}\r\n",
        "Content-Length: 5\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
        "Content-Length : 5\r\n",
        "Content-Length: 5\r\nX: a\x00b\r\n",
    ],
)
def test_a_request_that_contradicts_itself_is_refused_and_closed(
    service: Service, headers: str
) -> None:
    before = set((service.data / "raw").rglob("*.gz"))

    heard = exchange(service, f"{HEAD}{headers}\r\n".encode() + b"0\r\n\r\nGET /health")

    # The answer may be lost while bytes are still being sent; it must never be a 200.
    assert statuses(heard) in ([400], [501], [])
    assert b"traceback" not in heard.lower()
    assert set((service.data / "raw").rglob("*.gz")) == before


@pytest.mark.parametrize(
    "headers", ["Content-Length: 2, 2", "Content-Length: 2\r\nContent-Length: 2"]
)
def test_an_equal_content_length_given_twice_is_accepted(service: Service, headers: str) -> None:
    """RFC 9110 §8.6 allows it, h11 merges them, and every parser reads it the same way."""
    heard = exchange(service, f"{HEAD}{headers}\r\n\r\n{{}}GET /health HTTP/1.1\r\n\r\n".encode())

    assert statuses(heard) == [200, 400]


@pytest.mark.parametrize("chunk", [b"0x5\r\nhello\r\n", b"5\r\nhelloo\r\n", b"-1\r\n", b"zz\r\n"])
def test_a_broken_chunk_stores_nothing(service: Service, chunk: bytes) -> None:
    before = settled(service)

    sent = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk
    heard = exchange(service, sent, is_answered=False)

    assert all(status == 400 for status in statuses(heard))
    assert settled(service) == before


def test_a_body_in_chunks_of_one_byte_is_the_same_batch(service: Service) -> None:
    body = fresh()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"

    heard = exchange(service, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)

    assert statuses(heard) == [200]
    assert post(service, body).json()["duplicate"] is True


def test_a_pipelined_request_needs_its_own_token(service: Service) -> None:
    first, second = fresh(), fresh()
    smuggled = b"POST /logpush/http_requests HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"

    heard = exchange(
        service,
        f"{HEAD}Content-Length: {len(first)}\r\n\r\n".encode()
        + first
        + smuggled % (len(second), second),
    )

    assert statuses(heard) == [200, 401]


def test_a_wrong_token_is_refused_before_the_body_is_requested(service: Service) -> None:
    head = HEAD.replace(TOKEN, "wrong") + "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n"

    assert statuses(exchange(service, head.encode())) == [401]


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_sender_that_disconnects_in_a_body_leaves_nothing(service: Service, tenth: int) -> None:
    body = fresh()
    head = f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode()

    exchange(service, head + body[: len(body) * tenth // 10], is_answered=False)

    assert post(service, body).json()["duplicate"] is False


def test_a_huge_header_is_refused_without_being_buffered(service: Service) -> None:
    heard = exchange(service, f"{HEAD}X: {'a' * 1_000_000}".encode())

    assert statuses(heard) in ([400], [])  # the answer may be lost while bytes are still being sent


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
)
def test_other_protocols_are_refused(service: Service, noise: bytes) -> None:
    heard = exchange(service, noise, is_answered=False)

    assert statuses(heard) in ([400], [404], [])
    assert post(service, fresh()).status_code == 200
