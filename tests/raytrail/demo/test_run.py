"""`make demo` goes the whole way, again and again, and never into somebody's real store."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from raytrail.demo import run as demo
from raytrail.errors import CannotDo
from store.intake.limits import IntakeLimits
from store.reading.shell.published import published
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, ndjson, record, send


def run(folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "raytrail", "demo", "--data", str(folder / "data")],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_second_demo_run_adds_no_rows(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    for said in (
        "test upload: {'test': True}",
        "http_requests-1.ndjson",
        "127 requests",
        "jira.widgetcorp.example/secure/attachmentzip/10318.zip",
        "DELETE 204",
        'also under "s.rhea@widgetcorp.example", inferred',
        "6 logins, 1 logout",
        "wiki.widgetcorp.example",
        "/logpush/http_requests?header_Authorization=Bearer%20YOUR-TOKEN",
        "make shell",
    ):
        assert said in first.stdout
    assert "saved reports/srhea" in first.stderr
    assert first.stdout.count("duplicate: False") == second.stdout.count("duplicate: True") == 4
    assert "127 requests" in second.stdout
    assert [path.suffix for path in sorted((tmp_path / "reports").iterdir())] == [
        ".csv",
        ".html",
        ".json",
        ".parquet",
    ]
    with Store.open(tmp_path / "data", Clock()) as store:
        shown = published(store.layout)
        assert shown is not None
        assert shown.sequence >= store.newest_change().sequence


@pytest.mark.service
def test_the_demo_refuses_a_store_with_other_data(tmp_path: Path) -> None:
    limits = IntakeLimits(reserve=NO_RESERVE)
    with Store.create(tmp_path / "data", Clock(), limits) as store:
        send(store, gzipped(ndjson(record())))

    refused = run(tmp_path)

    assert refused.returncode == 2
    assert "make demo data=demo-data" in refused.stderr
    with Store.open(tmp_path / "data", Clock()) as store:
        assert store.status().batches == 1


@pytest.mark.service
def test_a_service_that_does_not_start_is_reported_with_its_output(tmp_path: Path) -> None:
    refused = run(tmp_path, RAYTRAIL_WORKERS="0")

    assert refused.returncode == 3
    assert "RAYTRAIL_WORKERS" in refused.stderr


@pytest.mark.service
def test_the_demo_does_not_wait_for_a_service_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(CannotDo, match="did not start"):
        demo.run(tmp_path / "data")


def test_the_samples_are_compressed_to_the_same_bytes_every_time() -> None:
    assert demo.samples() == demo.samples()
    assert {sample.dataset for sample in demo.samples()} == {"http_requests", "access_requests"}
