"""Makes an `audit.duckdb` from the one before it, where only files and facts have changed.

To define views and macros takes half a second, because DuckDB binds each. To replace the lists of
files in a copy takes a tenth of that.
"""

from dataclasses import dataclass
from pathlib import Path

from store.errors import NoRoom


@dataclass(slots=True)
class Template:
    """The last file that was written of a content, before its facts, and of which kind it is.

    Without facts, because they name people: DuckDB does not overwrite what is deleted. And the last
    one, not the first: DuckDB counts the checkpoints of a file, so no write-ahead log of one file
    is taken for one of the next.
    """

    _last: tuple[object, bytes] | None = None

    def copied_to(self, path: Path, kind: object) -> bool:
        """Whether there is a file of that kind, and so now at `path`."""
        if self._last is None or self._last[0] != kind:
            return False
        try:
            path.write_bytes(self._last[1])
        except OSError as error:
            raise NoRoom(f"audit.duckdb: {error}") from error
        return True

    def keep(self, path: Path, kind: object) -> None:
        self._last = kind, path.read_bytes()
