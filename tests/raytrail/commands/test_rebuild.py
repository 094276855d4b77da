"""`raytrail rebuild`: what it prints, and its exit statuses."""

import json

from store.files import durable
from store.ledger.ledger_files import read_entries
from store.store import Store
from tests.catalog_tables import delete, delete_ledger
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send


def test_a_rebuild_says_what_the_catalog_has(store: Store, raytrail: Command) -> None:
    send(store, gzipped(ndjson(record())))
    load(store)
    with store.catalog.read():
        before = store.status()
    store.catalog.close()

    ended = raytrail("rebuild", "--data", store.layout.root)

    assert ended.returncode == 0
    assert "rebuilt the catalog: 1 batch, 1 file, up to ledger entry 2 (" in ended.stdout
    assert "the old catalog is kept as catalog-before-rebuild-" in ended.stdout
    assert before.digest[:16] in ended.stdout


def test_a_rebuild_is_in_the_ledger_the_status_and_doctor(store: Store, raytrail: Command) -> None:
    send(store, gzipped(ndjson(record())))
    load(store)
    store.catalog.close()

    raytrail("rebuild", "--data", store.layout.root)

    *_, entry = read_entries(store.layout)
    assert (entry.sequence, entry.kind) == (3, "rebuilt")
    assert entry.payload == {"why": "`raytrail rebuild` was run", "unknown": 0, "sentences": []}
    told = raytrail("status", "--data", store.layout.root).stdout
    assert "Z: `raytrail rebuild` was run" in told
    told = raytrail("doctor", "--data", store.layout.root).stdout
    assert "because `raytrail rebuild` was run" in told


def test_what_is_unknown_is_printed_and_in_the_status(store: Store, raytrail: Command) -> None:
    send(store, gzipped(ndjson(record())))
    load(store)
    [part] = store.layout.parts.rglob("*.parquet")
    part.unlink()
    store.catalog.close()

    ended = raytrail("rebuild", "--json", "--data", store.layout.root)

    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert told["whole"] is False
    [sentence] = told["unknown"]
    assert sentence.startswith(f"{store.layout.relative(part)}: it is missing or cannot be read")


def test_a_store_in_use_is_refused(store: Store, raytrail: Command) -> None:
    with durable.lock(store.layout.serve_lock):
        ended = raytrail("rebuild", "--data", store.layout.root)

    assert ended.returncode == 2
    assert "is in use (.serve.lock is held): stop the service" in ended.stderr


def test_decisions_are_asked_for_and_taken(store: Store, raytrail: Command) -> None:
    for host in ("a.example", "b.example"):
        send(store, gzipped(ndjson(record(ClientRequestHost=host))))
    store.catalog.close()
    delete(store)
    delete_ledger(store)
    asked = ("rebuild", "--data", store.layout.root)

    refused = raytrail(*asked)
    undecided = raytrail(*asked, "--without-ledger")
    alone = raytrail(*asked, "--enter", "all")
    done = raytrail(*asked, "--without-ledger", "--enter", "all", "--json")

    assert (refused.returncode, undecided.returncode, alone.returncode) == (2, 2, 2)
    assert "or run `raytrail rebuild --without-ledger`" in refused.stderr
    assert "2 raw bodies have no rows" in undecided.stderr
    assert done.returncode == 1
    assert json.loads(done.stdout)["batches"] == 2
