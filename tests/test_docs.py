"""What the documents claim is what the code does; a claim that stops being true fails here."""

import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
import typer.main
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from docs import generate, paper_scale, picture
from queries import definitions
from queries.definition_comments import described
from queries.explanation.login_verdict import verdict
from raytrail.command_line import typer_app
from raytrail.demo.run import samples
from raytrail.settings import Settings
from receiver.connections import CONNECTIONS_MAX
from receiver.store_metrics import StoreMetrics
from receiver.upload_slots import UPLOADS_MAX, UPLOADS_OF_TOKEN_MAX
from schema.body.limits import EnvelopeLimits
from schema.body.lines import LINE_BYTES_MAX
from schema.columns import arrow_schema
from schema.dataset import Dataset, IdentityRule, datasets
from schema.recognition import RECOGNITION_BYTES_MAX, RECOGNITION_VALUES_MAX
from schema.unknown_dataset import EVENT_TIME, IDENTITY, NAME_CHARS_MAX, NAME_CHARS_MIN
from store.catalog.migration import METADATA
from store.catalog.removals import GRACE
from store.erasure.erasure import FILES_MAX, LOADING, REWRITING
from store.erasure.remnants.remnant import RemnantKind
from store.fsck import finding
from store.intake.limits import IntakeLimits
from store.intake.quarantine import QUARANTINE_BYTES_MAX
from store.lifetimes import DAYS_MAX
from store.loading.diagnosis import FIELD_NAMES_MAX
from store.reading import views
from store.reading.shell import options as shell
from store.replay.replay import BATCHES_MAX
from store.retention.clock import SILENCE_MAX
from store.retention.confirmation import PARTS_MIN
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, send
from tests.test_architecture import FLOORS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
RECEIVING = (ROOT / "docs" / "receiving.md").read_text(encoding="utf-8")
DURABILITY = (ROOT / "docs" / "durability.md").read_text(encoding="utf-8")
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")


def cells(text: str, first: str) -> list[str]:
    """The table row whose first cell is `first`, without back-ticks."""
    for line in text.splitlines():
        row = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if row[0] == first:
            return row
    raise AssertionError(f"no row {first!r}")


