"""Erasures that a person has to decide about after a restore: `restored-erasures.json`.

While this file exists, the store is not served. It has no name, only salted digests. Each erasure
leaves it when the person is erased again, by their name, or when somebody accepts it.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import orjson

from store.backup.erasure_list import KnownErasure
from store.backup.newer_erasures import NONE, BackAgain, NewerErasures
from store.catalog import ledger
from store.errors import BackupRefused, EraseRefused
from store.files import durable
from store.files.layout import Layout, draft_path
from store.keepout.digest import matching_digest
from store.store import Store

KIND = "accepted"


def read(layout: Layout) -> NewerErasures:
    """What a restored store waits for; nothing, for a store that does not wait."""
    path = layout.restored_erasures
    if not path.exists():
        return NONE
    try:
        told = orjson.loads(path.read_bytes())
        found = tuple(map(_back_again, told["erasures"]))
        return NewerErasures(found=found, unjudged=tuple(told["unjudged"]))
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BackupRefused(f"{path}: cannot be read: {error}") from error


def write(layout: Layout, found: NewerErasures) -> None:
    """Note them, before the restored catalog is in place."""
    if found.found:
        _write(layout, found)


def settle(layout: Layout, users: Iterable[str]) -> int:
    """Take out what these persons' erasure, done once more, resolves; returns how many erasures."""
    names = tuple(users)
    waiting = read(layout)
    left = [each for each in (_without(one, names) for one in waiting.found) if each]
    if list(waiting.found) == left:
        return 0
    _write(layout, replace(waiting, found=tuple(left)))
    return len(waiting.found) - len(left)


def accept(store: Store, reason: str) -> int:
    """Accept all that is left, with an entry in the ledger; returns how many erasures."""
    waiting = read(store.layout)
    if not waiting.found:
        raise EraseRefused("no erasure waits for a decision in this store")
    if not reason.strip():
        raise EraseRefused("give a reason; it is stored permanently, so do not name the person")
    told = [
        {"entry": each.erasure.entry, "sequence": each.erasure.sequence, "rows": each.rows}
        for each in waiting.found
    ]
    with store.catalog.write() as connection:
        ledger.append(connection, KIND, store.clock(), {"erasures": told, "reason": reason})
    _write(store.layout, NONE)
    return len(told)


def _without(one: BackAgain, names: Iterable[str]) -> BackAgain | None:
    """The erasure without the digests of these names; None if none is left."""
    salt = bytes.fromhex(one.erasure.salt or "")
    if not salt:
        return one
    gone = {matching_digest(salt, name) for name in names}
    left = tuple(digest for digest in one.erasure.digests if digest not in gone)
    return replace(one, erasure=replace(one.erasure, digests=left)) if left else None


def _write(layout: Layout, waiting: NewerErasures) -> None:
    path = layout.restored_erasures
    if not waiting.found:
        durable.remove(path)
        return
    told = {
        "erasures": [asdict(each) for each in waiting.found],
        "unjudged": list(waiting.unjudged),
    }
    draft = draft_path(layout.root, "erasures")
    fd = durable.create_locked(draft)
    try:
        durable.write_all(fd, orjson.dumps(told, option=orjson.OPT_INDENT_2))
    finally:
        durable.close(fd)
    durable.replace(draft, path)


def _back_again(told: dict[str, Any]) -> BackAgain:
    erasure = {**told["erasure"], "digests": tuple(told["erasure"]["digests"])}
    return BackAgain(**{**told, "erasure": KnownErasure(**erasure)})
