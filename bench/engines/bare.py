"""The least a receiver can do with a body: inflate it, hash it, write it, sync it.

The same hashes as the receiver's, in the same pieces, of the same bytes.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from blake3 import blake3
from isal import isal_zlib

from bench.bodies import Body, stamped
from bench.engine import Answer, Stages, sync

STEP_BYTES = 512 * 1024


class BareReceiver:
    def __init__(self) -> None:
        self._target = Path()
        self._body = b""
        self._records = 0

    def prepare(self, bodies: Sequence[Body], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (body,) = bodies
        self._body = stamped(body.path.read_bytes(), "bare")
        self._records, self._target = body.records + 1, folder / "body.gz"

    def run(self) -> Stages:
        sent, told = hashlib.sha256(), blake3()
        decoder = isal_zlib.decompressobj(wbits=31)
        rest = memoryview(self._body)
        with self._target.open("wb") as file:
            while rest:
                piece, rest = rest[:STEP_BYTES], rest[STEP_BYTES:]
                sent.update(piece)
                told.update(decoder.decompress(piece))
                while decoder.unused_data:
                    unused, decoder = decoder.unused_data, isal_zlib.decompressobj(wbits=31)
                    told.update(decoder.decompress(unused))
                file.write(piece)
        sync(self._target)
        draft = self._target.with_name(f"{sent.hexdigest()}.gz")
        os.replace(self._target, draft)  # noqa: PTH105 (as the store spells it)
        sync(draft)
        return {}

    def answer(self) -> Answer:
        return Answer(self._records, 0, 0, 0)
