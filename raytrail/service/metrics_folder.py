"""The folder that the processes of one service share: the counters of /metrics, and notices."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def metrics_folder(root: Path) -> Iterator[str]:
    """A folder for counters and notices, empty at each start.

    The files are mapped into memory, and a full disk would kill a process that writes to them, so
    they are in a memory file system where there is one. The caller holds the store's lock, so
    folders of a killed service can be removed.
    """
    shared = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
    inside = shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    prefix = f"raytrail-{hashlib.sha256(os.fsencode(root.absolute())).hexdigest()[:16]}-"
    for stale in inside.glob(f"{prefix}*"):
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=inside) as folder:
        yield folder
