"""Real bodies through a real receiver, and what a `duckdb` shell finds of them afterwards."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.store import Store
from store.timestamps import system_clock
from tests.factories import gzipped
from tests.service import Service, duckdb_shell, post, running

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "data") as started:
        yield started


def lines_of(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def test_every_line_of_every_published_sample_is_a_row_or_a_rejected_line(
    service: Service,
) -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"NO SAMPLES: {SAMPLES.name} is not beside the project, nothing was checked")
    expected: dict[str, int] = {"http_requests": 0, "access_requests": 0}
    contents = set()
    for path in sorted(SAMPLES.rglob("*")):
        dataset = path.parent.name.removesuffix("-like")
        if not path.is_file() or dataset not in expected:
            continue
        content = lines_of(path)
        if (dataset, content) in contents:
            continue
        contents.add((dataset, content))
        expected[dataset] += sum(1 for line in content.split(b"\n") if line.strip())
        assert post(service, gzipped(content), f"/logpush/{dataset}").status_code == 200, path
    service.wait_until_readable()

    with Store.open(service.data, system_clock) as store:
        totals = store.status().datasets
    assert len(contents) > 15
    for dataset, lines in expected.items():
        assert totals[dataset].rows + totals[dataset].rejected_lines == lines
        assert totals[dataset].unread_batches == 0
        assert totals[dataset].rows > 0
    count = sum(each.rejected_lines for each in totals.values())
    service.wait_until_shown("SELECT count(*) AS n FROM rejected", [{"n": count}])
    rejected = duckdb_shell(service.data, "SELECT dataset, reason, line_bytes FROM rejected")
    assert all(row["reason"] for row in rejected)
    [documented] = duckdb_shell(service.data, "SELECT count(*) AS n FROM trail('srhea')")
    assert documented == {"n": 2}
