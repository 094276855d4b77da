"""The first bytes of a body, which tell its shape and what it may be."""

from collections.abc import Iterable, Iterator

from schema.body.body_shape import SHAPE_BYTES, Shape, shape_of
from schema.dataset import Dataset
from schema.recognition import likely_dataset


class BodyStart:
    """Passes chunks on and keeps the body's first bytes, which tell its shape."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._start = b""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if len(self._start) < SHAPE_BYTES:
                self._start += chunk[: SHAPE_BYTES - len(self._start)]
            yield chunk

    def shape(self) -> Shape:
        return shape_of(self._start)

    def likely(self, dataset: Dataset) -> str | None:
        """The dataset that records sent to one without a data file plainly belong to."""
        return likely_dataset(dataset.name, self._start)
