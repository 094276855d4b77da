"""A few hundred records in canonical form, accessed by column."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schema.decoding.raw_record import Compact, Writer
from schema.fields.identity import Identity
from schema.fields.members import object_of


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The member names of a record, in order; most records of a body have the same shape."""

    names: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_mostly_unknown(self) -> bool:
        return len(self.unknown) > len(self.names) / 2


class CanonicalBatch:
    """Records and facts about each, in the order of their lines.

    A record is canonical if its writer gives exactly the bytes that were sent, and its dataset
    knows most of its members.
    """

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.writers: list[Writer] = []
        self.shapes: list[Shape] = []
        self.identities: list[Identity] = []
        self.line_numbers: list[int] = []
        # Names of members that their columns do not hold exactly, by row.
        self.spare: dict[int, set[str]] = {}

    def columns(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Every known name that occurs, and some unknown ones, with the value of each record."""
        (usual, _), *others = Counter(self.shapes).most_common()
        names = dict.fromkeys(usual.names)
        for shape, _ in others:
            names.update(dict.fromkeys(name for name in shape.names if name not in shape.unknown))
        # Taking all values of a record is much faster than looking up each.
        whole = usual if len(names) == len(usual.names) else None
        rows = [
            record.values() if shape is whole else [record.get(name) for name in names]
            for record, shape in zip(self.records, self.shapes, strict=True)
        ]
        return zip(names, zip(*rows, strict=True), strict=True)

    def extra(self) -> dict[int, str | None]:
        """The content of `extra`, by row, for rows that have any."""
        found = {}
        for row, shape in enumerate(self.shapes):
            names = shape.unknown
            if spare := self.spare.get(row):
                spare.update(names)
                names = tuple(name for name in shape.names if name in spare)
            if names:
                source = Compact(self.records[row], self.writers[row])
                found[row] = object_of(map(source.member, names))
        return found