@pytest.mark.parametrize("name", sorted(generate.pages()))
def test_a_generated_page_is_what_the_program_would_write_now(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert written == generate.pages()[name], f"docs/{name} is out of date: run `make docs`"


def test_every_command_has_a_section_of_its_own() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    for name in typer.main.get_command(typer_app.app()).commands:  # type: ignore[attr-defined]
        assert f"\n## raytrail {name}" in page
    for name in generate.MORE:
        assert f"\n## {name}\n" in page


def test_every_setting_has_a_row_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or name
        _, default, _, meaning = cells(page, f"RAYTRAIL_{str(variable).upper()}")
        assert meaning
        if field.default in (None, "", SecretStr(""), {}):
            assert default == "none"
        else:
            assert default == str(field.default)
    assert len(re.findall(r"^\| `RAYTRAIL_", page, re.MULTILINE)) == len(Settings.model_fields)


def test_the_targets_of_make_and_the_commands_that_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    defined = re.findall(r"^([a-z-]+):|^LONG := (.*)$", makefile, re.MULTILINE)
    targets = {name for words in defined for name in " ".join(words).split()}
    commands = typer.main.get_command(typer_app.app()).commands  # type: ignore[attr-defined]

    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        text = page.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", text, re.MULTILINE)) <= targets, page
        named = re.findall(r"(?:`|bin/)raytrail ([a-z]+)", text)
        assert set(named) - {"seal", "verify"} <= set(commands), page
    assert ".venv/bin/raytrail" in README


def test_the_question_in_the_readme_has_the_answer_beside_it(tmp_path: Path) -> None:
    (question,) = re.findall(r"^    D (SELECT [^;]*);$", README, re.MULTILINE)
    with Store.create(tmp_path, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for sample in samples():
            send(store, sample.body, sample.dataset)
        while store.loader().load_next():
            pass
        views.publish(store.layout, store.snapshot(), SHELL)
        with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
            answer = audit.execute(question)
            columns = [column[0] for column in answer.description or ()]
            rows = answer.fetchall()

    assert len(rows) == 3
    for row in (columns, *rows):
        assert f"| {' | '.join(map(str, row))} |" in README


def test_the_picture_in_the_readme_shows_the_demo_report() -> None:
    golden = (ROOT / "tests/golden/report-srhea.txt").read_text(encoding="utf-8")
    (shown,) = (
        content.rpartition(b"\0")[2].decode()
        for kind, content in picture.chunks(picture.TARGET.read_bytes())
        if kind == b"iTXt"
    )
    # Totals, times of the snapshot and the evidence of anomalies are those of the day that is shown;
    # all else is compared, also the times of steps.
    lines = [
        line
        for line in shown.splitlines()
        if re.match(r"   [ \d]", line) or not re.search(r"\d", line)
    ]

    assert len(lines) > 16
    known = {" ".join(line.split()).removesuffix(" none") for line in golden.splitlines()}
    for line in lines:
        # A list that has entries on other days may have none on this one.
        text = " ".join(line.split()).removesuffix(" none")
        assert text in known, f"{line!r} is not in the report: run `make picture`"
    assert f"raytrail {' '.join(picture.COMMAND)}" in shown


def test_the_version_of_the_program_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = subprocess.run(
        [sys.executable, "-m", "raytrail", "--version"], capture_output=True, text=True, check=True
    )

    assert asked.stdout == f"raytrail {project['project']['version']}\n"


def test_the_limits_on_paper_are_those_in_the_code() -> None:
    limits = IntakeLimits()
    mib, gib = 1024**2, 1024**3
    assert limits.body_bytes_max == 128 * mib
    assert "128 MiB" in cells(OPERATIONS, "body as sent")
    assert EnvelopeLimits().inflated_bytes_max == int(1.1 * gib)
    assert "1.1 GiB" in cells(OPERATIONS, "body inflated")
    assert cells(OPERATIONS, "gzip members in a body")[1] == f"{EnvelopeLimits().members_max:,}"
    assert mib == LINE_BYTES_MAX
    assert "1 MiB" in cells(OPERATIONS, "a line")
    assert gib == QUARANTINE_BYTES_MAX
    assert "1 GiB" in cells(OPERATIONS, "quarantine")
    assert (limits.reserve.bytes_min, limits.reserve.percent_min) == (2 * gib, 5.0)
    assert cells(OPERATIONS, "connections of one receiver")[1] == str(CONNECTIONS_MAX)
    names = cells(OPERATIONS, "names of fields counted separately, for each dataset and kind")
    assert names[1] == f"{FIELD_NAMES_MAX:,}"
    assert cells(OPERATIONS, "batches in one replay")[1] == f"{BATCHES_MAX:,}"
    assert cells(OPERATIONS, "files that one erasure rewrites")[1] == f"{FILES_MAX:,}"
    assert f"is loaded, {LOADING.seconds_max} s at most" in OPERATIONS
    assert f"up to {REWRITING.seconds_max // 60} minutes for a merge" in OPERATIONS
    assert timedelta(hours=1) == GRACE
    assert cells(OPERATIONS, "a retired raw body")[1] == "1 h"
    shown = cells(OPERATIONS, "a Parquet file after `audit.duckdb` no longer names it")
    assert shown[1] == f"{shell.GRACE // GRACE} h (`RAYTRAIL_SHELL_GRACE`), at least 1 h"
    assert shell.GRACE_MIN == GRACE
    assert timedelta(hours=48) == SILENCE_MAX
    assert cells(OPERATIONS, "silence after which retention doubts the clock")[1] == "48 h"
    share = cells(OPERATIONS, "rows, or raw bodies, that retention deletes without confirmation")
    assert share[1] == f"{100 // PARTS_MIN} %"
    assert f"`1d` to `{DAYS_MAX}d`" in OPERATIONS
    start = cells(OPERATIONS, "the start of a body from which its dataset is recognised")[1]
    assert start == f"{RECOGNITION_BYTES_MAX // 1024} KiB, {RECOGNITION_VALUES_MAX} values"
    assert cells(OPERATIONS, "uploads at once in one receiver")[1] == str(UPLOADS_MAX)
    assert cells(OPERATIONS, "of them with one token")[1] == str(UPLOADS_OF_TOKEN_MAX)


@pytest.mark.parametrize("name", sorted(datasets()))
def test_every_column_of_ours_is_explained(name: str) -> None:
    ours = [column for column in arrow_schema(datasets()[name]).names if column.islower()]

    assert ours
    for column in ours:
        assert cells(SCHEMA, column)
    assert f"`{name}`" in RECEIVING


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_every_dataset_stands_in_the_table_with_its_time_and_its_people(dataset: Dataset) -> None:
    scopes = " and ".join(filter(None, (dataset.scope, dataset.also_scope)))
    scopes += ", pulled" if dataset.is_pulled else ""
    times = ", else ".join(f"`{name}`" for name in dataset.event_time)
    people = ", else ".join(map(place, dataset.identity)) or "none"

    assert f"| `{dataset.name}` | {scopes} | {times} | {people} |" in SCHEMA


def place(rule: IdentityRule) -> str:
    return f'`{rule.field}["{rule.key}"]`' if rule.key else f"`{rule.field}`"


def test_what_is_known_of_an_unknown_dataset_is_written_down() -> None:
    assert f"{NAME_CHARS_MIN} to {NAME_CHARS_MAX} of" in SCHEMA
    assert f"holds a time: {', '.join(f'`{name}`' for name in EVENT_TIME)}.\n" in SCHEMA
    assert f"**Who**: {', else '.join(map(place, IDENTITY))}.\n" in SCHEMA


@pytest.mark.parametrize("name", definitions.PUBLIC)
def test_the_file_of_a_view_or_macro_tells_an_analyst_what_it_is(name: str) -> None:
    found = described(definitions.sql_of(f"definitions/{name}"))

    assert found.meaning.endswith((".", ":")), "the leading comment has no first sentence"
    assert found.name in found.example, "the leading comment has no line `Example: ...`"
    assert found.kind != "view" or found.columns or found.columns_of, "no `Columns:`"


def test_every_kind_of_ledger_entry_is_explained() -> None:
    appended = re.compile(r'(?:append(?:_all)?|show)\(\s*connection,\s*"(\w+)"')
    kinds = {
        kind
        for module in (ROOT / "store").rglob("*.py")
        for kind in appended.findall(module.read_text(encoding="utf-8"))
    }

    assert {"batch", "resend", "loaded", "unread", "replayed"} <= kinds
    for kind in kinds:
        assert cells(DURABILITY, kind)


def test_the_design_lists_the_rooms_in_the_order_that_imports_must_keep() -> None:
    design = (ROOT / "docs" / "DESIGN.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \| `([\w/]+)(?:/|\.py)` \|", design, re.MULTILINE)
    floors: dict[int, set[str]] = {}
    for floor, room in listed:
        floors.setdefault(int(floor), set()).add(room.replace("/", "."))

    assert list(floors) == list(range(1, len(FLOORS) + 1)), "one number for each floor, in order"
    for number, rooms in enumerate(FLOORS, start=1):
        assert floors[number] == set(rooms), f"floor {number} of the table in docs/DESIGN.md"


def test_the_design_lists_the_tables_of_the_catalog() -> None:
    design = (ROOT / "docs" / "DESIGN.md").read_text(encoding="utf-8")
    table = design.partition("| table | contents |")[2].partition("\n\n")[0]
    first_cells = " ".join(line.split("|")[1] for line in table.strip().splitlines())

    assert set(re.findall(r"`(\w+)`", first_cells)) == set(METADATA.tables)


def test_every_finding_of_fsck_is_explained() -> None:
    for kind in finding.Kind:
        assert cells(OPERATIONS, kind)


def test_everything_that_an_erasure_may_leave_is_explained() -> None:
    for kind in RemnantKind:
        assert f"`{kind.value}`" in OPERATIONS
    assert cells(DURABILITY, "erased")


def test_the_refusal_on_the_page_about_explanations_is_explained_in_the_words_of_the_program() -> (
    None
):
    page = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    event = {"IPAddress": "2a09:bac0:15::814:7b37", "Country": "US", "MtlsStatus": "NONE"}
    explained = verdict(event)

    assert f"  {explained.summary}\n" in page
    for reason in explained.reasons:
        assert f"      {reason}\n" in page


def test_every_log_line_that_operators_are_told_to_watch_is_written_somewhere() -> None:
    rows = [line.split("|") for line in OPERATIONS.splitlines() if "| log, level" in line]
    told = {name for row in rows for name in re.findall(r"`([^`]+)`", row[1])}
    source = "".join(
        path.read_text(encoding="utf-8")
        for room in {rooms.partition(".")[0] for floor in FLOORS for rooms in floor}
        for path in (ROOT / room).rglob("*.py")
    )

    assert len(told) > 10
    assert {name for name in told if f'"{name}"' not in source} == set()


def test_every_metric_that_operators_are_told_to_watch_is_there(store: Store) -> None:
    registry = CollectorRegistry()
    registry.register(StoreMetrics(store, "python"))
    told = set(re.findall(r"`raytrail_(\w+)", OPERATIONS)) - {"refused_requests_total"}

    assert told <= {metric.name.removeprefix("raytrail_") for metric in registry.collect()}


@pytest.mark.parametrize(("column", "times"), [(1, 1), (2, 10), (3, 100)])
def test_the_computed_sizes_follow_from_the_measured_ones(column: int, times: int) -> None:
    page = (ROOT / "docs" / "sizing.md").read_text(encoding="utf-8")
    raw = float(cells(page, "raw bodies, kept for 30 days")[3]) * times / 1000
    merged = float(cells(page, "Parquet, merged to day files")[3]) * times / 1000

    assert gigabytes(cells(page, "raw bodies, one day")[column]) == pytest.approx(raw, rel=0.05)
    assert gigabytes(cells(page, "Parquet, one day")[column]) == pytest.approx(merged, rel=0.05)
    whole = cells(page, "**30 days of raw bodies and one year of Parquet**")[column]
    assert gigabytes(whole) == pytest.approx(30 * raw + 365 * merged, rel=0.05)
    year = cells(page, "each further year of Parquet")[column]
    assert gigabytes(year) == pytest.approx(365 * merged, rel=0.05)
    month = cells(page, "free space needed while a month is merged")[column]
    assert gigabytes(month) == pytest.approx(30 * merged, rel=0.05)


def gigabytes(cell: str) -> float:
    number, unit, *_ = cell.split()
    return float(number) * {"GB": 1, "TB": 1000}[unit]


def test_links_between_documents_lead_to_a_file_and_a_heading() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for link in re.findall(r"\]\(([^):]+)\)", document.read_text(encoding="utf-8")):
            name, _, anchor = link.partition("#")
            target = document.parent / name if name else document
            assert target.exists(), f"{document.name}: {link}"
            assert not anchor or anchor in anchors(target), f"{document.name}: {link}"


def anchors(document: Path) -> set[str]:
    """The names that a browser can jump to: headings in lower case, without punctuation."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_version_stands_in_one_place() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"image: raytrail:{version[1]}" in (ROOT / "docker-compose.yml").read_text()


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE | re.IGNORECASE)
        assert pins
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_nothing_that_git_keeps_is_a_secret_or_somebodys_machine() -> None:
    kept = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if kept.returncode:
        pytest.skip("NO GIT: what is kept was not looked at")
    for name in filter(None, kept.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).exists() else b""
        assert b"/ho" + b"me/" not in content, name
        is_golden = re.match(r"tests/golden/store-[^/]+/parts/", name)
        assert is_golden or not name.endswith((".env", ".duckdb", ".sqlite", ".parquet")), name


def test_the_table_of_rates_that_nobody_has_run_is_what_its_program_prints() -> None:
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")

    assert paper_scale.table() in page, "copy the output of `python -m docs.paper_scale`"
