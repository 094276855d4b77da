"""An installed Raytrail has every file that is read from its packages, as in the container."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE_DATA: dict[str, list[str]] = SETTINGS["tool"]["setuptools"]["package-data"]
KINDS = (".sql", ".json", ".jinja", ".css", ".graphql", ".ndjson")


@pytest.mark.parametrize("room", sorted(PACKAGE_DATA))
def test_every_data_file_of_a_room_is_installed(room: str) -> None:
    folder = ROOT / room
    installed = {path for pattern in PACKAGE_DATA[room] for path in folder.glob(pattern)}

    held = {
        path
        for path in folder.rglob("*")
        # What was compiled in the folder of the Rust decoder.
        if path.suffix in KINDS and "target" not in path.relative_to(folder).parts
    }

    assert held - installed == set()
