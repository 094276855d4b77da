"""Whether the last process that had the catalog open was killed, so that its pages are checked.

SQLite removes its log (WAL) when the last process closes the catalog, and so does a command that
only asks. So whoever finds a log that no service has, notes it in a file before it opens the
catalog.
"""

import contextlib

from schema.errors import RaytrailError
from store.files import durable
from store.files.layout import Layout


def note(layout: Layout) -> bool:
    """Note an unclean stop; True if there was one since the pages were last checked."""
    log = layout.catalog.with_name(f"{layout.catalog.name}-wal")
    if layout.unclean_mark.exists():
        return True
    # A running service has a log, and has made the check itself.
    if not log.is_file() or not log.stat().st_size or durable.is_locked(layout.serve_lock):
        return False
    # On a full disk a question is still answered.
    with contextlib.suppress(RaytrailError):
        durable.touch(layout.unclean_mark)
    return True


def forget(layout: Layout) -> None:
    """The pages were checked."""
    durable.remove(layout.unclean_mark, synced=False)
