"""An archive of last year is imported, compacted, replayed and queried."""

from pathlib import Path

import orjson

from store.store import Store
from store.timestamps import system_clock
from tests.command import Command
from tests.factories import gzipped, ndjson, record

FILES, LINES = 12, 3


def archived(folder: Path) -> None:
    """Writes files of two days of last year, named as by Logpush."""
    for number in range(FILES):
        day = f"2025-03-{4 + number % 2:02d}"
        records = [
            record(
                RayID=f"{number * LINES + line:016x}",
                EdgeStartTimestamp=f"{day}T{number:02d}:00:0{line}Z",
                EdgeEndTimestamp=f"{day}T{number:02d}:00:0{line}Z",
            )
            for line in range(LINES)
        ]
        path = folder / "http_requests" / day.replace("-", "") / f"{number:06d}.log.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzipped(ndjson(*records)))


def folders(data: Path) -> set[str]:
    with Store.open(data, system_clock) as store:
        return {path.parent.name for path in store.snapshot().files["http_requests"]}


def test_imported_rows_of_last_year_are_merged_and_replayed(raytrail: Command) -> None:
    data = Path("data")
    archived(Path("archive"))
    assert raytrail("import", "archive", "--data", data, "--new").returncode == 0
    assert folders(data) == {"month=2025-03"}

    replayed = raytrail("replay", "--data", data, "--json")
    assert orjson.loads(replayed.stdout)["batches"] == FILES
    report = raytrail(
        "report", "--user", "srhea", "--since", "2025-03-05", "--until", "2025-03-05",
        "--data", data, "--json",
    )  # fmt: skip
    assert orjson.loads(report.stdout)["totals"]["requests"] == FILES * LINES // 2
    assert raytrail("fsck", "--deep", "--data", data).returncode == 0
