"""What an operator says of two names: kept without names in the ledger, undone, erased, rebuilt."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from store.backup import restore
from store.backup.backup import Backup
from store.catalog import ledger
from store.catalog.register_tables import name_pairs as table_of_pairs
from store.erasure.erasure import UnknownPerson
from store.errors import LinkRefused, StoreDamaged
from store.files.layout import Layout
from store.fsck.check import check
from store.reading import known_pairs
from store.rebuild.lost_ledger.decisions import Decisions
from store.rebuild.rebuild import Rebuilt, rebuild
from store.registers.identity import name_pairs
from store.registers.identity.name_pair import NamePairs
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import SHELL, gzipped, load, ndjson, send
from tests.faults.edits import sql
from tests.person_store import USER, by, erase, places_of, try_to_erase

LOGIN = "s.rhea@widgetcorp.example"


def link(store: Store, name: str, other: str) -> None:
    with store.catalog.write() as connection:
        name_pairs.link(connection, store.layout, store.clock(), name, other)


def unlink(store: Store, name: str, other: str) -> None:
    with store.catalog.write() as connection:
        name_pairs.unlink(connection, store.layout, store.clock(), name, other)


def pairs(store: Store) -> NamePairs:
    with store.catalog.read() as connection:
        found = name_pairs.of(connection)
    assert found == known_pairs.name_pairs(store.layout)
    return found


def links(store: Store) -> list[tuple[str, str]]:
    return [(name, other) for name, other, _ in pairs(store).links()]


def rows(store: Store) -> list[dict[str, Any]]:
    with store.catalog.read() as connection:
        query = select(table_of_pairs).order_by(table_of_pairs.c.sequence)
        return [dict(row) for row in connection.execute(query).mappings()]


def rebuilt(store: Store, **options: Any) -> Rebuilt:
    store.catalog.close()
    for path in store.layout.root.glob("catalog.sqlite*"):
        path.unlink()
    return rebuild(store.layout, store.clock, store.limits, **options)


def reopened(store: Store) -> Store:
    return Store.create(store.layout.root, store.clock, store.limits)


def written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_link_is_known_in_both_orders_and_is_not_transitive(store: Store) -> None:
    link(store, USER, LOGIN)
    link(store, LOGIN, "rhea")

    assert [name for name, _ in pairs(store).linked_to(USER)] == [LOGIN]
    assert sorted(name for name, _ in pairs(store).linked_to(LOGIN)) == ["rhea", USER]
    assert not pairs(store).are_distinct([USER], LOGIN)


def test_the_ledger_has_no_name(store: Store) -> None:
    link(store, USER, LOGIN)
    unlink(store, USER, "bob")

    with store.catalog.read() as connection:
        found = list(ledger.of_kinds(connection, name_pairs.KINDS, after=0))
    assert [entry.kind for entry in found] == ["linked_names", "distinct_names"]
    assert set(found[0].payload) == {"salt", "digest"}
    assert b"rhea" not in written(store.layout.ledger)


def test_the_newest_that_was_said_of_a_pair_counts(store: Store) -> None:
    link(store, USER, LOGIN)
    unlink(store, LOGIN, USER)

    assert links(store) == []
    assert pairs(store).are_distinct([USER], LOGIN)
    assert LOGIN.encode() not in written(store.layout.links)

    link(store, LOGIN, USER)

    assert links(store) == [(LOGIN, USER)]
    assert not pairs(store).are_distinct([USER], LOGIN)


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("", "a", "a name is empty"),
        ("a", "", "a name is empty"),
        ("a", "a", "both names are the same"),
        ("a", "\udce9", "not UTF-8"),
    ],
)
def test_names_that_cannot_be_two_names_are_refused(name: str, other: str, why: str) -> None:
    with pytest.raises(LinkRefused, match=why):
        name_pairs.demand_names(name, other)


def test_links_are_limited(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_pairs, "LINKS_MAX", 1)
    link(store, USER, LOGIN)

    with pytest.raises(LinkRefused, match="RAYTRAIL_PEOPLE"):
        link(store, "bob", "robert")
    assert links(store) == [(USER, LOGIN)]


def test_an_erasure_forgets_the_links_of_the_name(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)
    link(store, USER, LOGIN)
    link(store, "bob", "robert")

    erase(store)

    assert links(store) == [("bob", "robert")]
    assert places_of(store.layout.root) == []
    assert LOGIN.encode() not in written(store.layout.root)


def test_an_erasure_forgets_the_links_of_a_name_without_rows(store: Store) -> None:
    link(store, USER, LOGIN)
    orphan = store.layout.links / "0123456789abcdef.json"
    orphan.write_bytes(orjson.dumps({"name": USER, "other": LOGIN}))

    assert isinstance(try_to_erase(store), UnknownPerson)

    assert places_of(store.layout.root) == []
    assert not orphan.exists()


def test_a_rebuild_keeps_what_was_said(store: Store) -> None:
    link(store, USER, LOGIN)
    unlink(store, USER, "bob")
    link(store, "bob", "robert")
    unlink(store, "bob", "robert")
    before = rows(store)

    assert rebuilt(store).unknown == []

    with reopened(store) as found:
        assert rows(found) == before
        assert links(found) == [(USER, LOGIN)]
        assert pairs(found).are_distinct(["bob"], "robert")


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"salt":"x","digest":"x","name":"a","other":"b"}']
)
def test_a_rebuild_tells_of_links_whose_file_is_lost(store: Store, content: bytes) -> None:
    link(store, USER, LOGIN)
    [path] = store.layout.links.iterdir()
    path.unlink()
    if content:
        path.write_bytes(content)

    [sentence] = rebuilt(store).unknown

    assert sentence.startswith("1 linked names: which ones is not known")
    with reopened(store) as found:
        assert links(found) == []


def test_a_rebuild_after_an_erasure_misses_nothing(store: Store) -> None:
    link(store, USER, LOGIN)
    try_to_erase(store)

    assert rebuilt(store).unknown == []


def test_links_survive_the_loss_of_the_ledger(store: Store) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    link(store, USER, LOGIN)
    link(store, "bob", "robert")
    unlink(store, "bob", "robert")
    (store.layout.links / "torn.json").write_bytes(b"{")
    shutil.rmtree(store.layout.ledger)

    done = rebuilt(store, decisions=Decisions())

    assert any(each.startswith("link torn is lost") for each in done.unknown)
    with reopened(store) as found:
        assert links(found) == [(USER, LOGIN)]


def test_a_start_writes_the_files_again(store: Store) -> None:
    link(store, USER, LOGIN)
    shutil.rmtree(store.layout.links)

    reopened(store).catalog.close()

    assert LOGIN.encode() in written(store.layout.links)


def test_a_restored_store_has_its_links(store: Store, tmp_path: Path) -> None:
    link(store, USER, LOGIN)
    Backup.of(store, tmp_path / "backup").run()

    restore.restore(tmp_path / "backup", Layout(tmp_path / "new"), store.clock, SHELL)

    with Store.create(tmp_path / "new", store.clock, store.limits) as found:
        assert links(found) == [(USER, LOGIN)]
        assert LOGIN.encode() in written(found.layout.links)


def test_a_killed_link_is_either_made_or_not(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = 0
    while True:
        number += 1
        try:
            with dying(monkeypatch, Dying(number)):
                link(store, USER, f"{LOGIN}{number}")
        except Killed:
            files = {name_pairs.id_of(row["digest"]) for row in rows(store)}
            assert files <= name_pairs.files(store.layout).ids()
            continue
        break
    assert number > 1


def test_fsck_finds_names_that_were_changed_in_the_catalog(store: Store) -> None:
    link(store, USER, LOGIN)
    store.publish(SHELL)
    with store.catalog.write() as connection:
        connection.execute(update(table_of_pairs).values(other="mallory"))

    [finding] = check(store, lambda: None, SHELL).left

    assert finding.path.startswith("name_pairs/")
    assert finding.means == "its ledger entries differ in other"
    assert not check(store, lambda: None, SHELL, is_repairing=True).left
    assert links(store) == [(USER, LOGIN)]


def test_fsck_finds_a_pair_that_was_added_or_turned_round(store: Store) -> None:
    unlink(store, USER, LOGIN)
    store.publish(SHELL)
    sql(store.layout.root, "UPDATE name_pairs SET is_same = 1")

    [finding] = check(store, lambda: None, SHELL).left

    assert finding.means == "its ledger entries differ in is_same"


def test_fsck_finds_a_link_that_was_turned_round(store: Store) -> None:
    link(store, USER, LOGIN)
    store.publish(SHELL)
    sql(store.layout.root, "UPDATE name_pairs SET is_same = 0")

    [finding] = check(store, lambda: None, SHELL).left

    assert finding.means == "its ledger entries differ in is_same"


def test_the_catalog_may_know_names_whose_file_is_lost(store: Store) -> None:
    link(store, USER, LOGIN)
    store.publish(SHELL)
    shutil.rmtree(store.layout.links)

    assert not check(store, lambda: None, SHELL).left


def test_what_an_older_version_said_of_two_names_is_known(store: Store) -> None:
    unlink(store, USER, LOGIN)
    store.catalog.close()
    sql(store.layout.root, "DROP TABLE name_pairs")

    assert known_pairs.name_pairs(store.layout).are_distinct([USER], LOGIN)
    with reopened(store) as found:
        assert pairs(found).are_distinct([LOGIN], USER)


def test_a_file_that_is_no_link_is_an_error_that_names_it(store: Store) -> None:
    store.layout.links.mkdir()
    (store.layout.links / "x.json").write_bytes(b"{}")

    with pytest.raises(StoreDamaged, match=r"x\.json: it is not the file of a link"):
        name_pairs.files(store.layout).read("x")
