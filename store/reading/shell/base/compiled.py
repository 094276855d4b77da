"""Keeps a made database beside the program, as Python keeps bytecode, so that no process makes it again.

The file begins with two digests: of the script that it was made of, and of the bytes that follow. A
file of another script is outdated, and one with other bytes is damaged. Both count as missing.
"""

import hashlib
import tempfile
from pathlib import Path

from store.files import durable
from store.reading.shell.base import copies
from store.reading.shell.base.script import Script

_DIGEST_BYTES = 64


def read(path: Path, digest: str) -> bytes | None:
    """The database that was made of the script with this digest; None if there is no such file."""
    try:
        found = path.read_bytes()
    except OSError:
        return None
    content = found[2 * _DIGEST_BYTES :]
    is_whole = found[: 2 * _DIGEST_BYTES] == _head(digest, content)
    return content if is_whole else None


def write(path: Path, script: Script) -> bool:
    """Make the file, unless it is there; whether it was made. Errors of the disk are raised."""
    if read(path, script.digest) is not None:
        return False
    # In its own folder, so that it is replaced by a rename.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        made, draft = Path(folder) / "made", Path(folder) / "draft"
        copies.make(made, script)
        content = made.read_bytes()
        draft.write_bytes(_head(script.digest, content) + content)
        durable.replace(draft, path, mode=0o644)
    return True


def _head(digest: str, content: bytes) -> bytes:
    return f"{digest}{hashlib.sha256(content).hexdigest()}".encode()
