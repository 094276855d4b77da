"""Tables follow the store under the setting; where that fails, everything else goes on."""

import contextlib
import json
import sys
from pathlib import Path

import orjson
import pytest

from raytrail.setting_files.published_tables import Follower
from raytrail.settings import Settings
from store.errors import StoreBusy
from store.files.notices import Notices
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.reading.shell.options import ShellOptions
from store.store import Store
from tests.command import Command
from tests.dying import WATCHED, Dying, Killed, dying
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, load, ndjson, send
from tests.person_store import by, lived_in
from tests.publishing.reading import REQUESTS, in_catalog, in_folder, planned, publisher, rows
from tests.service import post, running
from tests.store.conftest import Built
from tests.until import until

BOTH = gzipped(ndjson(by("ada"), by("bob")))
ONE = gzipped(ndjson(by("cleo")))


class Silent:
    def info(self, event: str, **facts: object) -> None: ...
    def warning(self, event: str, **facts: object) -> None: ...
    def error(self, event: str, **facts: object) -> None: ...
    def exception(self, event: str, **facts: object) -> None: ...


def following(folder: Path, clock: Clock | None = None) -> Store:
    options = ShellOptions(tables=Follower(is_on=True))
    return Store.open(folder, clock or Clock(), IntakeLimits(reserve=NO_RESERVE), options)


def test_the_setting_lets_tables_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.read().shell_options().tables == Follower(is_on=False)
    monkeypatch.setenv("RAYTRAIL_PUBLISH", "true")
    monkeypatch.setenv("RAYTRAIL_SHELL_ROOT", "/srv/audit")
    assert Settings.read().shell_options().tables == Follower(is_on=True, root=Path("/srv/audit"))


def test_a_store_without_the_setting_has_no_new_file_and_loads_no_library(
    store: Store, raytrail: Command
) -> None:
    send(store, BOTH)
    before = set(sys.modules)

    assert raytrail("load", "--data", store.layout.root).returncode == 0

    assert not store.layout.published.exists()
    assert not store.layout.publishing_lock.exists()
    new = {name.partition(".")[0] for name in set(sys.modules) - before}
    assert not new & {"publishing", "pyiceberg"}


