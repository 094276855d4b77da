"""`raytrail shell`: the duckdb program on `audit.duckdb`, in the place of this process."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import typer

from raytrail.errors import CannotDo

WELCOME = "FROM people();  FROM trail('srhea');  SHOW TABLES;"


def open_shell(audit: Path) -> NoReturn:
    """Hand the terminal to duckdb, which may read and not write."""
    if not audit.is_file():
        raise CannotDo(f"{audit} is not there yet; `raytrail load` or `raytrail serve` writes it")
    program = duckdb_program()
    typer.echo(f"try: {WELCOME}", err=True)
    os.execv(program, [program, "-readonly", str(audit)])  # noqa: S606 (no shell in between)


def duckdb_program() -> str:
    """The duckdb that was installed with us, or the one on the path."""
    beside = Path(sys.executable).with_name("duckdb")
    found = str(beside) if beside.exists() else shutil.which("duckdb")
    if found is None:
        raise CannotDo("no duckdb program is installed; see https://duckdb.org")
    return found
