"""The port of the service."""

import contextlib
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from raytrail.errors import BadConfiguration
from receiver.options import BACKLOG

RETRY_SECONDS = 0.05
# The children of a killed supervisor need a moment to notice and close the port.
BIND_SECONDS_MAX = 5.0

# A sender that asks meanwhile is answered and has left by then.
SENDER_SECONDS_MAX = 2.0
# Each is a descriptor of the supervisor; those over it wait in the queue of the port.
SENDERS_MAX = 64

_TEXT = b'{"error":"no receiver can be started","status":"no receiver can be started"}\n'
_ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nRetry-After: 30\r\nConnection: close\r\n\r\n%b" % (len(_TEXT), _TEXT)
)


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


@dataclass
class Refusing:
    """Answers every request with 503 while there is no receiver, so that no sender waits for one.

    It needs no thread and no process, because those may be what cannot be had.
    """

    listener: socket.socket
    # The connections, and when each is closed at the latest.
    senders: dict[socket.socket, float] = field(default_factory=dict)
    answered: set[socket.socket] = field(default_factory=set)

    def answer(self, seconds: float) -> None:
        """Answer those that ask within this time."""
        self.listener.setblocking(False)  # A receiver that has just begun may take the connection.
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            waiting = [self.listener] if len(self.senders) < SENDERS_MAX else []
            ready, _, _ = select.select([*waiting, *self.senders], [], [], left)
            for each in ready:
                if each is self.listener:
                    self._accept()
                else:
                    self._read(each)
            for sender, due_at in list(self.senders.items()):
                if time.monotonic() > due_at:
                    self._close(sender)

    def close(self) -> None:
        for sender in list(self.senders):
            self._close(sender)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            sender, _ = self.listener.accept()
            sender.setblocking(False)
            self.senders[sender] = time.monotonic() + SENDER_SECONDS_MAX

    def _read(self, sender: socket.socket) -> None:
        """Answer the first bytes, and read the others: unread ones would take the answer with them."""
        try:
            is_over = not sender.recv(1 << 16)
            if not is_over and sender not in self.answered:
                self.answered.add(sender)
                sender.send(_ANSWER)
                sender.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            return
        except OSError:
            is_over = True
        if is_over:
            self._close(sender)

    def _close(self, sender: socket.socket) -> None:
        del self.senders[sender]
        self.answered.discard(sender)
        sender.close()
