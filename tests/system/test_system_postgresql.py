"""A service and every command with the catalog on PostgreSQL, set by RAYTRAIL_CATALOG alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock
from tests.command import Command
from tests.factories import NO_RESERVE, Body, Clock, load, record, send
from tests.postgresql import Cluster
from tests.service import Service, get, post, running
from tests.until import until

USER = "srhea"
PASSWORD = "geheim-und-lang"
LIMITS = IntakeLimits(reserve=NO_RESERVE)


@pytest.fixture
def url(postgresql: Cluster) -> str:
    """With a password, which the server does not ask for."""
    return postgresql.new().replace("raytrail@", f"raytrail:{PASSWORD}@")


@pytest.fixture
def serving(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("RAYTRAIL_CATALOG", url)
    with running(tmp_path / "data", RAYTRAIL_CATALOG=url) as started:
        yield started


def test_a_service_receives_loads_and_answers_and_no_text_has_the_password(
    serving: Service, url: str, body: Body, raytrail: Command, tmp_path: Path
) -> None:
    line = record(EdgeStartTimestamp="2026-11-20T08:00:00Z")
    assert post(serving, body(line)).status_code == 200
    assert post(serving, body(line)).json()["duplicate"] is True
    layout = Layout(serving.data, Database.parse(url))
    with Store.open(layout, system_clock) as store:
        until(lambda: store.status().files == 1, "the batch is loaded")
        until((serving.data / "audit.duckdb").exists, "it is published")
    told = [get(serving, path).text for path in ("/health", "/metrics")]
    data = ("--data", serving.data)
    for command in (
        ("status",),
        ("status", "--json"),
        ("doctor",),
        ("trail", "--user", USER, "--json"),
        ("report", "--user", USER),
        ("sql", "SELECT count(*) FROM http_requests"),
        ("explain", line["RayID"]),
        ("visitors", line["ClientRequestHost"]),
        ("people",),
        ("findings",),
        ("fsck",),
        ("backup", tmp_path / "backup"),
        ("compact",),
        ("retain", "--dry-run"),
        ("erase", "--user", USER, "--check"),
    ):
        ended = raytrail(*command, *data)
        told += [ended.stdout, ended.stderr]
        # Of doctor and the check of an erasure: what they found.
        assert ended.returncode == (1 if command[0] in {"doctor", "erase"} else 0), (command, ended)
    assert '"status":200' in "".join(told).replace(" ", "")
    assert "PostgreSQL database postgres at" in "".join(told)
    serving.stop()
    assert PASSWORD not in "".join((*told, *serving.raw_log))
    found = [path for path in serving.data.rglob("*") if path.is_file()]
    assert not [path for path in found if PASSWORD.encode() in path.read_bytes()]


def test_a_command_without_the_setting_is_told_what_it_lacks(
    url: str, tmp_path: Path, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.create(Layout(tmp_path / "data", Database.parse(url)), Clock(), LIMITS):
        pass

    for command in (("status",), ("trail", "--user", USER), ("serve",), ("load",)):
        monkeypatch.setenv("RAYTRAIL_TOKENS", "a-token-of-this-test-and-no-other")
        ended = raytrail(*command, "--data", tmp_path / "data")

        assert ended.returncode == 2
        assert "set RAYTRAIL_CATALOG to its URL" in ended.stderr
    assert not (tmp_path / "data" / "catalog.sqlite").exists()


def test_a_wrong_url_is_refused_without_being_told(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in (f"mysql://a:{PASSWORD}@h/d", f"postgresql://a:{PASSWORD}@[h/d", "catalog.sqlite"):
        monkeypatch.setenv("RAYTRAIL_CATALOG", wrong)
        for command in ("status", "doctor"):
            ended = raytrail(command)

            assert ended.returncode == 3
            assert "RAYTRAIL_CATALOG" in ended.stderr
            assert PASSWORD not in ended.stdout + ended.stderr


def test_a_restored_store_can_be_served_with_a_catalog_on_a_server(
    url: str, body: Body, raytrail: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way from a catalog in a file to PostgreSQL, with commands alone."""
    with Store.create(tmp_path / "old", system_clock, LIMITS) as store:
        send(store, body(record()))
        load(store)
    assert raytrail("backup", tmp_path / "backup", "--data", tmp_path / "old").returncode == 0
    monkeypatch.setenv("RAYTRAIL_CATALOG", url)

    assert raytrail("restore", tmp_path / "backup", "--data", tmp_path / "new").returncode == 0

    answer = raytrail("trail", "--user", USER, "--data", tmp_path / "new", "--json")
    assert answer.returncode == 0
    assert answer.stdout.count("\n") == 1
    assert not (tmp_path / "new" / "catalog.sqlite").exists()
    erased = ("erase", "--user", USER, "--reason", "request 17", "--yes-remove", "2")
    done = raytrail(*erased, "--data", tmp_path / "new")
    assert done.returncode == 0, done
    assert "the log (WAL) of the PostgreSQL server" in done.stdout
