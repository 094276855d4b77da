"""Slow connections are closed; connections that wait for an answer are not."""

import socket
import sqlite3
import threading
import time
import uuid
from contextlib import ExitStack

from receiver.options import REQUEST_SECONDS_MAX
from tests.factories import gzipped, ndjson, record
from tests.service import TOKEN, Service, post
from tests.until import until

HEAD = (
    f"POST /logpush/http_requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
).encode()
DEADLINE_SECONDS = 2.0  # as the fixture sets it
# Well above the deadline on a slow machine, and well below the default deadline.
CUT_SECONDS_MAX = REQUEST_SECONDS_MAX / 2


def fresh() -> bytes:
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16])))


def assert_closed(service: Service, start: bytes, drip: bytes = b"") -> None:
    """Send `start`, then one byte of `drip` every 0.1 s, until the service closes."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.settimeout(0.1)
        connection.sendall(start)
        number = 0
        while time.monotonic() - began < CUT_SECONDS_MAX:
            number += 1
            try:
                if drip:
                    connection.sendall(drip[number % len(drip) :][:1])
                if connection.recv(1 << 16) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    raise AssertionError("never cut")


def test_a_silent_connection_is_closed(service: Service) -> None:
    assert_closed(service, b"")


def test_a_connection_with_half_a_header_is_closed(service: Service) -> None:
    assert_closed(service, HEAD[:40])


def test_a_connection_with_a_slow_header_is_closed(service: Service) -> None:
    assert_closed(service, HEAD, b"X-Slow: aaaaaaaaaaaaaaaa\r\n")


def test_a_connection_with_a_slow_body_is_closed_and_leaves_nothing(service: Service) -> None:
    head = HEAD + b"Content-Length: 100000\r\n\r\n"

    assert_closed(service, head, b"x")

    until(lambda: not list((service.data / "raw").rglob(".draft-*")), "swept its draft")


def test_a_connection_with_a_slow_second_header_is_closed(service: Service) -> None:
    body = fresh()
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body

    assert_closed(service, first + HEAD[:20], b"X")


def test_a_sender_is_served_among_many_silent_connections(service: Service) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))

        assert post(service, fresh()).status_code == 200


def test_a_connection_that_waits_for_its_answer_is_not_closed(service: Service) -> None:
    """A stored body gets its 200 even if the catalog is locked for longer than the deadline."""
    with sqlite3.connect(service.data / "catalog.sqlite", isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        body = fresh()
        answers: list[int] = []
        sender = threading.Thread(target=lambda: answers.append(post(service, body).status_code))
        sender.start()
        time.sleep(DEADLINE_SECONDS * 1.8)
        assert answers == []
        holder.execute("ROLLBACK")
        sender.join()
    holder.close()

    assert answers == [200]


def test_a_connection_that_never_reads_its_answers_is_closed(service: Service) -> None:
    """Unread answers pile up, and a client needs no token for that."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", service.port))
        connection.setblocking(False)
        question = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 100

        def is_cut() -> bool:
            try:
                while True:
                    connection.send(question)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        until(is_cut, "cut")

    assert post(service, fresh()).status_code == 200
