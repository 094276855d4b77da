"""The settings for `audit.duckdb`, for the DuckDB shells that read it, and for published tables."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from raytrail.setting_files.published_tables import Follower
from store.reading.shell.options import GRACE, GRACE_MIN, ShellOptions

if TYPE_CHECKING:
    from store.reading.shell.content import FactSource

# `[0-9]`, because `\d` also matches digits of other scripts.
_TIME = re.compile(r"([0-9]{1,4})([hd])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_time(text: str) -> timedelta:
    """`36h` or `2d`; ValueError names the accepted values."""
    matched = _TIME.fullmatch(text)
    found = int(matched[1]) * _UNITS[matched[2]] if matched else timedelta()
    if found < GRACE_MIN:
        raise ValueError("use hours or days such as 24h or 2d, at least 1h")
    return found


def _time(text: str) -> str:
    """Check the value and keep its text, which is shown as it was written."""
    parse_time(text.strip())
    return text.strip()


def _absolute(path: Path | None) -> Path | None:
    if path is not None and not path.is_absolute():
        raise ValueError("use an absolute path")
    return path


class ShellSettings(BaseSettings):
    publish: bool = Field(
        default=False,
        description="Publish requests and logins as Iceberg tables in `published/`, anew after each change; needs `raytrail[iceberg]`",
    )
    shell_root: Annotated[Path | None, AfterValidator(_absolute)] = Field(
        default=None,
        description="Path of the data folder for those who open `audit.duckdb`, if it has another one for them, as a volume of a container has",
    )
    shell_grace: Annotated[str, AfterValidator(_time)] = Field(
        default=f"{GRACE // timedelta(hours=1)}h",
        description="How long files stay on disk for open DuckDB shells after `audit.duckdb` no longer names them: hours such as `24h`, or days; an erasure does not wait",
    )

    def shell_options(self) -> ShellOptions:
        return ShellOptions(
            root=self.shell_root,
            grace=parse_time(self.shell_grace),
            facts=self.shell_facts,
            statements=self.shell_statements,
            tables=Follower(is_on=self.publish, root=self.shell_root),
        )

    def shell_facts(self) -> "Sequence[FactSource]":
        """What other settings tell analysts."""
        return ()

    def shell_statements(self) -> Sequence[str]:
        """What they tell as macros."""
        return ()
