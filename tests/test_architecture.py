"""The rooms' order, and each library's one home, read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("schema", "store", "receiver", "queries", "upstream", "raytrail")

# A room may import itself and these; data walks the other way (DESIGN, The house).
MAY_IMPORT = {
    "schema": set[str](),
    "store": {"schema"},
    "receiver": {"schema", "store"},
    "queries": {"schema", "store"},
    "upstream": {"schema", "store"},
    "raytrail": {"schema", "store", "receiver", "queries", "upstream"},
}

HOMES = {
    "altair": {"queries"},
    "blake3": {"store"},
    "cloudflare": {"upstream"},
    "duckdb": {"queries", "store"},
    "httpx2": {"upstream"},
    "isal": {"schema"},
    "jinja2": {"queries"},
    "orjson": {"schema", "store", "receiver", "queries", "upstream", "raytrail"},
    "prometheus_client": {"receiver"},
    "pyarrow": {"schema", "store"},
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
}

# Only the durable module may make names or bytes permanent, or take them away.
DURABLE_CALLS = {"fsync", "fdatasync", "link", "replace", "rename", "unlink"}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_there_are_modules_to_look_at() -> None:
    assert {module.relative_to(ROOT).parts[0] for module in MODULES} == set(ROOMS)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_against_the_flow_of_data(module: Path) -> None:
    room = module.relative_to(ROOT).parts[0]

    # The bench looks at every room, and none at it.
    rooms = {name.partition(".")[0] for name in imports(module)} & {*ROOMS, "bench"}

    assert rooms <= MAY_IMPORT[room] | {room}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_library_is_imported_in_its_home_only(module: Path) -> None:
    room = module.relative_to(ROOT).parts[0]

    for name in imports(module):
        library = name.partition(".")[0]
        assert room in HOMES.get(library, {room}), f"{library} belongs elsewhere"


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_durable_module_syncs_links_and_unlinks_in_the_store(room: str) -> None:
    for module in (ROOT / room).rglob("*.py"):
        if module.name == "durable.py":
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                is_os = called.value.id == "os" and called.attr in DURABLE_CALLS
                assert not is_os, f"{module}: os.{called.attr}"


def test_the_receiver_asks_the_store_and_never_a_file_format() -> None:
    for module in (ROOT / "receiver").rglob("*.py"):
        forbidden = {
            "pyarrow",
            "duckdb",
            "sqlalchemy",
            "sqlite3",
            "store.catalog.tables",
            "store.parquet.ordered_part",
        }
        assert not forbidden & set(imports(module)), module.name
