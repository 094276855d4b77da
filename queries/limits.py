"""The limits for one question."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.files import spills
from store.files.layout import Layout

# A person waits for the answer. Only the time DuckDB works on the next rows counts, so a caller
# that reads a long answer slowly is not stopped.
QUERY_SECONDS_MAX = 30.0

# Rules compare everybody over months: two million requests take minutes beside other work.
FINDINGS_SECONDS_MAX = 900.0

# The receiver and the loader run on the same machine, and all share its page cache.
MEMORY_BYTES_MAX = 2 * 1024 * 1024 * 1024

# Sorting the trail of ten million requests spills some 3 GB; a full disk would stop the receiver.
SPILL_BYTES_MAX = 8 * 1024 * 1024 * 1024

# More than four threads gain little on parts of this size and slow the receiver down.
THREADS_MAX = 4

# As rows in memory a request takes about a kilobyte, and all together must fit well in the memory of
# a question. More rows are read from the files by each question: it is bound by sorting them then,
# and not by planning.
KEPT_ROWS_MAX = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`spill_folder` None means `.spills/` in the data folder."""

    seconds: float = QUERY_SECONDS_MAX
    memory_bytes: int = MEMORY_BYTES_MAX
    spill_bytes: int = SPILL_BYTES_MAX
    threads: int = THREADS_MAX
    kept_rows: int = KEPT_ROWS_MAX
    spill_folder: Path | None = None

    @contextmanager
    def spilling(self, root: Path | None) -> Iterator[Path]:
        """A folder for what an engine over the store in `root` spills, which is removed at the end.

        Spilled rows are personal data, so they go to a folder of our own.
        """
        if root is None or self.spill_folder is not None:
            with tempfile.TemporaryDirectory(prefix="raytrail-", dir=self.spill_folder) as folder:
                yield Path(folder)
            return
        with spills.spill_folder(Layout(root)) as private:
            yield private

    def settings(self, spill: Path) -> dict[str, str | bool | int | float | list[str]]:
        """The settings of an engine with these limits that spills into this folder."""
        return {
            "threads": self.threads,
            "memory_limit": f"{self.memory_bytes}B",
            "temp_directory": str(spill),
            "max_temp_directory_size": f"{min(self.spill_bytes, spills.room(spill))}B",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # Otherwise a table name in SQL could name a Python variable of this program.
            "python_enable_replacements": False,
        }


DEFAULT_LIMITS = Limits()
FINDINGS_LIMITS = Limits(seconds=FINDINGS_SECONDS_MAX)
