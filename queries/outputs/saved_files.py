"""Saves report files whole or not at all, under safe names."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO

from queries.period import Period
from queries.time_zone import TimeZone
from store.files import durable
from store.files.disk_errors import disk_errors

# File systems allow 255 bytes; a suffix and the name of a draft must fit as well.
_SLUG_CHARACTERS_MAX = 60
_DIGEST_CHARACTERS = 10


def file_stem(user: str) -> str:
    """A name for a user's files: readable if possible, and different for every user."""
    slug = re.sub(r"[^a-z0-9]+", "-", user.lower())[:_SLUG_CHARACTERS_MAX].strip("-")
    # A command line turns bytes that are not UTF-8 into surrogates.
    digest = hashlib.sha256(user.encode(errors="surrogatepass")).hexdigest()
    return f"{slug or 'user'}-{digest[:_DIGEST_CHARACTERS]}"


def period_stem(period: Period, zone: TimeZone) -> str:
    """The period in a file name: days of the zone where it begins and ends with days, else instants."""
    if period.is_open:
        return "everything"
    begin = _end_text(period.since, zone, timedelta())
    # The last day, not the one after it.
    end = _end_text(period.until, zone, timedelta(days=1))
    if begin == end:
        return begin
    return "-".join(part for part in (begin or "begin", "to", end or "now") if part)


def _end_text(instant: datetime | None, zone: TimeZone, back: timedelta) -> str:
    if instant is None:
        return ""
    local = zone.local(instant)
    day = local.date()
    if zone.begin_of(day) == instant:
        return (day - back).isoformat() if day - date.min >= back else day.isoformat()
    return f"{instant:%Y-%m-%dt%H%M%Sz}"


@contextmanager
def spooled(folder: Path) -> Iterator[IO[bytes]]:
    """A file without a name in a folder until the block ends. Disk errors are raised as the store's."""
    with disk_errors(f"saving in {folder}"):
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed below
    with file:
        yield file


def save(path: Path, pieces: Iterable[bytes]) -> None:
    """Replace `path` by these bytes once all are on disk; on any error it stays unchanged.

    Only the owner can read it: a report is personal data. Disk errors are raised as the store's.
    """
    with disk_errors(f"saving {path}"):
        fd, name = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
        try:
            with os.fdopen(fd, "wb") as file:
                file.writelines(pieces)
            durable.replace(Path(name), path)
        except BaseException:
            durable.remove(Path(name), synced=False)
            raise
