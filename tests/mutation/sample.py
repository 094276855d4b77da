"""Which mutants of the product are tried: drawn by room, then by kind, then by place."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.mutation.mutant import Mutant
from tests.mutation.python_mutants import python_mutants
from tests.mutation.sql_mutants import sql_mutants

FINDERS = {".py": python_mutants, ".sql": sql_mutants}
# Folders of the product, and files without behaviour of their own.
PRODUCT = (
    "schema",
    "store",
    "receiver",
    "queries",
    "upstream",
    "completeness",
    "archives",
    "raytrail",
)
NOT_MUTATED = ("__init__.py", "__main__.py")

Item = TypeVar("Item")


def product_files(root: Path, rooms: Sequence[str]) -> list[str]:
    """The files of these rooms, or of all rooms."""
    found = []
    for room in rooms or PRODUCT:
        place = root / room
        if not place.exists():
            raise SystemExit(f"no such room or file: {room!r} (seen from the checkout)")
        found += [place] if place.is_file() else sorted(place.rglob("*"))
    return [
        path.relative_to(root).as_posix()
        for path in found
        if path.suffix in FINDERS and path.name not in NOT_MUTATED
    ]


def mutants_of(root: Path, file: str) -> list[Mutant]:
    source = (root / file).read_bytes()
    return FINDERS[Path(file).suffix](file, source)


def drawn(root: Path, files: Iterable[str], count: int, chance: random.Random) -> list[Mutant]:
    """So many mutants that compile. Rooms and kinds with many mutants do not crowd out the others:
    each is drawn with the weight of the square root of its size.
    """
    left = [mutant for file in files for mutant in mutants_of(root, file)]
    sources: dict[str, bytes] = {}
    chosen: list[Mutant] = []
    while left and len(chosen) < count:
        in_room = _group(left, lambda mutant: mutant.room, chance)
        mutant = chance.choice(_group(in_room, lambda mutant: mutant.kind, chance))
        left.remove(mutant)
        source = sources.setdefault(mutant.file, (root / mutant.file).read_bytes())
        if mutant.compiles(source):
            chosen.append(mutant)
    return chosen


def _group(items: list[Item], name: Callable[[Item], str], chance: random.Random) -> list[Item]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[name(item)].append(item)
    names = sorted(groups)
    return groups[chance.choices(names, [len(groups[each]) ** 0.5 for each in names])[0]]
