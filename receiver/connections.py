"""Which connections of a process give way when there are too many: those that show no token.

A limit for each peer would not help, because behind a proxy all senders are one peer.
"""

from typing import Protocol

# Under the usual 1,024 descriptors of a process, with room for drafts, for the catalog, and for
# connections that were accepted at once.
CONNECTIONS_MAX = 512


class Connection(Protocol):
    def drop(self) -> None:
        """Close it at once."""


class Connections:
    """The open connections of one process, each in at most one queue, the oldest first.

    A connection without a request in progress, or whose request has shown no valid token yet,
    waits in a queue. At the limit the oldest one gives way: first of those that never showed a
    token, because a proxy may be about to use the others.
    """

    def __init__(self, at_most: int = CONNECTIONS_MAX) -> None:
        self._at_most = at_most
        self._open = set[Connection]()
        self._strangers: dict[Connection, None] = {}
        self._known: dict[Connection, None] = {}

    def opened(self, connection: Connection) -> None:
        while len(self._open) >= self._at_most and (self._strangers or self._known):
            oldest = next(iter(self._strangers or self._known))
            self.closed(oldest)
            oldest.drop()
        self._open.add(connection)
        self._strangers[connection] = None

    def busy(self, connection: Connection) -> None:
        """Its request has shown a valid token, so it does not give way."""
        self._strangers.pop(connection, None)
        self._known.pop(connection, None)

    def idle(self, connection: Connection, *, is_known: bool) -> None:
        """Its request has been answered."""
        if connection in self._open:
            self.busy(connection)
            queue = self._known if is_known else self._strangers
            queue[connection] = None

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)
        self.busy(connection)
