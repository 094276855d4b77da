"""The decoder, the writer of parts and the narrow reader in Rust, where they are built.

A library of an earlier version may lie here after an upgrade on a machine without a Rust toolchain.
It is then as if none was built: `native._native` cannot be imported, and Python does its work.
"""

import sys
from contextlib import suppress

# The same as in src/lib.rs. Both are raised with each change of what Python calls.
INTERFACE = 2

# Why `native._native` cannot be imported, if it cannot.
MISSING = "no native decoder is built"
OUTDATED = "the native decoder was built for another version; `make setup` builds it again"

why_missing = MISSING

with suppress(ImportError):
    from native import _native

    if getattr(_native, "INTERFACE", None) != INTERFACE:
        why_missing = OUTDATED
        del _native
        # Python's own sign for a module that must not be imported.
        sys.modules["native._native"] = None  # type: ignore[assignment]
