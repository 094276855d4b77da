"""Feeds odd lines to both decoders until they differ: `python -m tests.fuzz --inputs 10000000`.

Prints the seed and the line that made the difference; exit 1 then. `--seconds` bounds the time.
"""

import argparse
import sys
import time
from datetime import datetime
from itertools import cycle, islice

from schema.body.lines import whole_lines
from schema.dataset import Dataset, datasets
from schema.decoding.native_decoder import read_natively
from schema.decoding.result import Piece, Provenance
from schema.decoding.row_decoder import read_rows
from schema.unknown_dataset import dataset_named
from tests.fuzz.lines import EACH, lines
from tests.schema.pieces import difference

LINES_AT_ONCE = 2_000
TELL_SECONDS = 30.0
PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001


def decoded(batch: list[bytes], dataset: Dataset) -> tuple[Piece, Piece]:
    blocks = [whole_lines(1, b"\n".join(batch) + b"\n")]
    return read_rows(blocks, dataset, PROVENANCE), read_natively(blocks, dataset, PROVENANCE)


def culprit(batch: list[bytes], dataset: Dataset) -> list[bytes]:
    """A single line that makes the difference, where one does."""
    return next(([line] for line in batch if difference(*decoded([line], dataset))), batch)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz")
    parser.add_argument("--inputs", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    source = lines(options.seed)
    new_things = dataset_named("new_things")
    assert new_things is not None
    begun = told = time.monotonic()
    inputs = 0
    asked = cycle([EACH, EACH, new_things, datasets()["http_requests"]])
    while inputs < options.inputs and time.monotonic() - begun < options.seconds:
        batch = list(islice(source, LINES_AT_ONCE))
        dataset = next(asked)
        found = difference(*decoded(batch, dataset))
        if found:
            print(f"{dataset.name}, after {inputs} inputs: {found}: {culprit(batch, dataset)!r}")
            return 1
        inputs += len(batch)
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            print(f"{inputs} inputs", flush=True)
    print(f"{inputs} inputs, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
