"""Acts of another user than root, in this process."""

import contextlib
import os
from collections.abc import Iterator

import pytest

SOMEBODY = 65534

for_root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT ROOT: nothing was tried as two users")


@contextlib.contextmanager
def acting_as_somebody() -> Iterator[None]:
    """Give up root's rights during the block. Import nothing in it: the user may not read it."""
    os.seteuid(SOMEBODY)
    try:
        yield
    finally:
        os.seteuid(0)
