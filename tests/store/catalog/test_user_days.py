"""The catalog counts whose rows are in which file, whoever makes the file live."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from store.backup.backup import Backup
from store.catalog.opening import open_frozen
from store.catalog.tables import files
from store.catalog.users import user_days as entering
from store.catalog.users.tables import user_days, user_names
from store.compaction import uncounted
from store.erasure.verification import find_remnants
from store.fsck.check import check
from store.lifetimes import Lifetimes
from store.parquet.statistics import user_days as counting
from store.rebuild.rebuild import rebuild
from store.replay.selection import Selection
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention
from store.store import Store
from tests import catalog_tables
from tests.conftest import NO_LIMITS
from tests.counted_users import counted, demand_counted, entered, footers, names, truth
from tests.factories import SHELL, Clock, compact, gzipped, load, login, ndjson, unshown
from tests.factories import send as send_to
from tests.golden_stores import golden_store
from tests.person_store import USER, at, by, erase, lived_in

LONG = "x" * (counting.NAME_BYTES_MAX + 1)


def send(store: Store, *records: dict[str, Any], dataset: str = "http_requests") -> None:
    send_to(store, gzipped(ndjson(*records)), dataset)
    load(store)


def on(day: str, user: str | None, second: int = 0) -> dict[str, Any]:
    return by(user, EdgeStartTimestamp=f"{day}T23:59:{second:02}.123456789Z", RayID=f"{second:x}")


def move(store: Store) -> None:
    assert isinstance(store.clock, Clock)
    store.clock.move(hours=26)


def merge(store: Store) -> None:
    move(store)
    compact(store)


def number_of(store: Store) -> int | None:
    [number] = entered(store).values()
    return number


def test_the_loader_counts_the_rows_of_each_user_by_day(store: Store) -> None:
    timeless = by("ada", EdgeStartTimestamp=None, EdgeEndTimestamp=None)
    days = [on("2026-11-20", "ada", 1), on("2026-11-20", "ada", 7), on("2026-11-21", "ada")]
    far = [by("bob", EdgeStartTimestamp=-1, EdgeEndTimestamp=None)]
    send(store, *days, on("2026-11-21", None), timeless, *far)
    send(store, login(), dataset="access_requests")
    send_to(store, gzipped(b"no json\n"))
    load(store)

    demand_counted(store)
    [first] = [
        found for path, found in counted(store).items() if "http_requests/date=2026-11-20" in path
    ]
    [(user, _, rows, first_us, last_us, first_row)] = first
    assert (user, rows, last_us - first_us, first_row) == ("ada", 2, 6_000_000, 0)
    assert {len(found) for path, found in counted(store).items() if "rejected" in path} == {0}


def test_a_file_of_several_row_groups_has_each_user_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.parquet.ordered_part.ROW_GROUP_ROWS", 1)
    for second in range(3):
        send_to(store, gzipped(ndjson(on("2026-11-20", "ada", second))))
    load(store)

    demand_counted(store)
    assert [len(found) for found in counted(store).values()] == [1]


def test_every_rewrite_keeps_the_counts_right(store: Store) -> None:
    lived_in(store)
    demand_counted(store)
    compact(store)
    demand_counted(store)

    store.replay().run(Selection())
    demand_counted(store)

    at(store, "2026-12-20T12:00:00")
    with (swap := store.file_swap()).locked():
        retention = Retention(swap, Lifetimes(raw=365, datasets={"http_requests": 31}))
        retention.run(Confirmation(clock_is_right=True, count=retention.plan().count))
    demand_counted(store)
    assert USER in names(store)


def test_names_leave_the_catalog_with_the_last_file_that_has_them(store: Store) -> None:
    send(store, on("2026-11-20", "ada"), on("2026-11-20", "bob"))
    send(store, on("2026-11-20", "bob", 2))
    merge(store)
    assert len(user_rows(store)) == 5, "retired files keep theirs as long as they are on disk"

    unshown(store)
    move(store)
    store.loader().tidy()

    demand_counted(store)
    assert len(user_rows(store)) == 2
    assert names(store) == {"ada", "bob"}


def test_an_erasure_takes_the_name_and_its_bytes_out_of_the_catalog(store: Store) -> None:
    send(store, by(USER), by("bob"))
    assert USER in names(store)

    erase(store)

    demand_counted(store)
    assert names(store) == {"bob"}
    assert not any(USER.encode() in path.read_bytes() for path in catalogs(store))


def test_a_leftover_name_is_found_by_a_check_and_removed_by_the_next_erasure(store: Store) -> None:
    send(store, by("bob"))
    with store.catalog.write() as connection:
        row = {"who": 7, "file": 99, "day": 1, "rows": 1}
        connection.execute(insert(user_names), {"who": 7, "name": USER, "folded": 7})
        connection.execute(insert(user_days), row)
        assert entering.unused(connection) == 1

    assert [each.path for each in find_remnants(store.layout, store.catalog, USER)] == [
        "catalog.sqlite: user_names.name"
    ]

    erase(store, "bob")

    assert list(find_remnants(store.layout, store.catalog, USER)) == []


def test_the_name_of_somebody_else_that_contains_an_erased_name_is_no_leftover(
    store: Store,
) -> None:
    send(store, by(f"{USER} "), by(USER), by("a"), by("z"))

    erase(store)

    assert names(store) == {"a", f"{USER} ", "z"}
    kinds = {str(each.kind) for each in find_remnants(store.layout, store.catalog, USER)}
    assert kinds == {"mention"}


@pytest.mark.parametrize(
    ("limit", "most"), [("NAMES_MAX", 2), ("USER_DAYS_MAX", 2), ("NAMES_BYTES_MAX", 2)]
)
def test_a_file_past_a_limit_is_marked_and_has_no_rows(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(counting, limit, most)

    send(store, by("a"), by("b"), by("c"))
    send(store, by("a", RayID="2"))

    assert sorted(number or 0 for number in entered(store).values()) == [entering.UNCOUNTABLE, 1]
    assert names(store) == {"a"}


def test_a_very_long_name_is_not_kept(store: Store) -> None:
    send(store, by(LONG), by("bob"))

    assert number_of(store) == entering.UNCOUNTABLE
    assert names(store) == set()


def test_users_of_several_row_groups_together_may_be_too_many(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.parquet.ordered_part.ROW_GROUP_ROWS", 1)
    monkeypatch.setattr(counting, "NAMES_MAX", 1)
    for user in ("a", "b", "c"):
        send_to(store, gzipped(ndjson(by(user))))
    load(store)

    assert number_of(store) == entering.UNCOUNTABLE


def test_names_with_one_hash_are_not_mixed_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, by("ada"))
    monkeypatch.setattr(entering, "user_key", lambda _name: counted_key(store))

    send(store, by("bob"))
    send(store, by("cleo"), by("dora"))

    assert sorted(number or 0 for number in entered(store).values()) == [-1, -1, 1]
    assert names(store) == {"ada"}


def counted_key(store: Store) -> int:
    with store.catalog.read() as connection:
        return int(connection.scalars(select(user_names.c.who)).one())


def test_what_one_entry_counts_is_limited_and_the_rest_is_counted_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "ROWS_OF_AN_ENTRY_MAX", 1)

    send(store, on("2026-11-20", "ada"), on("2026-11-21", "ada"))

    assert sorted(number or 0 for number in entered(store).values()) == [0, 1]
    with (swap := store.file_swap()).locked():
        assert uncounted.count_some(swap) == 1
        assert uncounted.count_some(swap) == 0
    demand_counted(store)


def test_the_files_of_an_older_version_are_counted_some_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uncounted, "ROWS_AT_ONCE", 1)
    with Store.open(golden_store(tmp_path / "data", "spellings"), Clock()) as old:
        assert set(entered(old).values()) == {None}
        swap, steps = old.file_swap(), 0
        with swap.locked():
            while uncounted.count_some(swap):
                steps += 1

        assert steps == len(entered(old))
        assert counted(old) == truth(old)
        assert set(footers(old).values()) == {(None, None)}


def test_a_file_that_cannot_be_read_is_tried_once_and_a_damaged_one_never(tmp_path: Path) -> None:
    with Store.open(golden_store(tmp_path / "data", "spellings"), Clock()) as old:
        first, second = list(entered(old))[:2]
        (old.layout.root / first).write_bytes(b"PAR1")
        (old.layout.root / second).unlink()
        with (swap := old.file_swap()).locked():
            row = next(each for each in swap.live_files() if each["path"] == second)
            swap.note_damage([row], "test")
            while uncounted.count_some(swap):
                pass

        assert (entered(old)[first], entered(old)[second]) == (entering.UNCOUNTABLE, None)
        right = truth_of(old, {first, second})
        assert counted(old) == right


def truth_of(store: Store, damaged: set[str]) -> object:
    with store.catalog.write() as connection:
        connection.execute(delete(files).where(files.c.path.in_(damaged)))
    return truth(store)


def test_a_rebuild_counts_every_file_again(store: Store) -> None:
    lived_in(store)
    before = counted(store)
    store.catalog.close()
    catalog_tables.delete(store)

    assert rebuild(store.layout, store.clock, NO_LIMITS).is_whole

    with Store.open(store.layout.root, store.clock, NO_LIMITS) as again:
        demand_counted(again)
        assert counted(again) == before


def test_a_backup_has_the_counts_of_live_files_only(store: Store, tmp_path: Path) -> None:
    send(store, on("2026-11-20", "ada"))
    send(store, on("2026-11-20", "ada", 2))
    merge(store)

    Backup.of(store, tmp_path / "backup").run()

    copy = open_frozen(tmp_path / "backup" / "backup.sqlite")
    with copy.read() as connection:
        assert len(connection.execute(select(user_days)).all()) == 1
    copy.close()


def user_rows(store: Store) -> list[Any]:
    with store.catalog.read() as connection:
        return list(connection.execute(select(user_days)).all())


def catalogs(store: Store) -> list[Path]:
    return list(store.layout.root.glob("catalog.sqlite*"))


def test_removing_many_rows_is_many_short_transactions(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.catalog.removals.USER_DAYS_AT_ONCE", 1)
    for second in range(3):
        send(store, on("2026-11-20", f"user {second}", second))
    merge(store)
    unshown(store)
    move(store)

    store.loader().tidy()

    demand_counted(store)
    assert len(user_rows(store)) == 3


def test_fsck_deep_names_and_repairs_wrong_counts(store: Store) -> None:
    send(store, by("ada"), by("bob"))
    store.publish(SHELL)
    with store.catalog.write() as connection:
        connection.execute(update(user_days).values(rows=user_days.c.rows + 1))

    found = check(store, lambda: None, SHELL, is_deep=True).left
    assert [str(each.kind) for each in found] == ["range_differs"]
    assert "counts the rows of 2 users and days wrongly" in found[0].means

    assert check(store, lambda: None, SHELL, is_deep=True, is_repairing=True).left == ()
    demand_counted(store)
