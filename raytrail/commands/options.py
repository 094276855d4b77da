"""What commands share: options, opening the store, printing results.

`raytrail --help` imports every command module, so each function imports the libraries it uses.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from queries.escape import json_for_terminal

if TYPE_CHECKING:
    from raytrail.settings import Settings
    from store.store import Store

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the store [RAYTRAIL_DATA, or data/]")
]
UserOption = Annotated[str, typer.Option("--user", help="User name exactly as logged")]
SinceOption = Annotated[
    str, typer.Option("--since", help="Start: a day (2026-11-18) or an RFC 3339 time; UTC")
]
UntilOption = Annotated[
    str, typer.Option("--until", help="End: a day (included) or an RFC 3339 time (excluded); UTC")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Reason; stored in the ledger permanently")
]

WithoutDamagedOption = Annotated[
    bool,
    typer.Option(
        "--without-damaged", help="Leave damaged files out, and mark the answer incomplete"
    ),
]


def is_terminal() -> bool:
    return sys.stdout.isatty()


def shown_json(document: str) -> str:
    """JSON as a terminal may show it; unchanged for a file or a pipe."""
    return json_for_terminal(document) if is_terminal() else document


def tell(result: dict[str, Any] | Iterable[str]) -> None:
    """Print one object as JSON, or lines for a person."""
    if isinstance(result, dict):
        import orjson

        typer.echo(shown_json(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()))
        return
    for line in result:
        typer.echo(line)


def tell_rows(rows: Iterable[dict[str, Any]]) -> None:
    """Print JSON, one object a line."""
    import orjson

    for row in rows:
        typer.echo(shown_json(orjson.dumps(row).decode()))


def read_settings() -> "Settings":
    from raytrail.settings import Settings

    return Settings.read()


def folder_of(settings: "Settings", data: Path | None) -> Path:
    return data or settings.data


@contextmanager
def opened(settings: "Settings", data: Path | None) -> "Iterator[Store]":
    """Open the store that a command works on; it must exist."""
    from store.store import Store
    from store.timestamps import system_clock

    folder = folder_of(settings, data)
    limits, shell = settings.intake_limits(), settings.shell_options()
    with Store.open(folder, system_clock, limits, shell) as store:
        yield store
