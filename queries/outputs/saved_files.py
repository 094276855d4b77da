"""Saves report files whole or not at all, under safe names."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

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
