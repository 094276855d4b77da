"""What erasures, repairs, backups and older versions do to what is kept of users."""

import hashlib
from pathlib import Path

from sqlalchemy import insert, select, update

from queries.baseline.file_facts import read_facts
from queries.definitions import sql_of
from store.backup.backup import Backup
from store.catalog.opening import open_frozen
from store.catalog.users import user_facts as keeping
from store.catalog.users.facts_number import REVISION
from store.catalog.users.packed_facts import Habit, UserFacts
from store.catalog.users.tables import fact_values, user_facts
from store.erasure.verification import find_remnants
from store.fsck.check import check
from store.fsck.content_check import repair_contents
from store.rebuild.rebuild import rebuild
from store.store import Store
from tests import catalog_tables
from tests.conftest import NO_LIMITS
from tests.factories import SHELL, Clock
from tests.golden_stores import golden_store
from tests.kept_facts import (
    compact_with_facts,
    compute_waiting,
    demand_kept,
    kept,
    live,
)
from tests.person_store import USER, erase, lived_in
from tests.store.catalog.test_user_facts import everything, merge, on, send

# The revision of the facts, and a digest of the statements that compute them.
MEANING = (1, "a5ec5d93607be7f6")


def test_an_erasure_takes_sections_with_the_name_out_of_the_catalog(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00", USER), on("2026-11-20T09:00:00", "bob", "2"))
    merge(store)
    with store.catalog.write() as connection:
        row = {"file": 99, "number": 1, "kind": "section", "value": f"h/{USER}"}
        connection.execute(insert(fact_values), row)
    found = [each.path for each in find_remnants(store.layout, store.catalog, USER)]
    assert "catalog.sqlite: fact_values.value" in found

    erase(store)

    assert not list(find_remnants(store.layout, store.catalog, USER))
    assert compute_waiting(store) == 1
    demand_kept(store)


def test_a_section_of_others_that_is_called_like_the_person_is_no_remnant(store: Store) -> None:
    send(
        store,
        on("2026-11-20T09:00:00", "srhea"),
        on("2026-11-20T09:00:00", "bob", "2", ClientRequestURI="/~srhea/a.pdf"),
    )
    merge(store)

    erase(store, "srhea")
    compute_waiting(store)

    kinds = {str(each.kind) for each in find_remnants(store.layout, store.catalog, "srhea")}
    assert kinds == {"mention"}


def test_a_rebuild_leaves_it_to_the_compactor(store: Store) -> None:
    lived_in(store)
    compute_waiting(store)
    before = kept(store)
    assert before
    store.catalog.close()
    catalog_tables.delete(store)

    assert rebuild(store.layout, store.clock, NO_LIMITS).is_whole

    with Store.open(store.layout.root, store.clock, NO_LIMITS) as again:
        assert kept(again) == {}
        compute_waiting(again)
        assert kept(again) == before


def test_a_repair_of_the_counts_has_the_facts_computed_again(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    before = kept(store)

    repair_contents(store.layout, store.catalog, before.keys())

    assert (kept(store), everything(store)) == ({}, [])
    compute_waiting(store)
    assert kept(store) == before


def test_fsck_deep_names_facts_that_are_wrong_and_has_them_computed_again(store: Store) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    store.publish(SHELL)
    assert check(store, lambda: None, SHELL, read_facts, is_deep=True).left == ()
    with store.catalog.write() as connection:
        connection.execute(update(fact_values).values(value="other"))

    found = check(store, lambda: None, SHELL, read_facts, is_deep=True).left
    assert "keeps other habits" in " ".join(each.means for each in found)

    check(store, lambda: None, SHELL, read_facts, is_deep=True, is_repairing=True)
    compute_waiting(store)
    demand_kept(store)
    assert len(kept(store)) == 1


def test_what_facts_mean_is_of_a_revision() -> None:
    statements = (
        "baseline/kept_habits",
        "baseline/kept_takings",
        "findings/device",
        "findings/section",
        "findings/is_admin_path",
    )
    texts = "".join(sql_of(f"definitions/{name}") for name in statements)

    assert (REVISION, hashlib.sha256(texts.encode()).hexdigest()[:16]) == MEANING, (
        "raise REVISION if these statements give other facts, and note their new digest"
    )


def test_a_backup_has_the_facts_of_live_files_only(store: Store, tmp_path: Path) -> None:
    send(store, on("2026-11-20T09:00:00"))
    merge(store)
    send(store, on("2026-11-20T10:00:00", ray="2"))
    merge(store)
    assert len({row.file for row in everything(store)}) == 2, "a retired file is kept for a while"

    Backup.of(store, tmp_path / "backup").run()

    copy = open_frozen(tmp_path / "backup" / "backup.sqlite")
    with copy.read() as connection:
        assert len(connection.execute(select(user_facts)).all()) == 1
        assert len(set(connection.scalars(select(fact_values.c.file)))) == 1
    copy.close()


def test_the_files_of_an_older_version_get_theirs_when_nothing_else_is_due(tmp_path: Path) -> None:
    with Store.open(golden_store(tmp_path / "data", "spellings"), Clock()) as old:
        compact_with_facts(old)
        compute_waiting(old)

        demand_merged_kept(old)


def demand_merged_kept(store: Store) -> None:
    merged = [each for each in live(store) if each["tier"] in {"day", "month"}]
    assert {each["path"] for each in merged if (each["users_number"] or 0) > 0} == set(kept(store))


def test_facts_that_an_older_version_left_under_a_number_are_not_taken_for_others(
    store: Store,
) -> None:
    left = UserFacts((Habit(USER, "host", "left", 1, 1),), ())
    send(store, on("2026-11-20T09:00:00"))
    [file] = live(store)
    with store.catalog.write() as connection:
        keeping.enter(connection, file["path"], left)
        row = {"file": file["users_number"] + 1, "number": 0, "kind": "host", "value": "left"}
        connection.execute(insert(fact_values), row)

    merge(store)

    demand_merged_kept(store)
    assert all("left" not in str(facts) for facts in kept(store).values())
