"""Reads raw bodies again: inflated, and checked to be what was received."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from store.catalog.counts import CatalogRow
from store.errors import StoreDamaged
from store.files import trouble
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.layout import Layout
from store.intake.fresh_bodies import FreshBodies


class RawBodies:
    """`fresh` has bodies that this process entered; they need not be read from disk."""

    def __init__(
        self, layout: Layout, limits: EnvelopeLimits, fresh: FreshBodies | None = None
    ) -> None:
        self._layout = layout
        self._limits = limits
        self._fresh = fresh

    def plain(self, batch: CatalogRow) -> Iterator[bytes]:
        """The inflated bytes of a raw file. Raises StoreDamaged at the end if its hash is wrong."""
        self._layout.require_store()
        fresh = self._fresh.take(batch["batch_id"]) if self._fresh else None
        if fresh is not None:
            yield from fresh
            return
        path = self._layout.root / batch["raw_path"]
        envelope, digest = Envelope(self._limits), hashlib.sha256()
        if not path.is_file():
            raise StoreDamaged(f"{batch['raw_path']} is missing")
        with trouble.reading(batch["raw_path"]):
            file = path.open("rb")
        with file:
            while piece := _read(file):
                digest.update(piece)
                yield from envelope.feed(piece)
        yield from envelope.finish()
        if digest.hexdigest() != batch["batch_id"]:
            raise StoreDamaged(f"{batch['raw_path']} is not what was received")


def _read(file: BinaryIO) -> bytes:
    with trouble.reading(Path(file.name).name):
        return file.read(READ_BYTES_AT_ONCE)
