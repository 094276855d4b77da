"""Checks what DuckDB shells read, and what one may have left beside it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from raytrail.doctor.finding import Finding, Grade
from store.errors import DiskFailed, StoreUnavailable
from store.files.layout import Layout
from store.reading import views
from store.reading.shell.options import ShellOptions
from store.reading.shell.published import expected_paths, published


def examine(folder: Path, options: ShellOptions) -> list[Finding]:
    """No finding for a store that has no `audit.duckdb` yet."""
    with contextlib.suppress(StoreUnavailable, DiskFailed):
        return list(_findings(Layout(folder), options))
    return []


def _findings(layout: Layout, options: ShellOptions) -> Iterator[Finding]:
    for path in views.stray_logs(layout):
        yield Finding(
            about="shell",
            grade=Grade.WRONG,
            text=f"{path.name} was left by a DuckDB shell that could write",
            means="it may contain rows, and changes what other shells see until it is removed",
            helps="`raytrail fsck --repair`; open shells with `raytrail shell` or `duckdb -readonly`",
        )
    found = published(layout)
    expected = expected_paths(layout, options.root)
    if found is not None and found.paths != expected:
        yield Finding(
            about="shell",
            grade=Grade.WRONG,
            text=f"{layout.audit.name} was published as {found.place}, and not as"
            f" {' and '.join(map(str, expected))}",
            means="questions of a DuckDB shell are refused where it was not published",
            helps="`raytrail load`, or `raytrail serve`; RAYTRAIL_SHELL_ROOT names another path",
        )
