"""What commands share: their options, how they open the store, how they print facts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from raytrail.settings import Settings
from store.store import Store
from store.timestamps import system_clock

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the store [RAYTRAIL_DATA or data/]")
]
UserOption = Annotated[str, typer.Option("--user", help="The user exactly as logged")]
SinceOption = Annotated[str, typer.Option("--since", help="Day or RFC 3339 time, UTC")]
UntilOption = Annotated[str, typer.Option("--until", help="Day, whole, or time, exclusive")]
JsonOption = Annotated[bool, typer.Option("--json", help="Facts as JSON")]


def tell(told: dict[str, Any] | Iterable[str]) -> None:
    """Print one object as JSON, or lines for a person."""
    if isinstance(told, dict):
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    for line in told:
        typer.echo(line)


def folder_of(settings: Settings, data: Path | None) -> Path:
    return data or settings.data


@contextmanager
def opened(settings: Settings, data: Path | None) -> Iterator[Store]:
    """The store a command works on, which must exist."""
    folder = folder_of(settings, data)
    with Store.open(folder, system_clock, settings.intake_limits()) as store:
        yield store
