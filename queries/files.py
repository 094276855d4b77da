"""Saves what was made for a person: whole or not at all, under a harmless name."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

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

    Readable by its owner alone: a report is personal data. OSError when the disk refuses.
    """
    fd, name = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
