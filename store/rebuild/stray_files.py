"""Moves files back from `stray/` that the ledger names: a sweep with an old catalog moved them away."""

from collections.abc import Mapping

from store.errors import StoreDamaged
from store.files import durable, stray
from store.files.copying import sha256_of
from store.files.layout import Layout


def bring_back(layout: Layout, missing: Mapping[str, str]) -> frozenset[str]:
    """Of these paths, each with its SHA-256, move back those that lie in `stray/`, and return them."""
    moves = {}
    for each in stray.found(layout):
        wanted = missing.get(each.original)
        if wanted is not None and each.original not in moves and _has(layout, each.path, wanted):
            moves[each.original] = layout.root / each.path
    for folder in sorted({(layout.root / path).parent for path in moves}):
        durable.make_folders(folder)
    durable.move([(source, layout.root / path) for path, source in moves.items()])
    return frozenset(moves)


def _has(layout: Layout, path: str, sha256: str) -> bool:
    try:
        return sha256_of(layout.root, path) == sha256
    except StoreDamaged:
        return False
