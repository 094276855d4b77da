"""Files beside the ledger: one for each act whose entry has only digests of what it names.

The ledger is kept for ever and has no names, so what an act named would be lost with the catalog. The
catalog is right where both differ. A file is never removed because its act was undone: an erasure
blanks the name in it (`settle`), as it does in the catalog.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from store.errors import StoreDamaged
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.layout import draft_path

Facts = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class ActFiles:
    """`ID.json` of each act, with the facts `kept`; files of older versions lack those of `added`."""

    folder: Path
    noun: str
    kept: tuple[str, ...]
    added: Facts

    def write_missing(self, acts: Mapping[str, Facts]) -> None:
        """Write the file of each act, by its id, that has none or another one than the catalog."""
        for act_id, facts in acts.items():
            wanted = orjson.dumps({name: facts[name] for name in self.kept})
            if _content(self._path(act_id)) != wanted:
                _write(self._path(act_id), wanted, self.noun)

    def settle(self, acts: Mapping[str, Facts]) -> None:
        """As `write_missing`, and remove files of acts that were never entered, and drafts. For an
        erasure, which must leave no name in them; the caller holds the write lock.
        """
        self.write_missing(acts)
        known = {self._path(act_id) for act_id in acts}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path not in known:
                durable.remove(path)

    def ids(self) -> set[str]:
        """The acts that have a file."""
        return {path.stem for path in self.folder.glob("*.json")}

    def read(self, act_id: str) -> Facts | None:
        """What the file of an act says; None if there is none. StoreDamaged if it cannot be read."""
        path = self._path(act_id)
        content = _content(path)
        if content is None:
            return None
        try:
            found = {**self.added, **orjson.loads(content)}
            return {name: found[name] for name in self.kept}
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise StoreDamaged(f"{path}: it is not the file of a {self.noun}") from error

    def _path(self, act_id: str) -> Path:
        return self.folder / f"{act_id}.json"


def _content(path: Path) -> bytes | None:
    with disk_errors(f"reading {path.name}"), contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _write(path: Path, content: bytes, label: str) -> None:
    durable.make_folder(path.parent)
    draft = draft_path(path.parent, label)
    fd = durable.create_locked(draft)
    try:
        durable.write_all(fd, content)
        durable.replace(draft, path)
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)
