"""`raytrail shell`: replaces this process by the duckdb program on `audit.duckdb`."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from raytrail.command_line.echo import echo
from raytrail.errors import CannotDo
from store.catalog.read_only import demand
from store.files import spills
from store.files.layout import Layout
from store.reading.shell.published import published

# Times are shown in the zone of the session, which is the machine's unless told. A setting ends with
# the next `.open`, and the variable does not.
IN_UTC = "SET TimeZone = 'UTC'"
ZONE = {"TZ": "UTC"}

WELCOME = "FROM help();  FROM people();  FROM trail('srhea');"


def open_shell(layout: Layout) -> NoReturn:
    """Replace this process by duckdb, which can read and not write."""
    demand(layout)
    audit = layout.audit
    if not audit.is_file():
        raise CannotDo(f"{audit} does not exist yet; `raytrail load` or `raytrail serve` writes it")
    _demand_in_place(layout)
    program = duckdb_program()
    echo(f"try: {WELCOME}", err=True)
    echo(f"to see what was received since: .open --readonly '{audit}'", err=True)
    command = [program, "-readonly", "-cmd", IN_UTC, *_spilling(layout), str(audit)]
    os.execve(program, command, {**os.environ, **ZONE})  # noqa: S606 (no shell in between)


def _spilling(layout: Layout) -> list[str]:
    """Options for a private place for spilled rows, which the next command removes."""
    spills.sweep(layout)
    made = spills.make(layout)
    if made is None:
        return []
    folder, lock = made
    # The lock lasts as long as the shell.
    os.set_inheritable(lock, True)
    quoted = str(folder.resolve()).replace("'", "''")
    return ["-cmd", f"SET temp_directory = '{quoted}'"]


def _demand_in_place(layout: Layout) -> None:
    """CannotDo if the file was published elsewhere: a copy would refuse every question."""
    found = published(layout)
    if found is None or layout.audit.resolve() in found.paths:
        return
    raise CannotDo(
        f"{layout.audit} was published as {found.place} and answers only there. After a data folder"
        " was moved or copied, `raytrail load` or `raytrail serve` publish it again;"
        " RAYTRAIL_SHELL_ROOT names another path"
    )


def duckdb_program() -> str:
    """The duckdb installed beside this Python, or the one on the path."""
    beside = Path(sys.executable).with_name("duckdb")
    found = str(beside) if beside.exists() else shutil.which("duckdb")
    if found is None:
        raise CannotDo("no duckdb program found; install it from https://duckdb.org")
    return found
