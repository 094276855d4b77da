"""Reads the settings of stores and questions where all are plain: texts that no rule restricts, and
whole numbers.

pydantic takes longer to load than most questions take to answer. Where a setting has another rule,
is unknown, or is written in an unusual way, raytrail.settings reads all of them, and tells what is
wrong.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from raytrail.setting_files.published_tables import Follower
from raytrail.setting_files.question_values import (
    DATA,
    SESSION_MINUTES,
    ZONE,
    QuestionValues,
    catalog_of,
)
from store.database import Database
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.names import is_utf8
from store.reading.shell.options import ShellOptions

START: Final = "RAYTRAIL_"
FILE: Final = Path(".env")

# A file of this size is not one of settings alone.
FILE_BYTES_MAX: Final = 64 * 1024

# Every text but the empty one is a path.
PATHS: Final = frozenset({"data", "people", "path_templates", "findings", "cloudflare_token_file"})

# A URL, or empty.
CATALOG: Final = "catalog"

# Every text is right.
TEXTS: Final = frozenset(
    {
        *("access_hosts", "time_zone", "tokens", "token_header", "host", "public_url"),
        *("cloudflare_token", "cloudflare_account", "cloudflare_zones", "cloudflare_url"),
        # Names that are no settings; see setting_names.
        *("decoder", "domain"),
        *("canary_url", "canary_client_id", "canary_client_secret"),
        *("import_s3_endpoint", "import_s3_region", "import_s3_key_id", "import_s3_secret"),
    }
)

# The least and the most of what is surely right; larger numbers are checked by raytrail.settings.
NUMBERS: Final = {"reserve_bytes": (0, 10**12), "reserve_percent": (0, 99), "workers": (1, 64)}

# A line of `.env` that every reader of such files reads alike: without quotes, spaces and references.
_LINE: Final = re.compile(r"([A-Z_][A-Z0-9_]*)=([A-Za-z0-9_.,:/@%+=-]*)")

# `[0-9]`, because `\d` also matches digits of other scripts.
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class PlainSettings(QuestionValues):
    """The settings of stores and questions, as raytrail.settings would read them."""

    data: Path = DATA
    catalog: Database | None = None
    access_hosts: str = ""
    session_minutes: float = SESSION_MINUTES
    time_zone: str = ZONE
    people: Path | None = None
    path_templates: Path | None = None
    findings: Path | None = None
    cloudflare_account: str = ""
    cloudflare_token: str = ""
    cloudflare_token_file: Path | None = None
    reserve_bytes: int = Reserve().bytes_min
    reserve_percent: float = Reserve().percent_min

    def has_api(self) -> bool:
        """Whether a token for Cloudflare's API is set."""
        return bool(self.cloudflare_token or self.cloudflare_token_file)

    def intake_limits(self) -> IntakeLimits:
        reserve = Reserve(bytes_min=self.reserve_bytes, percent_min=self.reserve_percent)
        return IntakeLimits(reserve=reserve)

    def shell_options(self) -> ShellOptions:
        return ShellOptions(
            facts=self.shell_facts,
            statements=self.shell_statements,
            tables=Follower(is_on=False),
        )


def read(environment: Mapping[str, str] = os.environ, file: Path = FILE) -> PlainSettings | None:
    """None if raytrail.settings should read them."""
    of_file = _of_file(file)
    if of_file is None:
        return None
    given = {name: text for name, text in environment.items() if name.upper().startswith(START)}
    values = dict[str, str | Path | int | Database | None]()
    for name, text in {**of_file, **given}.items():
        setting = name.removeprefix(START).lower()
        if name != name.upper() or not _is_plain(setting, text):
            return None
        values[setting] = _value(setting, text)
    kept = {name: value for name, value in values.items() if name in _FIELDS}
    if "access_hosts" in kept:
        kept["access_hosts"] = str(kept["access_hosts"]).strip()
    return PlainSettings(**kept)  # type: ignore[arg-type]


_FIELDS: Final = frozenset(PlainSettings.__dataclass_fields__)


def _is_plain(setting: str, text: str) -> bool:
    if setting in NUMBERS:
        least, most = NUMBERS[setting]
        return _NUMBER.fullmatch(text) is not None and least <= int(text) <= most
    if setting == CATALOG:
        with suppress(ValueError):
            catalog_of(text)
            return True
        return False
    return is_utf8(text) and (setting in TEXTS or (setting in PATHS and bool(text)))


def _value(setting: str, text: str) -> str | Path | int | Database | None:
    if setting == CATALOG:
        return catalog_of(text)
    if setting in NUMBERS:
        return int(text)
    return Path(text) if setting in PATHS else text


def _of_file(file: Path) -> dict[str, str] | None:
    """The settings in `.env`; None if a line is not plain."""
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_BYTES_MAX + 1)
        lines = content.decode("ascii").split("\n")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        return None
    return None if len(content) > FILE_BYTES_MAX else _of_lines(lines)


def _of_lines(lines: Iterable[str]) -> dict[str, str] | None:
    found = dict[str, str]()
    for line in lines:
        if not line or line.startswith("#"):
            continue
        matched = _LINE.fullmatch(line)
        if matched is None:
            return None
        if matched[1].startswith(START):
            found[matched[1]] = matched[2]
    return found
