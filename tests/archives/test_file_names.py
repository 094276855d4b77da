"""An import looks at the bytes of a file, not at its name, and says which files it left out."""

import bz2
import gzip
from pathlib import Path

import pytest

from store.store import Store
from store.timestamps import system_clock
from tests.archives.test_import_run import DATASET, imported, rays
from tests.command import Command
from tests.factories import gzipped, login, ndjson, record

PLAIN = ndjson(record(RayID="a" * 16), record(RayID="b" * 16))
RAYS = ["a" * 16, "b" * 16]
FOLDER = Path("archive") / DATASET


def written(name: str, content: bytes, folder: Path = FOLDER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("20261128T100000Z_20261128T100030Z_aa.log.gz", PLAIN),
        ("20261128T100000Z_20261128T100030Z_aa.log", gzipped(PLAIN)),
        ("b.gz", gzipped(PLAIN)),
        ("c.jsonl.gz", gzipped(PLAIN)),
        ("c.jsonl", PLAIN),
        ("c.json", PLAIN),
        ("d.json.txt.gz", gzipped(PLAIN)),
        ("e.log.gz.1", gzipped(PLAIN)),
        ("f.LOG.GZ", gzipped(PLAIN)),
        ("firehose-2026-11-28-10-00-00-abc", gzipped(PLAIN)),
        ("g.gz.gz", gzipped(gzipped(PLAIN))),
        ("g.log.gz", gzipped(gzipped(gzipped(PLAIN)))),
        ("h", b"\xef\xbb\xbf" + PLAIN),
        ("i", b"a broken line\n" + PLAIN),
        ("j.dat", b"[" + PLAIN.strip().replace(b"\n", b",") + b"]"),
        ("k.gz", b"".join(gzipped(b"[" + line + b"]") for line in PLAIN.splitlines())),
        ("l", PLAIN.replace(b'{"', b'{\r\n"', 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_any_name_is_taken_if_it_begins_with_records(
    raytrail: Command, name: str, content: bytes
) -> None:
    written(name, content)

    facts = imported(raytrail, "archive")

    assert (facts["objects"], facts["left_out"], facts["damaged"]) == (1, [], [])
    assert set(rays(Path("data"))) & set(RAYS)
    assert name in {"i", "l"} or rays(Path("data")) == RAYS


def test_other_files_are_left_out_and_named_with_the_reason(raytrail: Command) -> None:
    written("a.log.gz", gzipped(PLAIN))
    for name, content in {
        ".hidden.log.gz": gzipped(PLAIN),
        "empty": b"",
        "notes.txt": b"[section]\nof notes\n",
        "bundle.tar.gz": gzipped(b"not a record\n"),
        "packed.bz2": bz2.compress(PLAIN),
        "cut.dat": gzipped(PLAIN)[:5],
    }.items():
        written(name, content)

    facts = imported(raytrail, "archive")
    ended = raytrail("import", "archive", "--data", "data")
    planned = imported(raytrail, "archive", "--dry-run")

    assert {Path(each["uri"]).name: each["reason"] for each in facts["left_out"]} == {
        ".hidden.log.gz": "hidden",
        "bundle.tar.gz": "gzip of something that is no JSON",
        "cut.dat": "damaged gzip",
        "empty": "empty",
        "notes.txt": "no JSON and no gzip",
        "packed.bz2": "no JSON and no gzip",
    }
    assert planned["left_out"] == facts["left_out"]
    assert "6 files left out" in ended.stdout
    assert "bundle.tar.gz: gzip of something that is no JSON" in ended.stdout
    assert "and 1 more" in ended.stdout
    assert rays(Path("data")) == RAYS


def test_a_folder_of_which_no_file_can_be_read_is_no_success(raytrail: Command) -> None:
    written("notes.txt", b"notes")

    facts = imported(raytrail, "archive", status=1)

    assert (facts["objects"], len(facts["left_out"])) == (0, 1)


@pytest.mark.parametrize(
    ("folder", "dataset"),
    [
        ("spectrum_events/20261120", "spectrum_events"),
        ("logs/dataset=dns_logs/date=2026-11-20", "dns_logs"),
        ("own_events", "own_events"),
        ("other/20261120", "unknown"),
    ],
)
def test_a_folder_name_selects_any_dataset_that_cloudflare_or_the_store_has(
    raytrail: Command, folder: str, dataset: str
) -> None:
    written("known.ndjson", b'{"Anything":1}\n', Path("before"))
    imported(raytrail, "before", "--dataset", "own_events", "--new-dataset")
    written("a.log.gz", gzipped(b'{"Something":2}\n'), Path("archive") / folder)

    imported(raytrail, "archive")

    with Store.open(Path("data"), system_clock) as store:
        found = {name: each.rows for name, each in store.status().datasets.items()}
    assert found == {"own_events": 1 + (dataset == "own_events")} | (
        {} if dataset == "own_events" else {dataset: 1}
    )


def test_damage_in_the_second_layer_of_gzip_is_reported(raytrail: Command) -> None:
    written("a.log.gz", gzipped(gzip.compress(PLAIN * 2_000)[:-9]))
    written("b.log.gz", gzipped(ndjson(login())), Path("archive") / "access_requests")

    facts = imported(raytrail, "archive", status=1)

    assert [Path(each["uri"]).name for each in facts["damaged"]] == ["a.log.gz"]
    assert facts["batches"] == 1
