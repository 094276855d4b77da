"""What commands share: options, opening the store, printing results.

`raytrail --help` imports every command module, so each function imports the libraries it uses.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from queries.escape import json_for_terminal
from raytrail.command_line.echo import echo
from raytrail.command_line.parameters import Option, WrongValue
from raytrail.errors import CannotDo
from raytrail.setting_files import plain_settings
from store import names

if TYPE_CHECKING:
    from queries.period import Calendar
    from raytrail.setting_files.plain_settings import PlainSettings
    from raytrail.settings import Settings
    from store.files.layout import Layout
    from store.store import Store

DataOption = Annotated[
    Path | None, Option("--data", help="Folder of the store [RAYTRAIL_DATA, or data/]")
]
UserOption = Annotated[str, Option("--user", help="User name exactly as logged")]
MaybeUserOption = Annotated[str | None, Option("--user", help="User name exactly as logged")]
UserFromOption = Annotated[
    Path | None,
    Option(
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
    Option(
        "--since", help="Start: 2026-11-18, yesterday, 7d, 2026-W47, 2026-11 or an RFC 3339 time"
    ),
]
UntilOption = Annotated[
    str,
    Option("--until", help="End: the same; days, weeks and months are included whole"),
]
PeriodOption = Annotated[
    str, Option("--period", help="Both ends at once: yesterday, 7d, 2026-W47 or 2026-11")
]
TimeZoneOption = Annotated[
    str,
    Option(
        "--time-zone", help="Zone of days and weeks, such as Europe/Prague [RAYTRAIL_TIME_ZONE]"
    ),
]
JsonOption = Annotated[bool, Option("--json", help="Print JSON")]
CsvRawOption = Annotated[
    bool,
    Option("--csv-raw", help="CSV without the quote before a text that a spreadsheet would run"),
]


def _in_utf8(text: str) -> str:
    """A shell hands over bytes of any encoding; JSON and the ledger hold UTF-8 alone."""
    if not names.is_utf8(text):
        raise WrongValue("this text is not UTF-8; check the encoding of your terminal")
    return text


ReasonOption = Annotated[
    str,
    Option("--reason", help="Reason; stored in the ledger permanently", check=_in_utf8),
]
ByOption = Annotated[
    str,
    Option(
        "--by",
        help="Who asks, for the report, which names your user name on this machine too",
        check=_in_utf8,
    ),
]
CaseOption = Annotated[str, Option("--case", help="Case or reason, for the report", check=_in_utf8)]

ExactlyOption = Annotated[
    bool,
    Option(
        "--exactly", help="Leave out other spellings and linked or inferred names of the person"
    ),
]
WithoutDamagedOption = Annotated[
    bool,
    Option("--without-damaged", help="Leave damaged files out, and mark the answer incomplete"),
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

        echo(shown_json(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()))
        return
    for line in result:
        echo(line)


def tell_rows(rows: Iterable[dict[str, Any]]) -> None:
    """Print JSON, one object a line."""
    import orjson

    for row in rows:
        echo(shown_json(orjson.dumps(row).decode()))


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


def read_store_settings() -> "PlainSettings | Settings":
    """The same for a command that opens the store or asks questions, without pydantic where it can be."""
    return plain_settings.read() or read_settings()


def calendar_of(settings: "PlainSettings | Settings", zone: str) -> "Calendar":
    """Days of the zone of `--time-zone`, or of the settings; today is what the machine says."""
    from queries.period import Calendar
    from queries.time_zone import time_zone
    from store.timestamps import system_clock

    return Calendar(time_zone(zone) if zone else settings.zone_of_times(), system_clock())


def folder_of(settings: "PlainSettings | Settings", data: Path | None) -> Path:
    return data or settings.data


def layout_of(settings: "PlainSettings | Settings", data: Path | None) -> "Layout":
    """The folder of the store, and where its catalog is."""
    from store.files.layout import Layout

    return Layout(folder_of(settings, data), settings.catalog)


@contextmanager
def opened(settings: "PlainSettings | Settings", data: Path | None) -> "Iterator[Store]":
    """Open the store that a command works on; it must exist."""
    from store.store import Store
    from store.timestamps import system_clock

    layout = layout_of(settings, data)
    limits, shell = settings.intake_limits(), settings.shell_options()
    with Store.open(layout, system_clock, limits, shell) as store:
        yield store
