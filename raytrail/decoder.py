"""Which decoder turns lines into rows, found without the libraries that decoding needs."""

import importlib
import os
import sys
from typing import NamedTuple

import native

# The same as in `schema.decoding.decoder`; a test checks that both agree. That module imports Arrow,
# which a receiver does not need.
CHOICE_VARIABLE = "RAYTRAIL_DECODER"
NATIVE_MODULE = "native._native"


class Decoder(NamedTuple):
    name: str
    reason: str


def running() -> Decoder:
    if os.environ.get(CHOICE_VARIABLE, "") == "python":
        return Decoder("python", f"{CHOICE_VARIABLE} says so")
    try:
        importlib.import_module(NATIVE_MODULE)
    except ImportError:
        return Decoder("python", native.why_missing)
    return Decoder("native", "it was built when Raytrail was installed")


def main() -> None:
    """Print one line for `make setup`."""
    found = running()
    advice = (
        "" if found.name == "native" else "; with a Rust toolchain `make setup` builds the fast one"
    )
    print(f"decoder: {found.name} ({found.reason}){advice}", file=sys.stderr)  # noqa: T201 - `make setup` shows it


if __name__ == "__main__":
    main()
