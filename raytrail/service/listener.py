"""The port of the service."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from raytrail.errors import BadConfiguration
from receiver.options import BACKLOG

RETRY_SECONDS = 0.05
# The children of a killed supervisor need a moment to notice and close the port.
BIND_SECONDS_MAX = 5.0


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Bind and listen at once, so that senders queue instead of being refused."""
    deadline = time.monotonic() + BIND_SECONDS_MAX
    while True:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
            break
        except OSError as error:
            if time.monotonic() > deadline or isinstance(error, socket.gaierror):
                raise BadConfiguration(
                    f"cannot listen on {host}:{port}: {error.strerror}"
                ) from error
            time.sleep(RETRY_SECONDS)
    with listener:
        yield listener
