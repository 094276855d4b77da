"""Feeds odd lines to both decoders until they differ: `python -m tests.fuzz --inputs 10000000`.

The lines are decoded piece by piece, and as bodies of a group whose part is then read. Prints the
seed and the line that made the difference; exit 1 then. `--seconds` bounds the time.
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
from tests.fuzz.parts import part_difference
from tests.fuzz.traffic import LOOKED_UP, REQUESTS, traffic
from tests.schema.pieces import difference

LINES_AT_ONCE = 2_000
BODIES = 3
# Some parts get many row groups.
ROWS_MAX = (122_880, 100)
TELL_SECONDS = 30.0
PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001


def decoded(batch: list[bytes], dataset: Dataset) -> tuple[Piece, Piece]:
    blocks = [whole_lines(1, b"\n".join(batch) + b"\n")]
    return read_rows(blocks, dataset, PROVENANCE), read_natively(blocks, dataset, PROVENANCE)


def differing(batch: list[bytes], dataset: Dataset, seed: int) -> str | None:
    """What differs first: of a piece, or of the part of several bodies."""
    bodies = [b"\n".join(batch[first::BODIES]) for first in range(BODIES)]
    return difference(*decoded(batch, dataset)) or part_difference(
        bodies, dataset, seed, ROWS_MAX[seed % len(ROWS_MAX)]
    )


def culprit(batch: list[bytes], dataset: Dataset, seed: int) -> list[bytes]:
    """A single line that makes the difference, where one does."""
    return next(([line] for line in batch if differing([line], dataset, seed)), batch)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz")
    parser.add_argument("--inputs", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    new_things = dataset_named("new_things")
    assert new_things is not None
    odd = lines(options.seed)
    sources = [(each, odd) for each in (EACH, new_things, datasets()["http_requests"])]
    sources += [(each, traffic(options.seed, each)) for each in (LOOKED_UP, REQUESTS)]
    begun = told = time.monotonic()
    inputs = 0
    asked = enumerate(cycle(sources), options.seed)
    while inputs < options.inputs and time.monotonic() - begun < options.seconds:
        seed, (dataset, source) = next(asked)
        batch = list(islice(source, LINES_AT_ONCE))
        found = differing(batch, dataset, seed)
        if found:
            guilty = culprit(batch, dataset, seed)
            print(f"{dataset.name}, after {inputs} inputs: {found}: {guilty!r}")
            return 1
        inputs += len(batch)
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            print(f"{inputs} inputs", flush=True)
    print(f"{inputs} inputs, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
