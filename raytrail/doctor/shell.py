"""Checks what DuckDB shells read, and what one may have left beside it."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from raytrail.doctor.finding import Finding, Grade
from store.errors import DiskFailed, StoreUnavailable
from store.files.layout import Layout
from store.reading import views
from store.reading.shell.options import ShellOptions
from store.reading.shell.published import expected_paths, published


def examine(place: Path | Layout, options: ShellOptions, wrong: Iterable[str]) -> list[Finding]:
    """No finding for a store that has no `audit.duckdb` yet, but for settings: `wrong` says what is
    wrong with the files that they name.
    """
    found = list(map(_of_a_setting, wrong))
    with contextlib.suppress(StoreUnavailable, DiskFailed):
        found += _findings(Layout.of(place), options)
    return found


def _of_a_setting(problem: str) -> Finding:
    return Finding(
        about="setting",
        grade=Grade.WRONG,
        text=problem,
        means="questions are refused, and audit.duckdb is published without these lines",
        helps="correct the file; `serve` reads it when it publishes again",
    )


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
