"""Which tests are run for a mutant: first those of the same file, then wider and wider."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath

from tests.mutation.mutant import Mutant


class Reach(StrEnum):
    """How far tests are looked for. Each reach includes those before it."""

    FILE = "file"  # tests named after the file
    USERS = "users"  # tests that import the module, or name the SQL file
    FOLDER = "folder"  # the folder that mirrors the file's
    ROOM = "room"  # the folder of the top-level room
    ALL = "all"


REACHES = tuple(Reach)


def stages(root: Path, mutant: Mutant, widest: Reach) -> Iterator[tuple[str, ...]]:
    """The test files of each reach that has any, without those of the reaches before."""
    done = set[str]()
    for reach in REACHES[: REACHES.index(widest) + 1]:
        files = tuple(file for file in _files(root, mutant, reach) if file not in done)
        done |= set(files)
        if files:
            yield files


def first_stage(root: Path, mutant: Mutant) -> tuple[str, ...]:
    return next(stages(root, mutant, Reach.ALL), ())


def _files(root: Path, mutant: Mutant, reach: Reach) -> tuple[str, ...]:
    path = PurePosixPath(mutant.file)
    folder = _mirror(root, path.parent)
    match reach:
        case Reach.FILE:
            inside = _test_files(root, folder)
            return tuple(file for file in inside if _stem(file).startswith(f"test_{path.stem}"))
        case Reach.USERS:
            return tuple(file for file in _test_files(root, "tests") if _uses(root, file, path))
        case Reach.FOLDER:
            return _test_files(root, folder)
        case Reach.ROOM:
            return _test_files(root, _mirror(root, PurePosixPath(path.parts[0])))
        case Reach.ALL:
            return _test_files(root, "tests")


def _mirror(root: Path, folder: PurePosixPath) -> str:
    """The folder of tests that mirrors this one, or the nearest folder above it."""
    for each in (folder, *folder.parents):
        if (root / "tests" / each).is_dir():
            return f"tests/{each}"
    raise AssertionError("tests/ itself is there")


@cache
def _test_files(root: Path, folder: str) -> tuple[str, ...]:
    found = sorted((root / folder).rglob("test_*.py"))
    return tuple(path.relative_to(root).as_posix() for path in found)


def _stem(file: str) -> str:
    return PurePosixPath(file).stem


def _uses(root: Path, file: str, path: PurePosixPath) -> bool:
    text = _text(root / file)
    if path.suffix != ".py":
        return path.stem in text
    module = ".".join(path.with_suffix("").parts)
    package, _, name = module.rpartition(".")
    if module in text:
        return True
    return re.search(rf"from {re.escape(package)} import [^\n]*\b{name}\b", text) is not None


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
