"""A request byte by byte over a raw socket: a client library would mend what a test breaks."""

import contextlib
import socket

from tests.service import TOKEN, Service
from tests.until import PATIENCE_SECONDS

HEAD = f"POST /logpush/http_requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"

# Nothing for so long after an answer: there is no second one.
SILENCE_SECONDS = 0.5


def exchange(service: Service, sent: bytes, *, is_answered: bool = True) -> bytes:
    """Send the bytes and read until the other side closes or has no more to say.

    TimeoutError: it neither answered nor closed.
    """
    heard = b""
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE_SECONDS) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)
        connection.settimeout(PATIENCE_SECONDS if is_answered else SILENCE_SECONDS)
        with contextlib.suppress(ConnectionError):
            try:
                while piece := connection.recv(65536):
                    heard += piece
                    connection.settimeout(SILENCE_SECONDS)
            except TimeoutError:
                if is_answered and not heard:
                    raise
    return heard


def statuses(heard: bytes) -> list[int]:
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]
