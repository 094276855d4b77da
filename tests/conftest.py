"""What the tests of all rooms share: a clean environment, a store for each test, real bodies."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from raytrail.cli import main
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.asgi import serving
from tests.cloudflare_api.app import StandIn
from tests.cloudflare_api.world import ACCOUNT_ID, TOKEN, ZONE_NAME, World
from tests.command import Command, Ended
from tests.copied_store import copy_store
from tests.factories import NO_RESERVE, Body, Clock, gzipped, ndjson, record
from tests.injected import FAULTS, Injected, total
from tests.postgresql import Cluster, is_here
from tests.postgresql import running as running_cluster
from tests.service import Service, running

# A test of a property draws few examples where a person waits, and in CI, which draws the same each
# time, so that a change alone decides whether it passes. `make long-properties` draws many. A test
# does not judge the speed of a machine that others use as well.
settings.register_profile(
    "quick", max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("same", settings.get_profile("quick"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=100)

pytest_plugins = ("tests.suites", "tests.deaths", "tests.every_catalog")

NO_LIMITS = IntakeLimits(reserve=NO_RESERVE)

# The fixtures that start the program as a process, or the stand-in of Cloudflare's API, whose SDK
# takes seconds to import. Other tests that do so carry the marker themselves.
SERVICES = {"service", "serving", "destination", "api_url"}
TESTS = Path(__file__).parent
SYSTEM = TESTS / "system"

# The tests of keeping a store for years: close to half of all the time, and rarely about what
# somebody has just changed.
YEARS = (
    "archives/test_import",
    "faults/test_faults_damage",
    "faults/test_faults_edits",
    "faults/test_faults_ledger",
    "faults/test_faults_mutants",
    "faults/test_faults_rebuild",
    "faults/test_faults_remade",
    "publishing/",
    "raytrail/commands/test_backup",
    "raytrail/commands/test_erasure",
    "raytrail/commands/test_holds",
    "raytrail/commands/test_import",
    "raytrail/commands/test_rebuild",
    "raytrail/commands/test_replay",
    "raytrail/commands/test_retention",
    "raytrail/service/test_compactor",
    "raytrail/test_retention_settings",
    "store/backup/",
    "store/compaction/",
    "store/erasure/",
    "store/fsck/",
    "store/keepout/",
    "store/loading/test_diagnosis",
    "store/rebuild/",
    "store/replay/",
    "store/retention/",
    "store/scrub/",
)

# The tests of what is asked of a store: most of the time that is left.
QUESTIONS = (
    "faults/test_faults_health",
    "faults/test_faults_shells",
    "findings/",
    "queries/",
    "raytrail/commands/",
    "raytrail/service/test_loader",
    "raytrail/test_golden_stores",
    "raytrail/test_loaded_libraries",
    "store/catalog/test_upkeep_of_facts",
    "store/catalog/test_user_",
    "store/reading/",
    "store/registers/test_name_pairs",
)
# What both kinds of catalog promise: most of it waits for a server.
CATALOGS = "store/postgresql/"
# One whole report and every kind of trail, for whoever has changed anything.
ASKED_ALWAYS = ("queries/test_golden", "queries/test_trail")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        starts = SERVICES.intersection(getattr(item, "fixturenames", ()))
        if starts or item.path.is_relative_to(SYSTEM):
            item.add_marker("service")
        path = str(item.path.relative_to(TESTS))
        if path.startswith(YEARS):
            item.add_marker("years")
        elif path.startswith(QUESTIONS) and not path.startswith(ASKED_ALWAYS):
            item.add_marker("questions")
        elif path.startswith(CATALOGS):
            item.add_marker("catalogs")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings and the `.env` file of the person who runs the tests out of them."""
    for name in list(os.environ):
        if name.startswith(("RAYTRAIL_", "PROMETHEUS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty store. Made once, because its tables take long to create."""
    data = tmp_path_factory.mktemp("empty") / "data"
    Store.create(data, Clock(), NO_LIMITS).catalog.close()
    return data


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A server of PostgreSQL, whose databases sort by the rules of a language."""
    if not is_here():
        pytest.skip("PostgreSQL is not installed (Debian: postgresql): nothing of it is tested")
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def store(empty_store: Path, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    copy_store(empty_store, tmp_path / "data")
    with Store.open(tmp_path / "data", clock, NO_LIMITS) as opened:
        yield opened


@pytest.fixture
def body() -> Body:
    """Make a gzipped batch of the given records, or of a plain one."""

    def make(*records: Mapping[str, Any]) -> bytes:
        return gzipped(ndjson(*(records or (record(),))))

    return make


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One real service for those tests of the edge that change nothing in it."""
    data = tmp_path_factory.mktemp("service") / "data"
    settings = {"RAYTRAIL_BODY_BYTES_MAX": "1000000", "RAYTRAIL_REQUEST_SECONDS_MAX": "2"}
    with running(data, RAYTRAIL_TOKEN_HEADER="X-Raytrail", **settings) as started:
        yield started


@pytest.fixture
def injected(record_property: Callable[[str, object], None]) -> Injected:
    """Record how many faults the test injected. It has seen each of them fire."""
    return lambda times: record_property(FAULTS, times)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [each for outcome in terminalreporter.stats.values() for each in outcome]
    if faults := total(reports):
        terminalreporter.write_line(f"{faults:,} faults were injected")


@pytest.fixture
def world() -> World:
    """What the stand-in of Cloudflare's API knows."""
    return World()


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """One stand-in for Cloudflare's API for all tests."""
    started = StandIn()
    with serving(started) as started.origin:
        yield started


@pytest.fixture
def api_url(
    stand_in: StandIn, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The base URL at which the stand-in serves this test's world."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # The stand-in uses plain HTTP, so clients need not load all certificates of this machine.
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with stand_in.serving(world) as url:
        yield url


@pytest.fixture
def cloudflare(api_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of a person who uses the stand-in's account and zone."""
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_URL", api_url)
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_TOKEN", TOKEN)
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_ACCOUNT", ACCOUNT_ID)
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_ZONES", ZONE_NAME)
    return api_url


@pytest.fixture
def raytrail(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run the console script's own function. As a process each call would cost a second."""
    monkeypatch.setenv("RAYTRAIL_RESERVE_BYTES", "0")
    monkeypatch.setenv("RAYTRAIL_RESERVE_PERCENT", "0")

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["raytrail", *map(str, arguments)])
        capfd.readouterr()
        status: object = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        assert isinstance(status, int)
        return Ended(status, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def destination(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A real service for tests that only need a destination for their uploads."""
    with running(tmp_path_factory.mktemp("destination") / "data") as started:
        yield started
