"""The key-value metadata in the Parquet footer of a file.

| key                  | value                                                                    |
|----------------------|--------------------------------------------------------------------------|
| `raytrail.format`    | `2`; a file of format 1 has no key of ours                               |
| `raytrail.dataset`   | the dataset                                                              |
| `raytrail.day`       | the day (`2026-11-22`), the month (`2026-11`) or `__other__`             |
| `raytrail.name`      | the name of the file in its folder, which no other file ever has; older  |
|                      | versions of Raytrail wrote none                                          |
| `raytrail.sequence`  | the newest ledger entry when the file was begun                          |
| `raytrail.receipts`  | JSON list: the entries of the batches that were loaded into it           |
| `raytrail.merged`    | JSON list: the files whose rows it has, as paths in the data folder      |
| `raytrail.decoders`  | JSON list: which decoders read its rows, as far as that is known         |
| `raytrail.chunks`    | reserved: how the tree of hashes over the chunks of the file was made    |
| `raytrail.rows_root` | reserved: the root of a tree of hashes over its rows                     |
| `raytrail.rows_seed` | reserved: the seed of that tree's salts                                  |

The reserved keys are optional and are not written yet. The root over the chunks of a file cannot be
in the file itself: it will be in the ledger entry.

Opening a file that the catalog names compares format, dataset, day and name (file_reader.py), and
so does every question (footer_check.py). A file without a name is known by its first receipt, which
the name of a loaded part begins with. The sequence is not compared: a rebuild without the ledger
gives entries new numbers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from store.errors import StoreDamaged, StoreTooNew

OLDEST_FORMAT, FORMAT = 1, 2

_FORMAT, _DATASET, _DAY = "raytrail.format", "raytrail.dataset", "raytrail.day"
_SEQUENCE, _RECEIPTS = "raytrail.sequence", "raytrail.receipts"
_MERGED, _DECODERS = "raytrail.merged", "raytrail.decoders"
_NAME = "raytrail.name"

# A loaded part, by its name: the entry of its first batch, and the id of that batch.
_LOADED_NAME = re.compile(r"(\d{12})-[0-9a-f]{16}-[0-9a-f]{8}\.parquet")

RESERVED = ("raytrail.chunks", "raytrail.rows_root", "raytrail.rows_seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A finished file as the catalog names it; `path` is absolute.

    `format` is None if the catalog does not know it, as after a rebuild without the file.
    """

    path: Path
    sha256: str
    dataset: str
    day: str
    format: int | None

    @classmethod
    def of(cls, root: Path, row: Mapping[Any, Any]) -> Self:
        """By its row of `files`; versions that wrote format 1 noted no format."""
        return cls(
            path=root / row["path"],
            sha256=row["sha256"],
            dataset=row["dataset"],
            day=row["day"],
            format=row["format"] or OLDEST_FORMAT,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where the rows of a file come from: `receipts` for a part, `merged` for all others."""

    sequence: int
    receipts: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()
    decoders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What a file says about itself. A file of format 1 says nothing, so all other values are None."""

    format: int = OLDEST_FORMAT
    dataset: str | None = None
    day: str | None = None
    lineage: Lineage | None = None
    name: str | None = None

    @classmethod
    def of(cls, dataset: str, day: str, lineage: Lineage, name: str | None = None) -> Self:
        return cls(format=FORMAT, dataset=dataset, day=day, lineage=lineage, name=name)

    @classmethod
    def read(cls, name: str, metadata: Mapping[bytes, bytes] | None) -> Self:
        """Raises StoreDamaged for an invalid footer, StoreTooNew for one of a newer version."""
        found = {key.decode(errors="replace"): value for key, value in (metadata or {}).items()}
        if _FORMAT not in found:
            return cls()
        try:
            number = int(found[_FORMAT])
            if number > FORMAT:
                raise StoreTooNew(name, number, FORMAT)
            lineage = Lineage(
                sequence=int(found[_SEQUENCE]),
                receipts=tuple(orjson.loads(found[_RECEIPTS])),
                merged=tuple(orjson.loads(found[_MERGED])),
                decoders=tuple(orjson.loads(found[_DECODERS])),
            )
            own = found[_NAME].decode() if _NAME in found else None
            return cls.of(found[_DATASET].decode(), found[_DAY].decode(), lineage, own)
        except (KeyError, TypeError, ValueError) as error:
            raise StoreDamaged(
                f"{name}: its footer was not written by Raytrail: {error!r}"
            ) from error

    def metadata(self) -> dict[str, str]:
        """The keys of a file of the newest format."""
        lineage = self.lineage
        if lineage is None:
            raise ValueError("a file of format 1 has no metadata in its footer")
        lists = {
            _RECEIPTS: lineage.receipts,
            _MERGED: lineage.merged,
            _DECODERS: lineage.decoders,
        }
        return {
            _FORMAT: str(self.format),
            _DATASET: self.dataset or "",
            _DAY: self.day or "",
            **({} if self.name is None else {_NAME: self.name}),
            _SEQUENCE: str(lineage.sequence),
            **{key: orjson.dumps(value).decode() for key, value in lists.items()},
        }

    def differences(self, named: NamedFile) -> Iterator[str]:
        """A sentence for each value that differs from the catalog."""
        said: dict[str, tuple[Any, Any]] = {}
        if named.format is not None:
            said["format"] = (self.format, named.format)
        if self.format > OLDEST_FORMAT:
            said |= {"dataset": (self.dataset, named.dataset), "day": (self.day, named.day)}
            said |= self._identity(named.path.name)
        for what, (here, there) in said.items():
            if here != there:
                yield f"its footer says {what} {here}, the catalog says {there}"

    def _identity(self, name: str) -> dict[str, tuple[Any, Any]]:
        """What tells two files of one day apart, here and by the name in the catalog."""
        if self.name is not None:
            return {"name": (self.name, name)}
        loaded = _LOADED_NAME.fullmatch(name)
        receipts = self.lineage.receipts if self.lineage else ()
        return {"receipt": (receipts[0], int(loaded[1]))} if loaded and receipts else {}
