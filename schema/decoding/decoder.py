"""Chooses the decoder: the native one if it is built, else the Python one. Results are equal."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import native
from schema.decoding.column_decoder import read_columns
from schema.decoding.decode import Reader
from schema.decoding.row_decoder import read_rows

if TYPE_CHECKING:
    from schema.dataset import Dataset
    from schema.decoding.native_rows import NativeRows

# Set to `python` to run without the native decoder.
CHOICE_VARIABLE = "RAYTRAIL_DECODER"

# Raised when the same bytes become other rows than before; every file says by which rules.
RULES = 1


@dataclass(frozen=True, slots=True)
class Decoder:
    """`reason` tells a person why this decoder was chosen. With `group` it decodes a whole group of
    batches of a dataset to one block.
    """

    name: str
    reader: Reader
    reason: str
    group: "Callable[[Dataset], NativeRows] | None" = None


def chosen(environment: dict[str, str] | None = None) -> Decoder:
    """The decoder of this process. `RAYTRAIL_DECODER=python` chooses the Python one."""
    wanted = (os.environ if environment is None else environment).get(CHOICE_VARIABLE, "")
    if wanted == "python":
        return Decoder("python", read_columns, f"{CHOICE_VARIABLE} says so")
    try:
        from schema.decoding.native_decoder import read_natively  # noqa: PLC0415 - it may not be built
        from schema.decoding.native_rows import NativeRows  # noqa: PLC0415 - as above
    except ImportError as error:
        return Decoder("python", read_columns, f"{native.why_missing} ({error.name})")
    return Decoder("native", read_natively, "it was built when Raytrail was installed", NativeRows)


def readers() -> dict[str, Reader]:
    """Every decoder that can run here, by name; tests compare their results."""
    found: dict[str, Reader] = {"rows": read_rows, "columns": read_columns}
    decoder = chosen({})
    return found if decoder.reader in found.values() else found | {decoder.name: decoder.reader}
