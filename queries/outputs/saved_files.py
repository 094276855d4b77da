"""Saves what was made for a person: whole or not at all, under a harmless name."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from store.files import durable

# File systems take 255 bytes; there must be room for a suffix and for a draft's own name.
_SLUG_CHARACTERS_MAX = 60
_DIGEST_CHARACTERS = 10


def file_stem(user: str) -> str:
    """A name for a user's files: readable where it can be, and different for every user."""
    slug = re.sub(r"[^a-z0-9]+", "-", user.lower())[:_SLUG_CHARACTERS_MAX].strip("-")
    # Surrogates are what a command line makes of bytes that are no UTF-8.
    digest = hashlib.sha256(user.encode(errors="surrogatepass")).hexdigest()
    return f"{slug or 'user'}-{digest[:_DIGEST_CHARACTERS]}"


def save(path: Path, pieces: Iterable[bytes]) -> None:
    """Replace `path` by these bytes once all are on disk; on any error it is as it was.

    Readable by its owner alone: a report is personal data. The store's errors tell what the
    disk had against it.
    """
    with durable.disk_errors(f"saving {path}"):
        fd, name = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
        try:
            with os.fdopen(fd, "wb") as file:
                file.writelines(pieces)
            durable.replace(Path(name), path)
        except BaseException:
            durable.remove(Path(name), synced=False)
            raise
