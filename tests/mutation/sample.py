"""Which mutants of the product are tried: drawn by room, then by kind, then by place."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

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
    rooms: dict[str, dict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        for mutant in mutants_of(root, file):
            rooms[mutant.room][mutant.kind].append(mutant)
    chosen: list[Mutant] = []
    while rooms and len(chosen) < count:
        room = _one_of({name: _size(kinds) for name, kinds in rooms.items()}, chance)
        kind = _one_of({name: len(each) for name, each in rooms[room].items()}, chance)
        places = rooms[room][kind]
        mutant = places.pop(chance.randrange(len(places)))
        if not places:
            del rooms[room][kind]
        if not rooms[room]:
            del rooms[room]
        if mutant.compiles((root / mutant.file).read_bytes()):
            chosen.append(mutant)
    return chosen


def _size(kinds: Mapping[str, Sequence[Mutant]]) -> int:
    return sum(map(len, kinds.values()))


def _one_of(sizes: Mapping[str, int], chance: random.Random) -> str:
    names = sorted(sizes)
    return chance.choices(names, [sizes[name] ** 0.5 for name in names])[0]
