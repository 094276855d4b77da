"""An element of an array that may be too long to be held whole."""

from schema.body.lines import JSON_SPACE, LINE_BYTES_MAX, OVERLONG_BYTES_KEPT


class LongElement:
    """What is kept of an element that is too long to be held whole.

    Space at its end does not count, so the element may still turn out to be short enough.
    """

    def __init__(self) -> None:
        self.bytes_taken = 0
        self._start = b""
        self._length = 0

    def take(self, piece: bytes) -> None:
        # The first piece alone has the largest length that an element may have.
        self._start = self._start or piece[:LINE_BYTES_MAX]
        content = piece.rstrip(JSON_SPACE)
        if content:
            self._length = self.bytes_taken + len(content)
        self.bytes_taken += len(piece)

    def end(self, last: bytes) -> tuple[bytes, int]:
        """The element, or the start of one that is too long, and its whole length."""
        self.take(last)
        fits = self._length <= LINE_BYTES_MAX
        return self._start[: self._length if fits else OVERLONG_BYTES_KEPT], self._length
