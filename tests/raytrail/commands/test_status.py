"""`raytrail status` names what a person must mend, each thing once, and harms no terminal."""

import json
from pathlib import Path

import pytest

from raytrail.commands.service import status as shown
from raytrail.decoder import Decoder
from raytrail.doctor.hints import NAMES_SHOWN
from schema.decoding.decoder import chosen
from store.store import Store
from tests.factories import Body, Clock, diagnosed, gzipped, load, ndjson, old_store, record, send
from tests.store.compaction.test_compactor import compact, settle

DECODER = Decoder("python", "no native decoder is built")
HOSTILE = "\x1b[31mred\u202e"


def words(store: Store) -> str:
    return "\n".join(shown.lines(store.status(), DECODER))


def test_the_status_of_a_clean_store_is_short(store: Store, body: Body) -> None:
    send(store, body())
    load(store)

    assert words(store).splitlines()[3:] == [
        "decoder   python (no native decoder is built)",
        "http_requests      1 row, 0 rejected lines, 1 batch, 0 unread",
        f"    received   {len(body()):,} bytes, {len(ndjson(record())):,} inflated",
        f"    decoded    1 row by {chosen().name}",
    ]


def test_no_more_files_wait_for_a_merge_than_there_are(store: Store) -> None:
    """Files of rejected lines were counted as unmerged, and not as files."""
    send(store, gzipped(ndjson(record()) + b"no json\n"))
    load(store)

    assert (store.status().files, store.status().unmerged_files) == (1, 1)


def test_fields_are_listed_once_with_their_counts_most_frequent_first(store: Store) -> None:
    send(store, gzipped(ndjson(record(Rare=1, Often=1), record(Often=2, RayID=5))))
    send(store, gzipped(ndjson(record(Often=3, EdgeResponseStatus="200"))))
    load(store)

    text = words(store)

    assert "    unknown    Often (3), Rare (1)" in text
    assert "    misfits    EdgeResponseStatus (1), RayID (1)" in text


def test_hostile_field_names_are_escaped_in_the_terminal_and_whole_in_json(store: Store) -> None:
    send(store, gzipped(ndjson(record(**{HOSTILE: 1}))), "http_requests")
    load(store)

    text = words(store)
    fact = json.loads(json.dumps(shown.as_object(store.status(), DECODER)))

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u001b[31mred\\u202e (1)" in text
    assert fact["datasets"]["http_requests"]["fields"]["unknown"] == {HOSTILE: 1}
    assert fact["decoder"] == {"name": "python", "reason": "no native decoder is built"}


def test_a_list_of_hundreds_of_names_is_cut(store: Store) -> None:
    send(store, gzipped(ndjson(record(**{f"N{n}": 1 for n in range(150)}))))
    load(store)

    [line] = [line for line in words(store).splitlines() if line.startswith("    unknown")]

    assert line.count("(1)") == NAMES_SHOWN
    assert line.endswith(" and 80 more names; 50 under other names")


def test_csv_records_are_reported_with_the_setting_to_change(store: Store, body: Body) -> None:
    send(store, body())
    diagnosed(store, 1, shape="csv")

    assert '1 batch of csv: in the Logpush job set output_options.output_type to "ndjson"' in (
        words(store)
    )


def test_records_of_another_dataset_are_reported_with_the_dataset_they_look_like(
    store: Store, body: Body
) -> None:
    send(store, body())
    diagnosed(store, 1, foreign=12, foreign_sample=ndjson(record()), duplicates=2)

    assert "    foreign    12 records look like http_requests" in words(store)
    assert "    overruled  2 members by a later one of the same name" in words(store)


def test_merged_duplicate_lines_are_reported(store: Store) -> None:
    for other in ("b", "c"):
        send(store, gzipped(ndjson(record(RayID="a"), record(RayID=other))))
        load(store)
    assert "rows ever" not in words(store)
    settle(store)
    compact(store)

    assert "http_requests      3 rows," in words(store)
    assert "4 rows in total; 1 line equal to a stored row" in words(store)


def test_waiting_and_unread_batches_are_listed_with_their_dataset(
    store: Store, clock: Clock, body: Body
) -> None:
    for _ in range(3):
        send(store, gzipped(b"1\n")[:-1])
    send(store, body())
    send(store, body())
    clock.move(seconds=4)

    text = words(store)

    assert "batches   2, 1 waiting for the loader (4.0 s behind)" in text
    assert "    waiting    1 batch, 4.0 s behind" in text
    assert "of 2026-11-22T10:00:00.000000Z: gzip: ends before its trailer" in text
    assert "; 1 batch sent again" in text


@pytest.mark.parametrize("shape", ["csv", "text", "printed", "array", "something new"])
def test_every_body_shape_except_lines_has_a_hint(store: Store, body: Body, shape: str) -> None:
    send(store, body())
    diagnosed(store, 1, shape=shape)

    [line] = [line for line in words(store).splitlines() if line.startswith("    shape")]
    assert len(line.partition(f"of {shape}: ")[2]) > 20


def test_the_golden_store_of_version_0_1_has_a_status(tmp_path: Path, clock: Clock) -> None:
    with Store.open(old_store(tmp_path / "data"), clock) as store:
        text = words(store)

    assert "http_requests      2 rows, 1 rejected line, 1 batch, 0 unread" in text
    assert "decoded" not in text, "that version did not say"
