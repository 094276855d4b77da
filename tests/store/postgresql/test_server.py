"""What only a catalog on a server can meet: a restart, an other host, a role, a backup elsewhere."""

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import insert

from raytrail.doctor import catalog as doctor
from raytrail.doctor.finding import Grade
from schema.errors import RaytrailError
from store.backup.backup import Backup
from store.backup.restore import restore
from store.catalog import ledger, migration, opening
from store.catalog.chain import breaks
from store.catalog.databases import postgresql_connection, postgresql_engine
from store.catalog.register_tables import drifts
from store.catalog.scope import Scope
from store.database import Database
from store.erasure.verification import find_remnants
from store.errors import CatalogMissing, StoreBusy, StoreDamaged, StoreUnavailable
from store.files.layout import Layout
from store.fsck.check import check
from store.intake.limits import IntakeLimits
from store.rebuild.rebuild import rebuild
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, compact, load, send
from tests.person_store import erase
from tests.postgresql import Cluster, running
from tests.store.postgresql.test_contract import body
from tests.until import until

LIMITS = IntakeLimits(reserve=NO_RESERVE)


@pytest.fixture
def layout(postgresql: Cluster, tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data", Database.parse(postgresql.new()))


@pytest.fixture
def store(layout: Layout) -> Iterator[Store]:
    with Store.create(layout, Clock(), LIMITS) as opened:
        yield opened


@pytest.fixture
def full(store: Store) -> Store:
    """With a merged file and a part."""
    for users in (("ada.lovelace", "bob"), ("ada.lovelace", "cleo")):
        send(store, body(*users, ClientIP=f"192.0.2.{len(users[1])}"))
        load(store)
    compact(store)
    send(store, body("dora"))
    load(store)
    store.publish(SHELL)
    return store


def rows(store: Store) -> dict[str, int]:
    """The files that a question about each person opens, and what is live."""
    people = ("ada.lovelace", "bob", "cleo", "dora", "eve")
    scopes = {each: Scope(dataset="http_requests", users=(each,)) for each in people}
    return {
        each: len(store.snapshot(scope).files.get("http_requests", ()))
        for each, scope in scopes.items()
    } | {"files": store.status().files, "batches": store.status().batches}


def findings(store: Store) -> list[str]:
    return [f"{each.kind} {each.path} {each.means}" for each in check(store, nothing, SHELL).left]


def nothing() -> None:
    """No pause: nothing else works on the store."""


def test_a_backup_restores_into_either_kind_of_catalog(
    full: Store, postgresql: Cluster, tmp_path: Path
) -> None:
    before, target = rows(full), tmp_path / "backup"
    Backup.of(full, target).run()
    in_file = Layout(tmp_path / "file")
    on_server = Layout(tmp_path / "server", Database.parse(postgresql.new()))

    for each in (in_file, on_server):
        restore(target, each, Clock(), SHELL)

        with Store.open(each, Clock(), LIMITS) as restored:
            assert rows(restored) == before
            assert findings(restored) == []
            send(restored, body("eve"))
            load(restored)
            assert rows(restored)["eve"] == 1
    # And back: a backup of a catalog in a file.
    with Store.open(in_file, Clock(), LIMITS) as source:
        Backup.of(source, tmp_path / "second").run()
    again = Layout(tmp_path / "again", Database.parse(postgresql.new()))
    restore(tmp_path / "second", again, Clock(), SHELL)
    with Store.open(again, Clock(), LIMITS) as restored:
        assert rows(restored) == before | {"eve": 1, "files": before["files"] + 1, "batches": 4}


def test_a_lost_catalog_is_noticed_and_made_again(full: Store, postgresql: Cluster) -> None:
    before, layout = rows(full), full.layout
    full.catalog.close()
    assert layout.database is not None
    schema = layout.database.url.rpartition("%3D")[2]
    postgresql.run(f"DROP SCHEMA {schema} CASCADE")
    postgresql.run(f"CREATE SCHEMA {schema}")

    with pytest.raises(CatalogMissing, match="is missing or empty"):
        Store.create(layout, Clock(), LIMITS)
    done = rebuild(layout, Clock(), LIMITS)

    assert done.is_whole
    with Store.create(layout, Clock(), LIMITS) as again:
        assert rows(again) == before
        again.publish(SHELL)
        assert findings(again) == []


def test_a_rebuild_keeps_the_old_catalog_as_a_file(full: Store) -> None:
    before, layout = rows(full), full.layout
    full.catalog.close()

    done = rebuild(layout, Clock(), LIMITS)

    assert done.kept is not None
    with closing(opening.open_frozen(layout.root / done.kept)) as old, old.read() as connection:
        assert ledger.sequence(connection) == done.sequence
    with Store.open(layout, Clock(), LIMITS) as again:
        assert rows(again) == before


def test_an_erased_person_is_in_no_table_and_the_tables_have_new_files(
    full: Store, postgresql: Cluster
) -> None:
    pages = _pages(postgresql, full, "user_names")

    erase(full, "ada.lovelace")
    full.publish(SHELL)

    assert rows(full)["ada.lovelace"] == 0
    assert list(find_remnants(full.layout, full.catalog, "ada.lovelace")) == []
    assert _pages(postgresql, full, "user_names") != pages, "deleted rows are not in the new file"
    assert findings(full) == []


def test_a_name_that_is_left_in_a_table_is_found(full: Store) -> None:
    row = {"place": "x", "found": "of ada.lovelace", "sequence": 1}
    with full.catalog.write() as connection:
        connection.execute(insert(drifts), row)

    left = find_remnants(full.layout, full.catalog, "ada.lovelace")
    assert [each.path for each in left if each.path.endswith("drifts.found")]


def test_another_host_is_refused_while_the_first_one_is_connected(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.catalog.read():
        pass
    monkeypatch.setattr(postgresql_engine, "home_of", lambda _layout: 12345)

    with pytest.raises(StoreUnavailable, match="another host, or another data folder, is using"):
        Store.open(store.layout, Clock(), LIMITS)
    store.catalog.close()
    with Store.open(store.layout, Clock(), LIMITS) as second:
        assert second.status().batches == 0


def test_receipts_that_a_server_lost_are_entered_again_after_it_is_back(
    store: Store, postgresql: Cluster
) -> None:
    """As after a fail-over to a replica that was behind: `ledger/` has what the server lacks."""
    for user in ("ada.lovelace", "bob", "cleo"):
        send(store, body(user))
    assert store.layout.database is not None
    url = store.layout.database.url
    for lost in (
        "DELETE FROM batches WHERE sequence > 1",
        "DELETE FROM entries WHERE sequence > 1",
        "UPDATE counts SET amount = 1 WHERE measure = 'batches'",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'raytrail'",
    ):
        postgresql.run(lost, url)

    _until_it_answers(store, "dora")

    with store.catalog.read() as connection:
        assert list(breaks(connection)) == []
        assert ledger.sequence(connection) == 4
    load(store)
    found = rows(store)
    assert [found[each] for each in ("ada.lovelace", "bob", "cleo", "dora")] == [1, 1, 1, 1]
    assert found["batches"] == 4


def _until_it_answers(store: Store, user: str) -> None:
    """As Logpush does: what is not answered with 200 is sent again."""

    def sent() -> bool:
        with suppress(StoreBusy, StoreUnavailable):
            send(store, body(user))
            return True
        return False

    until(sent, "a batch is taken again")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_restarts_costs_no_batch(tmp_path: Path, how: signal.Signals) -> None:
    with running() as cluster:
        layout = Layout(tmp_path / "data", Database.parse(cluster.new()))
        with Store.create(layout, Clock(), LIMITS) as store:
            send(store, body("ada.lovelace"))
            cluster.stop(how)
            with pytest.raises(RaytrailError) as refused:
                send(store, body("bob"))
            assert isinstance(refused.value, StoreBusy | StoreUnavailable)
            cluster.start()
            _until_it_answers(store, "bob")
            store.recover()
            load(store)

            found = rows(store)
            assert (found["ada.lovelace"], found["bob"], found["batches"]) == (1, 1, 2)


def test_a_lock_that_is_not_released_is_busy(
    store: Store, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_connection, "LOCK_SECONDS_MAX", 0.05)
    with Store.open(store.layout, Clock(), LIMITS) as impatient, store.catalog.write():
        with pytest.raises(StoreBusy, match="lock timeout"):
            send(impatient, body("ada.lovelace"))
        assert impatient.status().batches == 0, "readers are not held up"


def test_no_text_has_the_password(tmp_path: Path, postgresql: Cluster) -> None:
    secret = "geheim-und-lang"
    nowhere = Database.parse(f"postgresql://raytrail:{secret}@127.0.0.1:1/raytrail")
    layout = Layout(tmp_path / "data", nowhere)

    with pytest.raises(StoreUnavailable) as refused:
        Store.create(layout, Clock(), LIMITS)

    told = "".join(traceback.format_exception(refused.value))
    assert secret not in told + repr(layout) + str(nowhere)
    assert secret not in "".join(
        path.read_text("utf-8", "replace") for path in layout.root.rglob("*") if path.is_file()
    )


def test_the_folder_names_what_the_settings_lack(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="set RAYTRAIL_CATALOG"):
        Store.open(store.layout.root, Clock(), LIMITS)
    with pytest.raises(StoreUnavailable, match="set RAYTRAIL_CATALOG"):
        Store.create(store.layout.root, Clock(), LIMITS)


def test_a_store_with_its_catalog_inside_is_not_begun_anew_elsewhere(
    tmp_path: Path, postgresql: Cluster
) -> None:
    root = tmp_path / "data"
    with Store.create(root, Clock(), LIMITS) as store:
        send(store, body("ada.lovelace"))

    for opened in (Store.create, Store.open):
        with pytest.raises(StoreUnavailable, match=r"the catalog of .* is catalog\.sqlite"):
            opened(Layout(root, Database.parse(postgresql.new())), Clock(), LIMITS)


def test_doctor_says_what_is_wrong_with_the_server(store: Store) -> None:
    told = [each.text for each in doctor.examine(store) if each.grade is Grade.WRONG]

    assert told == ["fsync is off", "full_page_writes is off", "synchronous_commit is off"]
    with store.catalog.write() as connection:
        connection.exec_driver_sql(
            'ALTER TABLE files ALTER COLUMN user_min TYPE text COLLATE "und-x-icu"'
        )
    told = [each.text for each in doctor.examine(store)]
    assert "columns that sort by a language: files.user_min" in told


def test_doctor_finds_nothing_wrong_with_a_server_as_it_comes(tmp_path: Path) -> None:
    with running("fsync=on", "full_page_writes=on", "synchronous_commit=on") as cluster:
        layout = Layout(tmp_path / "data", Database.parse(cluster.new()))
        with Store.create(layout, Clock(), LIMITS) as store:
            [found] = doctor.examine(store)

    assert found.grade is Grade.FINE
    assert "texts sort by bytes" in found.text


def test_an_option_that_the_driver_does_not_know_is_told_without_the_url(tmp_path: Path) -> None:
    wrong = Database.parse("postgresql://u:geheim@127.0.0.1:1/raytrail?geheim=geheim")

    with pytest.raises(StoreUnavailable, match="has an option that") as refused:
        Store.create(Layout(tmp_path / "data", wrong), Clock(), LIMITS)
    assert "geheim" not in "".join(traceback.format_exception(refused.value))


def test_a_catalog_of_an_older_version_gets_what_it_lacks(full: Store) -> None:
    with full.catalog.write() as connection:
        for older in (
            "ALTER TABLE files DROP COLUMN footer_sha256",
            "ALTER TABLE batches DROP COLUMN overruled_members",
            "DROP INDEX batches_begun",
            "DROP TABLE checks",
        ):
            connection.exec_driver_sql(older)
        assert migration.is_needed(connection, "here")

    with opening.migrated(full.layout) as same:
        assert same == full.layout
    with full.catalog.read() as connection:
        assert not migration.is_needed(connection, "here")
    assert not full.catalog.settings()["collations"]


def test_a_question_brings_a_catalog_of_an_older_version_up_to_date(full: Store) -> None:
    before = rows(full)
    with full.catalog.write() as connection:
        connection.exec_driver_sql("DROP TABLE damaged")

    assert rows(full) == before


def test_a_folder_that_cannot_be_written_is_read(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(full)
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)

    with Store.open(full.layout, Clock(), LIMITS) as reading:
        assert rows(reading) == before
        with (
            pytest.raises(StoreUnavailable, match="cannot be written here"),
            reading.catalog.write(),
        ):
            pass
    with full.catalog.write() as connection:
        connection.exec_driver_sql("DROP TABLE checks")
    with pytest.raises(StoreUnavailable, match="or of an older version"):
        Store.open(full.layout, Clock(), LIMITS)


@pytest.mark.parametrize(
    ("content", "error"),
    [("", StoreDamaged), ("[]", StoreDamaged), ('{"form": 2}', StoreUnavailable)],
)
def test_a_mark_that_cannot_be_read_stops_the_start(
    store: Store, content: str, error: type[RaytrailError]
) -> None:
    store.catalog.close()
    store.layout.catalog_mark.write_text(content, encoding="ascii")

    with pytest.raises(error, match=r"catalog\.postgresql"):
        Store.create(store.layout, Clock(), LIMITS)


def test_a_trigger_on_a_table_is_found_and_one_elsewhere_is_not_ours(full: Store) -> None:
    function = (
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    )
    with full.catalog.write() as connection:
        for made in (
            function,
            "CREATE TABLE others (name text)",
            "CREATE TRIGGER theirs BEFORE INSERT ON others EXECUTE FUNCTION nothing()",
            "CREATE TRIGGER ours BEFORE INSERT ON entries EXECUTE FUNCTION nothing()",
        ):
            connection.exec_driver_sql(made)

    [found] = findings(full)
    assert "entries/trigger/ours" in found
    done = check(full, nothing, SHELL, is_repairing=True)
    assert [each.path for each in done.left] == ["entries/trigger/ours"]


def test_a_restore_into_the_catalog_of_another_store_is_refused(
    full: Store, tmp_path: Path
) -> None:
    Backup.of(full, tmp_path / "backup").run()
    taken = Layout(tmp_path / "new", full.layout.database)

    with pytest.raises(StoreUnavailable, match="catalog of another store"):
        restore(tmp_path / "backup", taken, Clock(), SHELL)
    assert not taken.root.exists()


def test_a_killed_restore_goes_on(full: Store, postgresql: Cluster, tmp_path: Path) -> None:
    before = rows(full)
    Backup.of(full, tmp_path / "backup").run()
    new = Layout(tmp_path / "new", Database.parse(postgresql.new()))
    restore(tmp_path / "backup", new, Clock(), SHELL)
    new.restore_mark.touch()

    restore(tmp_path / "backup", new, Clock(), SHELL)

    with Store.open(new, Clock(), LIMITS) as restored:
        assert rows(restored) == before


def _pages(postgresql: Cluster, store: Store, table: str) -> str:
    assert store.layout.database is not None
    url = store.layout.database.url
    [(path,)] = postgresql.run(f"SELECT pg_relation_filepath('{table}')", url)
    return str(path)
