"""What fsck finds and repairs after somebody edited the catalog by hand, one kind of row each."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from store.catalog import ledger
from store.catalog.register_tables import applications, canaries, keep_outs
from store.catalog.tables import batches, files, holds, removals
from store.catalog.users.tables import people as table_of_people
from store.catalog.users.tables import user_days
from store.fsck.check import CheckResult
from store.fsck.check import check as fsck
from store.registers.canaries import Canary, enter
from store.retention.holds import Criteria, place
from store.store import Store
from tests.counted_users import demand_counted
from tests.factories import SHELL, Clock
from tests.faults.damaged import DAYS, QUILL, merge, two_people
from tests.faults.edits import adopt, sql
from tests.store.conftest import Built


def merged_and_held(store: Store) -> None:
    """Three merged days, whose parts are retired and still on disk; a hold and a canary."""
    two_people(store)
    merge(store)
    with store.catalog.write() as connection:
        place(connection, store.layout, store.clock, Criteria(user=QUILL), "case 7")
    enter(store.catalog, store.clock(), Canary("c" * 32, store.clock(), 200))
    store.publish(SHELL)


@pytest.fixture
def store(built: Built) -> Store:
    store = built(merged_and_held)[0]
    store.publish(SHELL)
    return store


def check(store: Store, **options: Any) -> CheckResult:
    return fsck(store, lambda: None, SHELL, **options)


def found(store: Store, **options: Any) -> list[tuple[str, str]]:
    return [(str(each.kind), each.path) for each in check(store, **options).left]


def means(store: Store, **options: Any) -> dict[str, str]:
    return {each.path: each.means for each in check(store, **options).left}


def write(store: Store, statement: Any) -> None:
    with store.catalog.write() as connection:
        connection.execute(statement)


def rows(store: Store, table: Any) -> list[dict[str, Any]]:
    with store.catalog.read() as connection:
        query = select(table).order_by(*table.primary_key)
        return [dict(row) for row in connection.execute(query).mappings()]


def merged(store: Store) -> dict[str, Any]:
    """The row of the merged file of the first day."""
    [row] = [
        row
        for row in rows(store, files)
        if row["day"] == DAYS[0] and row["retired_sequence"] is None
    ]
    return row


def repaired(store: Store) -> list[str]:
    done = check(store, is_repairing=True, is_deep=True)
    assert done.left == ()
    return [each.path for each in done.mended]


def test_a_store_that_nobody_edited_has_no_finding(store: Store) -> None:
    assert found(store, is_deep=True) == []


def test_another_number_of_folded_lines_is_found_by_a_deep_check_and_set_again(
    store: Store,
) -> None:
    path = merged(store)["path"]
    write(store, update(files).where(files.c.path == path).values(folded=5))

    assert "the catalog says folded 5, and it has 0" in means(store, is_deep=True)[path]
    assert set(repaired(store)) == {path, "counts/http_requests/folded_rows"}
    assert merged(store)["folded"] == 0


def test_nothing_is_read_from_a_file_without_readable_rows(store: Store) -> None:
    row = merged(store)
    path = store.layout.root / row["path"]
    held = path.read_bytes()
    end = int.from_bytes(held[-8:-4], "little") + 8
    path.write_bytes(held[:4] + bytes(len(held) - end - 4) + held[-end:])
    adopt(store.layout.root, path)
    write(store, update(files).where(files.c.path == row["path"]).values(user_min="z"))
    # With a broken ledger the hash in the catalog is not set to the one in the ledger.
    sql(store.layout.root, "UPDATE entries SET recorded_at = 'never' WHERE sequence = 2")

    left = check(store, is_repairing=True).left

    assert ("range_differs", row["path"]) in [(str(each.kind), each.path) for each in left]
    assert merged(store)["user_min"] == "z"


@pytest.mark.parametrize(
    ("statements", "path", "meaning"),
    [
        (
            ("DROP INDEX files_by_dataset_and_day",
             "CREATE INDEX files_by_dataset_and_day ON files (day)"),
            "index/files_by_dataset_and_day",
            "does not make this index, or not so",
        ),
        (("ALTER TABLE marks ADD COLUMN more",), "table/marks", "made otherwise: more"),
    ],
)  # fmt: skip
def test_an_index_or_a_table_that_is_made_otherwise_is_found(
    store: Store, statements: tuple[str, ...], path: str, meaning: str
) -> None:
    sql(store.layout.root, *statements)

    told = means(store)

    assert list(told) == [f"catalog.sqlite/{path}"]
    assert meaning in told[f"catalog.sqlite/{path}"]


def test_a_table_with_an_open_parenthesis_in_a_comment_is_found(store: Store) -> None:
    with store.catalog.read() as connection:
        query = "SELECT sql FROM sqlite_schema WHERE name = 'marks'"
        made = connection.exec_driver_sql(query).scalar_one()
    sql(store.layout.root, "DROP TABLE marks", made.replace("(", "( /* ( */", 1))

    assert found(store) == [("schema_differs", "catalog.sqlite/table/marks")]


def test_applications_of_an_older_version_are_not_compared(store: Store) -> None:
    version = {"id": "a", "name": "a", "type": "self_hosted", "aud": "", "digest": "d"}
    told = {"gone": [], "changed": [], "added": [{**version, "covers": [], "opens": []}]}
    with store.catalog.write() as connection:
        ledger.append(connection, "applications", store.clock(), told)

    assert rows(store, applications) == []
    assert found(store) == []


def test_a_canary_that_was_deleted_or_changed_is_entered_again(store: Store) -> None:
    before = rows(store, canaries)
    path = f"canaries/{'c' * 32}"

    write(store, delete(canaries))
    assert "it has no row in the catalog" in means(store)[path]
    assert repaired(store) == [path]
    assert rows(store, canaries) == before

    write(store, update(canaries).values(status=500))
    assert "its ledger entries differ in status" in means(store)[path]
    assert repaired(store) == [path]
    assert rows(store, canaries) == before


def erased(store: Store, **more: Any) -> int:
    """The entry of an erasure that removed one body."""
    with store.catalog.write() as connection:
        told = {"raw_bodies": 1, "holds_blanked": [], **more}
        return ledger.append(connection, "erased", store.clock(), told).sequence


def test_a_keep_out_is_missing_only_before_its_end(store: Store) -> None:
    assert isinstance(store.clock, Clock)
    until = "2026-12-01T00:00:00.000000Z"
    times = {"before": "2026-11-22T00:00:00.000000Z", "until": until}
    told = {"salt": "0" * 64, "digests": ["1" * 64], **times}
    sequence = erased(store, raw_batches=[], keep_out=told)
    store.publish(SHELL)

    assert found(store) == [("entry_mismatch", f"keep_outs/{sequence}/{'1' * 64}")]
    store.clock.now += timedelta(days=30)
    assert [each for each in found(store) if each[1].startswith("keep_outs")] == []
    assert rows(store, keep_outs) == []


def test_an_erasure_of_an_older_version_may_have_retired_any_body(store: Store) -> None:
    sequence = erased(store)
    body = rows(store, batches)[0]
    is_of = batches.c.sequence == body["sequence"]
    write(store, update(batches).where(is_of).values(raw_retired_sequence=sequence))
    (store.layout.root / body["raw_path"]).unlink()
    store.publish(SHELL)

    assert found(store) == []
    write(store, update(batches).where(is_of).values(raw_retired_sequence=sequence - 1))
    assert found(store) == [("entry_mismatch", f"batches/{body['sequence']}")]


def test_a_planted_hold_is_found_and_kept(store: Store) -> None:
    [held] = rows(store, holds)
    write(store, insert(holds).values(**{**held, "id": "planted"}))

    left = check(store, is_repairing=True).left

    assert [each.path for each in left] == ["holds/planted"]
    assert "no ledger entry records this row" in left[0].means
    assert len(rows(store, holds)) == 2


def test_a_deleted_hold_is_placed_again(store: Store) -> None:
    before = rows(store, holds)
    write(store, delete(holds))

    assert repaired(store) == [f"holds/{before[0]['id']}"]
    assert rows(store, holds) == before


def test_a_deleted_batch_is_entered_again(store: Store) -> None:
    before = rows(store, batches)
    sql(store.layout.root, "DELETE FROM batches WHERE sequence = 1")

    assert f"batches/{before[0]['sequence']}" in repaired(store)
    assert [row["sequence"] for row in rows(store, batches)] == [row["sequence"] for row in before]


def test_a_batch_whose_content_another_row_has_is_not_entered(store: Store) -> None:
    sql(store.layout.root, "UPDATE batches SET sequence = 999 WHERE sequence = 1")

    left = check(store, is_repairing=True).left

    assert {"batches/1", "batches/999"} <= {each.path for each in left}
    sequences = {row["sequence"] for row in rows(store, batches)}
    assert (999 in sequences, 1 in sequences) == (True, False)


def test_the_users_of_a_deleted_merged_file_are_entered_again(store: Store) -> None:
    before, listed = merged(store), rows(store, table_of_people)
    sql(store.layout.root, f"DELETE FROM files WHERE path = '{before['path']}'")
    sql(store.layout.root, f"UPDATE people SET who = who + 1 WHERE file = {before['number']}")

    assert before["path"] in repaired(store)
    counted_as = {"users_number": merged(store)["users_number"]}
    # What its users usually do is kept under the old number, and the compactor makes it anew.
    waits = {"facts_revision": None, "facts_number": None}
    assert merged(store) == before | counted_as | waits
    assert rows(store, table_of_people) == listed
    demand_counted(store)


def test_a_retired_file_that_was_made_live_is_retired_and_scheduled_again(store: Store) -> None:
    before = rows(store, removals)
    path = before[0]["path"]
    sql(
        store.layout.root,
        f"UPDATE files SET retired_sequence = NULL WHERE path = '{path}'",
        f"DELETE FROM removals WHERE path = '{path}'",
    )

    assert path in repaired(store)
    assert [row["path"] for row in rows(store, removals)] == [row["path"] for row in before]


def test_another_size_of_a_retired_file_is_set_and_its_removal_stays(store: Store) -> None:
    before, scheduled = rows(store, files), rows(store, removals)
    path = scheduled[0]["path"]
    write(store, update(files).where(files.c.path == path).values(bytes=7))

    assert path in repaired(store)
    assert rows(store, files) == before
    assert rows(store, removals) == scheduled


def test_the_hash_of_another_footer_is_found_and_set_again(store: Store) -> None:
    row = merged(store)
    write(store, update(files).where(files.c.path == row["path"]).values(footer_sha256="0" * 64))

    assert "the catalog has the hash of another footer" in means(store)[row["path"]]
    assert repaired(store) == [row["path"]]
    assert merged(store)["footer_sha256"] == row["footer_sha256"] != "0" * 64


def test_another_place_of_somebodys_rows_is_found_by_a_deep_check_and_set_again(
    store: Store,
) -> None:
    row = merged(store)
    is_its = user_days.c.file == row["users_number"]
    write(store, update(user_days).where(is_its).values(first_row=user_days.c.first_row + 1))

    assert "users and days wrongly" in means(store, is_deep=True)[row["path"]]
    assert repaired(store) == [row["path"]]
    demand_counted(store)


def test_what_an_older_version_did_not_enter_is_no_finding(store: Store) -> None:
    write(store, update(files).values(footer_bytes=None, footer_sha256=None))
    write(store, update(user_days).values(first_row=None))

    assert found(store, is_deep=True) == []
