"""`raytrail shell`: replaces this process by the duckdb program on `audit.duckdb`."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import typer

from raytrail.errors import CannotDo
from store.catalog.read_only import demand
from store.files.layout import Layout

# Times are shown in the zone of the session, which is the machine's unless told.
IN_UTC = "SET TimeZone = 'UTC'"

WELCOME = "FROM people();  FROM trail('srhea');  SHOW TABLES;"


def open_shell(folder: Path) -> NoReturn:
    """Replace this process by duckdb, which can read and not write."""
    layout = Layout(folder)
    demand(layout.catalog)
    audit = layout.audit
    if not audit.is_file():
        raise CannotDo(f"{audit} does not exist yet; `raytrail load` or `raytrail serve` writes it")
    program = duckdb_program()
    typer.echo(f"try: {WELCOME}", err=True)
    command = [program, "-readonly", "-cmd", IN_UTC, str(audit)]
    os.execv(program, command)  # noqa: S606 (no shell in between)


def duckdb_program() -> str:
    """The duckdb installed beside this Python, or the one on the path."""
    beside = Path(sys.executable).with_name("duckdb")
    found = str(beside) if beside.exists() else shutil.which("duckdb")
    if found is None:
        raise CannotDo("no duckdb program found; install it from https://duckdb.org")
    return found
