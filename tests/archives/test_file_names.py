"""An import looks at the bytes of a file, not at its name, and says which files it left out."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

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


# What a file of each name has for the same lines.
WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "20261128T100000Z_20261128T100030Z_aa.log.gz": bytes,
    "20261128T100000Z_20261128T100030Z_aa.log": gzipped,
    "b.gz": gzipped,
    "c.jsonl.gz": gzipped,
    "c.jsonl": bytes,
    "c.json": bytes,
    "d.json.txt.gz": gzipped,
    "e.log.gz.1": gzipped,
    "f.LOG.GZ": gzipped,
    "firehose-2026-11-28-10-00-00-abc": gzipped,
    "g.gz.gz": lambda plain: gzipped(gzipped(plain)),
    "g.log.gz": lambda plain: gzipped(gzipped(gzipped(plain))),
    "h": lambda plain: b"\xef\xbb\xbf" + plain,
    "i": lambda plain: b"a broken line\n" + plain,
    "j.dat": lambda plain: b"[" + plain.strip().replace(b"\n", b",") + b"]",
    "k.gz": lambda plain: b"".join(gzipped(b"[" + line + b"]") for line in plain.splitlines()),
    "l": lambda plain: plain.replace(b'{"', b'{\r\n"', 1),
}


def test_a_file_of_any_name_is_taken_if_it_begins_with_records(raytrail: Command) -> None:
    expected = {}
    for number, (name, content) in enumerate(WRITTEN.items()):
        expected[name] = [f"{number:015x}{end}" for end in "ab"]
        written(name, content(ndjson(*(record(RayID=ray) for ray in expected[name]))))

    facts = imported(raytrail, "archive")

    found = rays(Path("data"))
    assert (facts["objects"], facts["left_out"], facts["damaged"]) == (len(WRITTEN), [], [])
    taken = {name: [ray for ray in found if ray in own] for name, own in expected.items()}
    # Of these, one line or none is lost to what is broken in it.
    broken = {name: taken.pop(name) for name in ("i", "l")}
    assert all(broken.values())
    assert taken == {name: expected[name] for name in taken}


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


def test_a_folder_name_selects_any_dataset_that_cloudflare_or_the_store_has(
    raytrail: Command,
) -> None:
    written("known.ndjson", b'{"Anything":1}\n', Path("before"))
    imported(raytrail, "before", "--dataset", "own_events", "--new-dataset")
    folders = (
        "spectrum_events/20261120",
        "logs/dataset=dns_logs/date=2026-11-20",
        "own_events",
        "other/20261120",
    )
    # So many lines that their number says which file they are from.
    for lines, folder in enumerate(folders, 1):
        content = b"".join(b'{"In":"%s","Line":%d}\n' % (folder.encode(), n) for n in range(lines))
        written("a.log.gz", gzipped(content), Path("archive") / folder)

    imported(raytrail, "archive")

    with Store.open(Path("data"), system_clock) as store:
        found = {name: each.rows for name, each in store.status().datasets.items()}
    assert found == {"spectrum_events": 1, "dns_logs": 2, "own_events": 1 + 3, "unknown": 4}


def test_damage_in_the_second_layer_of_gzip_is_reported(raytrail: Command) -> None:
    written("a.log.gz", gzipped(gzip.compress(PLAIN * 2_000)[:-9]))
    written("b.log.gz", gzipped(ndjson(login())), Path("archive") / "access_requests")

    facts = imported(raytrail, "archive", status=1)

    assert [Path(each["uri"]).name for each in facts["damaged"]] == ["a.log.gz"]
    assert facts["batches"] == 1
