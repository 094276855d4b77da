"""Whoever owes us bytes for too long is cut; whoever waits for our answer is not."""

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
# Far from the deadline on the slowest machine, and as far from the one of who sets none.
CUT_SECONDS_MAX = REQUEST_SECONDS_MAX / 2


def fresh() -> bytes:
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16])))


def demand_cut(service: Service, start: bytes, drip: bytes = b"") -> None:
    """Send `start`, then one byte of `drip` every 0.1 s, until the other side closes."""
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


def test_silence_is_cut(service: Service) -> None:
    demand_cut(service, b"")


def test_half_a_header_is_cut(service: Service) -> None:
    demand_cut(service, HEAD[:40])


def test_a_dripped_header_is_cut(service: Service) -> None:
    demand_cut(service, HEAD, b"X-Slow: aaaaaaaaaaaaaaaa\r\n")


def test_a_dripped_body_is_cut_and_leaves_nothing(service: Service) -> None:
    head = HEAD + b"Content-Length: 100000\r\n\r\n"

    demand_cut(service, head, b"x")

    until(lambda: not list((service.data / "raw").rglob(".draft-*")), "swept its draft")


def test_a_dripped_second_header_is_cut(service: Service) -> None:
    body = fresh()
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body

    demand_cut(service, first + HEAD[:20], b"X")


def test_an_honest_sender_is_served_among_many_silent_ones(service: Service) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))

        assert post(service, fresh()).status_code == 200


def test_a_slow_answer_is_not_cut(service: Service) -> None:
    """A stored body whose catalog is held longer than the deadline still gets its 200."""
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


def test_whoever_asks_and_never_reads_is_cut(service: Service) -> None:
    """Answers pile up unread; no token is needed for that."""
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
