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
from raytrail.errors import CannotDo
from store import names

if TYPE_CHECKING:
    from queries.period import Calendar
    from raytrail.settings import Settings
    from store.store import Store

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the store [RAYTRAIL_DATA, or data/]")
]
UserOption = Annotated[str, typer.Option("--user", help="User name exactly as logged")]
UserFromOption = Annotated[
    Path | None,
    typer.Option(
        "--user-from",
        metavar="FILE",
        help="File whose whole content is the user name, for one with NUL or a line break;"
        " one line feed at its end is dropped",
    ),
]
# Some clients send names of a megabyte; a file of this size is not a name.
NAME_FILE_BYTES_MAX = 16 * 1024 * 1024
SinceOption = Annotated[
    str,
    typer.Option(
        "--since", help="Start: 2026-11-18, yesterday, 7d, 2026-W47, 2026-11 or an RFC 3339 time"
    ),
]
UntilOption = Annotated[
    str,
    typer.Option("--until", help="End: the same; days, weeks and months are included whole"),
]
PeriodOption = Annotated[
    str, typer.Option("--period", help="Both ends at once: yesterday, 7d, 2026-W47 or 2026-11")
]
TimeZoneOption = Annotated[
    str,
    typer.Option(
        "--time-zone", help="Zone of days and weeks, such as Europe/Prague [RAYTRAIL_TIME_ZONE]"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]
CsvRawOption = Annotated[
    bool,
    typer.Option(
        "--csv-raw", help="CSV without the quote before a text that a spreadsheet would run"
    ),
]


def _in_utf8(text: str) -> str:
    """A shell hands over bytes of any encoding; JSON and the ledger hold UTF-8 alone."""
    if not names.is_utf8(text):
        raise typer.BadParameter("this text is not UTF-8; check the encoding of your terminal")
    return text


ReasonOption = Annotated[
    str,
    typer.Option("--reason", help="Reason; stored in the ledger permanently", callback=_in_utf8),
]
ByOption = Annotated[
    str,
    typer.Option(
        "--by",
        help="Who asks, for the report, which names your user name on this machine too",
        callback=_in_utf8,
    ),
]
CaseOption = Annotated[
    str, typer.Option("--case", help="Case or reason, for the report", callback=_in_utf8)
]

ExactlyOption = Annotated[
    bool,
    typer.Option(
        "--exactly", help="Leave out other spellings and linked or inferred names of the person"
    ),
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


def user_of(user: str, user_from: Path | None) -> str:
    """The name that a command is about; empty if neither option is given. CannotDo for both."""
    if user_from is None:
        return user
    if user:
        raise CannotDo("--user and --user-from cannot be combined: each gives the one name")
    return name_in(user_from)


def demand_user(user: str, user_from: Path | None) -> str:
    """The name that a command is about. CannotDo unless one of the options is given."""
    if user_from is None and not user:
        raise CannotDo("--user: give the user name exactly as logged, or --user-from FILE")
    return user_of(user, user_from)


def name_in(file: Path) -> str:
    """The whole content of a file, without one line feed at its end; bytes as a command line has them."""
    try:
        with file.open("rb") as opened_file:
            content = opened_file.read(NAME_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise CannotDo(f"--user-from {file}: it cannot be read: {error.strerror}") from error
    if len(content) > NAME_FILE_BYTES_MAX:
        raise CannotDo(f"--user-from {file}: it has more than {NAME_FILE_BYTES_MAX:,} bytes")
    name = content.removesuffix(b"\n")
    if not name:
        raise CannotDo(f"--user-from {file}: it has no name")
    return name.decode(errors="surrogateescape")


def read_settings() -> "Settings":
    from raytrail.settings import Settings

    return Settings.read()


def calendar_of(settings: "Settings", zone: str) -> "Calendar":
    """Days of the zone of `--time-zone`, or of the settings; today is what the machine says."""
    from queries.period import Calendar
    from queries.time_zone import time_zone
    from store.timestamps import system_clock

    return Calendar(time_zone(zone) if zone else settings.zone_of_times(), system_clock())


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
