"""Which decoder turns lines into rows here, told without the libraries that decoding needs."""

import importlib
import os
import sys
from typing import NamedTuple

# As `schema.decoder` has it; a test holds both to the same answer. That module would bring
# Arrow along, which a receiver has no other use for.
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
        return Decoder("python", "no native decoder is built")
    return Decoder("native", "it was built when Raytrail was installed")


def main() -> None:
    """One line for whoever sets Raytrail up."""
    found = running()
    advice = (
        "" if found.name == "native" else "; with a Rust toolchain `make setup` builds the fast one"
    )
    print(f"decoder: {found.name} ({found.reason}){advice}", file=sys.stderr)  # noqa: T201 - it is asked for


if __name__ == "__main__":
    main()
