"""Chooses the decoder: the native one if it is built, else the Python one. Results are equal."""

import os
from dataclasses import dataclass

from schema.decoding.column_decoder import read_columns
from schema.decoding.decode import Reader
from schema.decoding.row_decoder import read_rows

# Set to `python` to run without the native decoder.
CHOICE_VARIABLE = "RAYTRAIL_DECODER"

# Raised when the same bytes become other rows than before; every file says by which rules.
RULES = 1


@dataclass(frozen=True, slots=True)
class Decoder:
    """`reason` tells a person why this decoder was chosen."""

    name: str
    reader: Reader
    reason: str


def chosen(environment: dict[str, str] | None = None) -> Decoder:
    """The decoder of this process. `RAYTRAIL_DECODER=python` chooses the Python one."""
    wanted = (os.environ if environment is None else environment).get(CHOICE_VARIABLE, "")
    if wanted == "python":
        return Decoder("python", read_columns, f"{CHOICE_VARIABLE} says so")
    try:
        from schema.decoding.native_decoder import read_natively  # noqa: PLC0415 - it may not be built
    except ImportError as error:
        return Decoder("python", read_columns, f"no native decoder is built ({error.name})")
    return Decoder("native", read_natively, "it was built when Raytrail was installed")


def readers() -> dict[str, Reader]:
    """Every decoder that can run here, by name; tests compare their results."""
    found: dict[str, Reader] = {"rows": read_rows, "columns": read_columns}
    decoder = chosen({})
    return found if decoder.reader in found.values() else found | {decoder.name: decoder.reader}