def test_each_command_that_changes_files_changes_the_tables(
    built: Built, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(lived_in)
    data = store.layout.root
    monkeypatch.setenv("RAYTRAIL_PUBLISH", "true")

    raytrail("load", "--data", data)
    assert planned(in_catalog(store)) == set(store.snapshot().files[REQUESTS])
    send(store, BOTH)
    raytrail("load", "--data", data)
    assert planned(in_catalog(store)) == set(store.snapshot().files[REQUESTS])
    assert isinstance(store.clock, Clock)
    raytrail("compact", "--data", data)
    assert planned(in_catalog(store)) == set(store.snapshot().files[REQUESTS])
    told = json.loads(raytrail("status", "--json", "--data", data).stdout)["published"]
    assert told["behind"] is None
    assert told["tables"][REQUESTS]["files"] == len(store.snapshot().files[REQUESTS])


def test_a_store_without_records_is_published_once(store: Store) -> None:
    with following(store.layout.root) as opened:
        assert opened.shell.tables(opened) == ""
        before = (opened.layout.published / "state.json").stat().st_mtime_ns

        assert opened.shell.tables(opened) == ""

        assert (opened.layout.published / "state.json").stat().st_mtime_ns == before


@pytest.mark.service
def test_a_service_publishes_what_it_receives(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, RAYTRAIL_PUBLISH="true") as service:
        assert post(service, BOTH).status_code == 200
        service.wait_until_readable()
        with Store.open(data, Clock()) as store:
            until((store.layout.published / "state.json").is_file, "a state")
            until(lambda: len(_rows(store)) == 2, "two rows")
            assert post(service, ONE).status_code == 200
            until(lambda: len(_rows(store)) == 3, "three rows")


def _rows(store: Store) -> list[dict[str, object]]:
    hint = store.layout.published / REQUESTS / "metadata" / "version-hint.text"
    return rows(in_folder(store)) if hint.exists() else []


def broken(store: Store) -> None:
    """A file lies where the folder of the tables would be."""
    store.layout.published.write_bytes(b"")


def test_loading_goes_on_where_publishing_fails_and_everybody_is_told(
    store: Store, tmp_path: Path
) -> None:
    notices = Notices(tmp_path)
    broken(store)
    with following(store.layout.root) as opened:
        send(opened, BOTH)
        loading = LiveLoading(opened, Silent(), SHELL, notices=notices)

        assert loading.until_drained() == 1

        assert len(opened.snapshot().files[REQUESTS]) == 1
        [reason] = [each for each in opened.degraded(notices) if each.code == "tables"]
        assert reason.text.startswith("the published tables are behind: ")
        store.layout.published.unlink()
        loading.until_drained()
        assert opened.degraded(notices) == ()
        assert len(rows(in_catalog(opened))) == 2


def test_without_the_library_the_reason_says_what_to_install(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, BOTH)
    monkeypatch.setitem(sys.modules, "pyiceberg", None)
    monkeypatch.setenv("RAYTRAIL_PUBLISH", "true")
    missing = "pyiceberg is not installed; run `pip install 'raytrail[iceberg]'`"
    data = store.layout.root

    loaded = raytrail("load", "--data", data)
    asked = raytrail("publish", "--data", data)

    assert (loaded.returncode, loaded.stdout) == (0, "1 batch loaded\n")
    assert (asked.returncode, asked.stderr) == (2, f"raytrail: {missing}\n")
    assert missing in raytrail("doctor", "--data", data).stdout
    assert missing in raytrail("status", "--data", data).stdout


def test_status_and_doctor_say_why_the_tables_are_behind(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, BOTH)
    load(store)
    data = store.layout.root
    raytrail("publish", "--data", data)
    assert "published 1 table, as of ledger entry 2\n" in raytrail("status", "--data", data).stdout
    send(store, ONE)
    load(store)

    assert "behind: files of the store have changed since" in (
        raytrail("status", "--data", data).stdout
    )
    assert "files of the store have changed since" in raytrail("doctor", "--data", data).stdout
    monkeypatch.setenv("RAYTRAIL_SHELL_ROOT", "/srv/audit")
    for command in ("status", "doctor"):
        moved = raytrail(command, "--data", data).stdout
        assert f"the data folder is /srv/audit now, and the tables name {data}" in moved
    raytrail("publish", "--data", data)
    assert "fine   published 1 table, as of ledger entry 4" in (
        raytrail("doctor", "--data", data).stdout
    )


def test_tables_that_are_published_by_hand_may_be_behind(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, BOTH)
    load(store)
    data = store.layout.root
    raytrail("publish", "--data", data)
    send(store, ONE)
    load(store)

    assert "note   published files of the store" in raytrail("doctor", "--data", data).stdout
    monkeypatch.setenv("RAYTRAIL_PUBLISH", "true")
    assert "wrong  published files of the store" in raytrail("doctor", "--data", data).stdout


def test_the_answer_as_json_names_folders_and_no_person(store: Store, raytrail: Command) -> None:
    send(store, BOTH)
    load(store)

    told = orjson.loads(raytrail("publish", "--json", "--data", store.layout.root).stdout)

    assert told["tables"][REQUESTS]["folder"] == f"{store.layout.published}/{REQUESTS}"
    assert told["tables"][REQUESTS]["rows"] == 2
    assert "bob" not in str(told)


def test_two_publish_one_after_the_other(store: Store) -> None:
    send(store, BOTH)
    load(store)
    first = publisher(store)

    with first.locked(), pytest.raises(StoreBusy, match="another process writes it"):
        publisher(store).publish()

    assert publisher(store).publish().tables[REQUESTS].rows == 2


@pytest.mark.deaths
def test_a_death_at_any_call_leaves_a_whole_table_and_the_next_publishing_completes_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, BOTH)
    load(store)
    publisher(store).publish()
    number = 0
    while True:
        number += 1
        before = set(store.snapshot().files[REQUESTS])
        send(store, gzipped(ndjson(by("zoe", RayID=f"{number:x}"))))
        load(store)
        now = set(store.snapshot().files[REQUESTS])
        with dying(monkeypatch, Dying(number)) as dead, contextlib.suppress(Killed):
            publisher(store).publish()
        if dead.hit is None:
            break
        for read in (in_folder, in_catalog):
            assert planned(read(store)) in (before, now), dead.hit
        publisher(store).publish()
        assert planned(in_folder(store)) == planned(in_catalog(store)) == now
    assert number > len(WATCHED)
