"""arrow-json and the parquet crate, called from Rust: the crate in bench/arrow does all but inflating.

`make bench` builds it where there is a Rust toolchain. It gets bytes inflated by isal. Its own file
says which settings measured best.
"""

from collections.abc import Sequence
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from bench.bodies import HERE
from bench.engine import Missing, Peer, inflate
from schema.dataset import Field

MODULE = "arrow_peer"
BUILT = HERE / "arrow" / "target" / "release" / f"lib{MODULE}.so"


class ArrowJson(Peer):
    def __init__(self, fields: Sequence[Field], cores: int) -> None:
        super().__init__(fields, cores)
        self._rust = _module(BUILT)
        self._columns = [(field.name, field.type.value) for field in fields]

    def convert(self, bodies: Sequence[Path], target: Path) -> None:
        texts = [inflate(body.read_bytes()) for body in bodies]
        self._rust.write(texts, str(target), self._columns)


def _module(file: Path) -> Any:
    if not file.exists():
        raise Missing("not built; `make bench` builds it with a Rust toolchain")
    # It is built for the stable ABI, but under cargo's name for a library.
    spec = spec_from_file_location(MODULE, file, loader=ExtensionFileLoader(MODULE, str(file)))
    if spec is None or spec.loader is None:
        raise Missing(f"{file} is no module of Python")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
