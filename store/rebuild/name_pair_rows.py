"""The rows of `name_pairs`: their entries tell which were said, the files of links tell the names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from store.errors import StoreDamaged
from store.files.layout import Layout
from store.ledger.entry import Entry
from store.registers.identity import name_pairs


@dataclass(slots=True)
class NamePairRows:
    layout: Layout
    # The digests of links whose file is missing or changed.
    _lost: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def enter(self, connection: Connection, entry: Entry) -> None:
        digest, told = entry.payload["digest"], None
        self._known.add(name_pairs.id_of(digest))
        if entry.kind == name_pairs.LINKED:
            try:
                told = name_pairs.files(self.layout).read(name_pairs.id_of(digest))
            except StoreDamaged:
                told = None
            if told is None or not _is_right(entry, told):
                self._lost.add(digest)
                told = None
        name_pairs.add(connection, entry, told)

    def ids(self) -> set[str]:
        return self._known

    def unknown(self) -> Iterator[str]:
        """A sentence, if the names of links are lost."""
        if self._lost:
            yield (
                f"{len(self._lost):,} linked names: which ones is not known, because their files in"
                " links/ are missing or changed; link them again with `raytrail people link`"
            )


def payload(told: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a link whose own entry is lost, from its file."""
    return {"salt": told["salt"], "digest": told["digest"]}


def _is_right(entry: Entry, told: Mapping[str, Any]) -> bool:
    """Whether the file is that of the entry; the names may have been erased."""
    is_blank = told["name"] is None and told["digest"] == entry.payload["digest"]
    return is_blank or name_pairs.is_told(entry.payload, told)
