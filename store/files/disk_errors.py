"""What an error of the operating system means for the store."""

import contextlib
import errno
from collections.abc import Iterator

from store.errors import DiskFailed, NoRoom, StoreUnavailable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOLCK}
_OUT_OF_REACH = {errno.ENOENT, errno.ENOTDIR, errno.EROFS, errno.EACCES, errno.EPERM, errno.EXDEV}


@contextlib.contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn errors of the operating system into errors that an operator can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in _OUT_OF_REACH:
            raise StoreUnavailable(f"{what}: {error.strerror}") from error
        if error.errno in _FULL:
            raise NoRoom(f"{what}: {error.strerror}") from error
        raise DiskFailed(f"{what}: {error.strerror}") from error
