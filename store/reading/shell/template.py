"""Makes an `audit.duckdb` from the one before it, where only files and facts have changed.

To define views and macros takes seconds, because DuckDB binds each. To replace the lists of files in
a copy takes a twentieth of that. A file of another kind is made from the base, which is that of a
store without records, and its datasets with files are defined anew. One of the same kind with other
rows in its large tables is a new file with the definitions of the one before, and without its rows.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from store.errors import NoRoom
from store.reading.shell.base import compiled
from store.reading.shell.base.script import Script

# A store has one kind for months. A process that makes several stores, or imports a first dataset, has
# a few. Each takes some 2 MB, and what is kept of people as much again.
KINDS_MAX = 8


@dataclass(slots=True)
class Template:
    """The last file that was written of a content, before its facts, for each of the newest kinds.

    Without facts, because they name people: DuckDB does not overwrite what is deleted. Tables that are
    kept name people too, so the bytes of a file are copied only where these are of the same revision;
    nothing is ever deleted from one. And the last one, not the first: DuckDB counts the checkpoints of a file,
    so no write-ahead log of one file is taken for one of the next.
    """

    # Where a base may lie that was made when Raytrail was installed.
    compiled: Path | None = None
    # The revision and the bytes; the newest last.
    _last: dict[Hashable, tuple[Hashable, bytes]] = field(default_factory=dict)
    # With the digest of the script that it was made of.
    _base: tuple[str, bytes] | None = None

    def copied_to(self, path: Path, kind: Hashable, revision: Hashable) -> bool:
        """Whether there is a file of that kind and revision, and so now at `path`."""
        known, content = self._last.get(kind, (None, None))
        if content is None or known != revision:
            return False
        try:
            path.write_bytes(content)
        except OSError as error:
            raise NoRoom(f"audit.duckdb: {error}") from error
        return True

    def like(self, kind: Hashable) -> bytes | None:
        """The last file of that kind, of any revision."""
        _, content = self._last.get(kind, (None, None))
        return content

    def keep(self, path: Path, kind: Hashable, revision: Hashable) -> None:
        self._last.pop(kind, None)
        self._last[kind] = revision, path.read_bytes()
        if len(self._last) > KINDS_MAX:
            del self._last[next(iter(self._last))]

    def base(self, script: Script) -> bytes | None:
        """The file of a store without records; None if it has to be made."""
        digest = script.digest
        if self._base is not None and self._base[0] == digest:
            return self._base[1]
        found = compiled.read(self.compiled, digest) if self.compiled is not None else None
        if found is not None:
            self._base = digest, found
        return found

    def keep_base(self, script: Script, content: bytes) -> None:
        self._base = script.digest, content
