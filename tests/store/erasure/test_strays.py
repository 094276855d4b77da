"""An erasure and its check search `stray/` too, and other people's rows there stay."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from store.erasure.remnants.remnant import RemnantKind
from store.erasure.verification import find_remnants
from store.files import stray
from store.ledger.entry import Entry
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.dying import Killed
from tests.factories import gzipped, load, ndjson, send
from tests.person_store import USER, by, erase, try_to_erase
from tests.store.retention.test_retention import entries


def loaded(store: Store, *users: str, first: int = 0) -> Path:
    """A stray copy of a part with a row of each user; the part itself is live."""
    lines = ndjson(*[by(user, RayID=f"{ray:016x}") for ray, user in enumerate(users, first)])
    send(store, gzipped(lines))
    load(store)
    part = store.snapshot().files["http_requests"][-1]
    part.with_name("unknown.parquet").write_bytes(part.read_bytes())
    store.loader().sweep()
    [found] = stray.found(store.layout)
    return store.layout.root / found.path


def users_in(path: Path) -> list[str]:
    return sorted(pq.read_table(path, partitioning=None)["user_id"].to_pylist())


def left(store: Store) -> set[tuple[RemnantKind, str]]:
    remnants = find_remnants(store.layout, store.catalog, USER)
    return {(each.kind, each.path) for each in remnants}


def receipt(store: Store) -> Entry:
    [entry] = entries(store, "erased")
    return entry


def test_the_check_finds_a_person_in_a_stray_file(store: Store) -> None:
    path = loaded(store, USER, "bob")

    assert (RemnantKind.ROW, store.layout.relative(path)) in left(store)


def test_an_erasure_removes_the_rows_of_a_stray_file_and_keeps_those_of_others(
    store: Store,
) -> None:
    path = loaded(store, USER, "bob", "eve")

    erase(store)

    assert users_in(path) == ["bob", "eve"]
    assert left(store) == set()
    assert receipt(store).payload["stray_files"] == 1
    assert receipt(store).payload["datasets"]["http_requests"]["rows"] == 2
    assert [each.path for each in stray.found(store.layout)] == [store.layout.relative(path)]


def test_an_erasure_deletes_a_stray_file_with_no_other_rows(store: Store) -> None:
    path = loaded(store, USER)

    erase(store)

    assert not path.exists()
    assert left(store) == set()


def test_rows_of_a_stray_file_under_a_hold_stay(store: Store) -> None:
    path = loaded(store, USER, "bob")
    with store.catalog.write() as connection:
        holds.place(connection, store.layout, store.clock, Criteria(user=USER), "case 4")

    found = erase(store).occurrences

    assert users_in(path) == ["bob", USER]
    assert found.is_incomplete


def test_a_stray_file_that_cannot_be_searched_is_reported(store: Store) -> None:
    path = loaded(store, USER, "bob")
    path.write_bytes(b"PAR1 and nothing that can be read")

    found = erase(store).occurrences

    assert [body.path for body in found.unsearchable] == [store.layout.relative(path)]
    assert left(store) == {(RemnantKind.UNREADABLE, store.layout.relative(path))}


def test_a_stray_body_of_the_person_is_deleted(store: Store) -> None:
    loaded(store, USER, "bob")
    body = store.layout.raw / "2026-11-22" / "copy.gz"
    body.write_bytes(gzipped(ndjson(by(USER))))
    stray.move(store.layout, [body], store.clock())

    erase(store)

    assert left(store) == set()
    assert len(list(stray.found(store.layout))) == 1


@pytest.mark.parametrize(
    ("step", "is_committed"), [("durable.link", False), ("durable.replace", True)]
)
def test_an_erasure_killed_before_or_after_its_commit_is_completed_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str, is_committed: bool
) -> None:
    path = loaded(store, USER, "bob")

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"store.erasure.stray_search.{step}", killed)
        with pytest.raises(Killed):
            try_to_erase(store)
    assert bool(entries(store, "erased")) == is_committed
    assert users_in(path) == ["bob", USER]

    try_to_erase(store)

    assert users_in(path) == ["bob"]
    assert left(store) == set()
    assert list(store.layout.stray.rglob(".unfinished-*")) == []
