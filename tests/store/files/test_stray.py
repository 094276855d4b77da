"""Every file in `stray/` is listed, and moved back only if it has the bytes that are missing."""

import hashlib
from pathlib import Path

from store.files import stray
from store.store import Store

PART = "parts/http_requests/date=2026-11-20/x.parquet"
HELD = b"the rows"


def put(store: Store, folder: str, name: str = PART, held: bytes = HELD) -> Path:
    path = store.layout.stray / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(held)
    return path


def test_a_file_in_a_folder_that_names_no_moment_is_listed_without_one(store: Store) -> None:
    put(store, "from-the-old-disk")

    [found] = stray.found(store.layout)

    assert (found.moved_at, found.original, found.bytes) == (None, PART, len(HELD))


def test_a_file_that_is_removed_while_the_folder_is_listed_is_left_out(store: Store) -> None:
    put(store, "20261122T120000Z-1f2e3d", "parts/a.parquet")
    second = put(store, "20261122T120000Z-1f2e3d", "parts/b.parquet")

    listing = stray.found(store.layout)
    first = next(listing)
    second.unlink()

    assert first.original == "parts/a.parquet"
    assert list(listing) == []


def test_a_file_that_cannot_be_read_is_not_moved_back_and_another_copy_is(store: Store) -> None:
    broken = put(store, "20261121T120000Z-1f2e3d")
    broken.unlink()
    broken.symlink_to("nowhere")
    whole = put(store, "20261122T120000Z-1f2e3d")

    back = stray.bring_back(store.layout, {PART: hashlib.sha256(HELD).hexdigest()})

    assert back == {PART}
    assert (store.layout.root / PART).read_bytes() == HELD
    assert (broken.is_symlink(), whole.exists()) == (True, False)
