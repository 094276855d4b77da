"""The order of the rooms, and each library's one home, read from the imports themselves."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from store.personal_data import is_declared, text_columns

ROOT = Path(__file__).parents[1]

# The floors of the house, from the ground up. A room may import itself and rooms on lower floors;
# rooms on one floor do not know each other. docs/DESIGN.md says what each room holds.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("native",),
    ("schema",),
    (
        "store.errors",
        "store.timestamps",
        "store.uptime",
        "store.backoff",
        "store.lifetimes",
        "store.log",
        "store.names",
        "store.declared_texts",
        "store.database",
    ),
    ("store.files",),
    ("store.ledger", "store.parquet"),
    ("store.catalog",),
    ("store.intake", "store.sweep", "store.keepout", "store.personal_data"),
    ("store.loading",),
    ("store.compaction",),
    ("store.retention",),
    ("store.registers",),
    ("store.reading",),
    ("store.replay",),
    ("store.store",),
    ("store.backlog", "store.live_loading", "store.strays"),
    ("store.erasure", "store.backup"),
    ("store.rebuild",),
    ("store.fsck",),
    ("store.scrub",),
    ("receiver", "queries", "upstream", "publishing"),
    ("completeness", "archives"),
    ("raytrail",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
TOPS = tuple(dict.fromkeys(room.partition(".")[0] for room in FLOOR))

HOMES = {
    "altair": {"queries"},
    "blake3": {"store"},
    "cloudflare": {"upstream"},
    "duckdb": {"queries", "store", "archives"},
    "httpx2": {"upstream"},
    "isal": {"schema"},
    "jinja2": {"queries"},
    "orjson": {"schema", "store", "receiver", "queries", "upstream", "publishing", "raytrail"},
    "prometheus_client": {"receiver"},
    "pyiceberg": {"publishing"},
    "psycopg": {"store"},
    "pyarrow": {"schema", "store", "queries", "archives"},
    "pydantic": {"raytrail"},
    "pydantic_settings": {"raytrail"},
    "rich": {"queries", "raytrail"},
    "sqlalchemy": {"store"},
    "stamina": {"upstream"},
    "starlette": {"receiver"},
    "anyio": {"receiver"},
    "structlog": {"raytrail"},
    "typer": {"raytrail"},
    "uvicorn": {"receiver"},
    "vl_convert": {"queries"},
    "weasyprint": {"queries"},
    "yaml": {"queries"},
}

# Only the durable module may make names or bytes permanent, or take them away.
DURABLE_CALLS = {"fsync", "fdatasync", "link", "replace", "rename", "unlink"}
DURABLE = "store.files.durable"

# A person finds a file in a folder of this size, and reads a file of this length.
FOLDER_FILES_MAX = 15
FILE_LINES_MAX = 250


def name_of(module: Path) -> str:
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))}


def imports(source: str) -> Iterator[str]:
    """Every module that is imported, and each name taken from one, since that may be a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_of(name: str) -> str | None:
    """The room that a module, or a name in one, belongs to; None for a library."""
    parts = name.split(".")
    candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((room for room in candidates if room in FLOOR), None)


def wrong_imports(module: str, source: str) -> Iterator[str]:
    """A sentence for each import that the order of the rooms forbids."""
    own = room_of(module)
    for name in imports(source):
        room = room_of(name)
        if own is None or room is None or room == own or FLOOR[room] < FLOOR[own]:
            continue
        may = ", ".join(chain.from_iterable(FLOORS[: FLOOR[own]])) or "no other room"
        yield f"{module} imports {name}, but {own} may only know {may}"


def test_every_module_belongs_to_a_room() -> None:
    strays = {name for name in MODULES if room_of(name) is None} - {"store"}

    assert MODULES
    assert not strays, f"{strays}: add the room to FLOORS and to docs/DESIGN.md"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_lower_rooms_only(module: str) -> None:
    assert not list(wrong_imports(module, MODULES[module].read_text(encoding="utf-8")))


@pytest.mark.parametrize("room", [room for room in FLOOR if FLOOR[room] < len(FLOORS) - 1])
def test_an_import_of_a_higher_room_is_found_wherever_it_stands(room: str) -> None:
    above = FLOORS[FLOOR[room] + 1][0]
    planted = f"def late():\n    from {above} import anything\n"

    [sentence] = wrong_imports(f"{room}.planted", planted)

    assert sentence.startswith(f"{room}.planted imports {above}.anything, but {room} may only know")


def test_engines_of_the_bench_use_the_adapter_and_it_knows_no_engine() -> None:
    adapter = (ROOT / "bench" / "adapter.py").read_text(encoding="utf-8")

    assert not [name for name in imports(adapter) if name.startswith("bench.engine")]


def test_rooms_on_one_floor_do_not_know_each_other() -> None:
    assert list(wrong_imports("queries.planted", "from receiver.app import create_app"))
    assert list(wrong_imports("archives.planted", "import completeness.report"))


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_imported_in_its_home_only(module: str) -> None:
    room = module.partition(".")[0]
    for name in imports(MODULES[module].read_text(encoding="utf-8")):
        library = name.partition(".")[0]
        assert room in HOMES.get(library, {room}), f"{module}: {library} belongs elsewhere"
        assert library not in {"bench", "tests"}, f"{module} imports {library}"


@pytest.mark.parametrize("module", [name for name in MODULES if name != DURABLE])
def test_only_the_durable_module_syncs_links_and_unlinks(module: str) -> None:
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            is_os = called.value.id == "os" and called.attr in DURABLE_CALLS
            assert not is_os, f"{module}: os.{called.attr}"


def test_the_receiver_asks_the_store_and_never_a_file_format() -> None:
    forbidden = (
        "pyarrow",
        "duckdb",
        "sqlalchemy",
        "sqlite3",
        "store.catalog.tables",
        "store.parquet",
    )
    for module, path in MODULES.items():
        if room_of(module) == "receiver":
            names = list(imports(path.read_text(encoding="utf-8")))
            assert not [name for name in names if name.startswith(forbidden)], module


@pytest.mark.parametrize("top", TOPS)
def test_a_folder_holds_what_a_person_can_look_over(top: str) -> None:
    folders = [ROOT / top, *(path for path in (ROOT / top).rglob("*") if path.is_dir())]
    for folder in folders:
        counted = [
            path.name
            for path in folder.glob("*.*")
            if path.suffix in {".py", ".rs", ".sql"} and path.name != "__init__.py"
        ]
        assert len(counted) <= FOLDER_FILES_MAX, f"{folder.relative_to(ROOT)}: make rooms of it"


@pytest.mark.parametrize("module", MODULES)
def test_a_file_is_short_enough_to_read_at_once(module: str) -> None:
    lines = MODULES[module].read_text(encoding="utf-8").count("\n")

    assert lines <= FILE_LINES_MAX, f"{lines} lines: give it to two files with names of their own"


def test_every_text_of_the_catalog_is_declared_to_name_a_person_or_not() -> None:
    undeclared = [str(column) for column in text_columns() if not is_declared(column)]

    assert not undeclared, "add the column to `info=texts(...)` of its table"
