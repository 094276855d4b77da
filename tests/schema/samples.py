"""Real log lines and hostile ones, where the folder of samples stands beside the project."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"

# Each of their files is read as lines of a batch by a test that looks closer at the outcome.
HOSTILE = ("JSONTestSuite", "simdjson-data", "naughty-strings", "fuzzdb")

needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="NOT TESTED AGAINST SAMPLES: ../shared/samples is not there"
)


def read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def files(*patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        found = [path for path in sorted(SAMPLES.glob(pattern)) if path.is_file()]
        assert found, f"no sample matches {pattern}"
        yield from found
