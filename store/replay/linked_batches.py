"""Finds the rows of batches in merged files, and which batches must be replayed together.

A line that arrived in two batches is one row: it belongs to one batch and names the other in
`also_in`. Removing the rows of the one removes the line of the other too, so the two batches are
linked, and are replayed both or not at all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import batches
from store.errors import FileUnreadable, StoreDamaged
from store.files.layout import REJECTED, Layout
from store.loading.claims import GROUP_BATCHES_MAX, GROUP_BYTES_MAX
from store.replay.batch_rows import BatchKey, FileBatches, count_batches
from store.replay.candidate_files import CandidateFiles
from store.replay.selection import BatchGroup

# SQLite takes some ten thousand values in one statement.
IDS_ASKED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class LinkedBatches:
    """Batches of one dataset that share rows, oldest first."""

    batches: tuple[RowMapping, ...]

    @property
    def group(self) -> BatchGroup:
        return BatchGroup(self.batches, ())

    @property
    def inflated_bytes(self) -> int:
        return sum(batch["inflated_bytes"] or 0 for batch in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLocations:
    """All files with lines of the wanted batches and the batches linked to them, and their counts.

    `faults` name files that could not be read; batches in them have rows missing. `lost` are those
    of them that are damaged.
    """

    linked: Sequence[LinkedBatches]
    files: Sequence[FileBatches]
    rows: Counter[BatchKey]
    rejected: Counter[BatchKey]
    faults: Sequence[str]
    lost: Sequence[CatalogRow] = ()

    def are_gaps_explained(self) -> bool:
        """Whether the damaged files had exactly the rows that were not found.

        If not, retention or an erasure removed some, or batches of which nobody asked have others.
        """
        gaps, lost = Counter[str](), Counter[str]()
        for linked in self.linked:
            for batch in linked.batches:
                key = key_of(batch)
                gaps[key.dataset] += (batch["rows"] or 0) - self.rows[key]
                gaps[REJECTED] += (batch["rejected_lines"] or 0) - self.rejected[key]
        for file in self.lost:
            lost[file["dataset"]] += file["rows"] + file["folded"]
        return all(gaps[name] == lost[name] for name in gaps.keys() | lost.keys())

    def missing(self, linked: LinkedBatches) -> str | None:
        """Which rows of these batches were not found; None if all were."""
        for batch in linked.batches:
            key = key_of(batch)
            had = (batch["rows"] or 0, batch["rejected_lines"] or 0)
            if (self.rows[key], self.rejected[key]) != had:
                return (
                    f"rows are missing: batch {key.batch_id[:16]} has"
                    f" {self.rows[key]:,} of {had[0]:,} rows and"
                    f" {self.rejected[key]:,} of {had[1]:,} rejected lines"
                )
        return None


def key_of(batch: CatalogRow) -> BatchKey:
    return BatchKey(batch["dataset"], batch["batch_id"])


def locate(
    layout: Layout, catalog: Catalog, live: Sequence[CatalogRow], wanted: Iterable[RowMapping]
) -> BatchLocations:
    """Count the rows of loaded batches, and of those linked to them, in every file that may match."""
    known = {key_of(batch): batch for batch in wanted}
    starts, asked = list(known), list(known.values())
    found, faults, unread = list[FileBatches](), list[str](), list(live)
    lost = list[CatalogRow]()
    links: dict[BatchKey, set[BatchKey]] = defaultdict(set)
    while asked:
        candidates = CandidateFiles.of(asked)
        for file in filter(candidates.may_hold, unread):
            try:
                found.append(count_batches(layout, file))
            except StoreDamaged as error:
                faults.append(str(error))
                if not isinstance(error, FileUnreadable):
                    lost.append(file)
            else:
                _add_links(links, found[-1])
        unread = [each for each in unread if not candidates.may_hold(each)]
        others = {key for keys in _connected(links, starts) for key in keys} - known.keys()
        asked = _loaded_batches(catalog, others)
        known |= {key_of(batch): batch for batch in asked}
    linked = [
        LinkedBatches(_ordered(known[key] for key in keys)) for keys in _connected(links, starts)
    ]
    return BatchLocations(
        linked=linked,
        files=found,
        rows=_lines(each for each in found if each.file["dataset"] != REJECTED),
        rejected=_lines(each for each in found if each.file["dataset"] == REJECTED),
        faults=faults,
        lost=lost,
    )


def obstacle(linked: Sequence[LinkedBatches], bytes_max: int | None) -> str | None:
    """Why these batches cannot be decoded together, as far as the catalog tells."""
    for each in linked:
        if any(batch["raw_retired_sequence"] is not None for batch in each.batches):
            return "a raw body that it was made of was removed by retention or an erasure"
    size = sum(each.inflated_bytes for each in linked)
    if bytes_max is not None and size > bytes_max:
        return f"its raw bodies are {size:,} bytes: run `raytrail replay` with its dataset and days"
    return None


def _lines(found: Iterable[FileBatches]) -> Counter[BatchKey]:
    """Each line once, whether it has a row of its own or was folded into another."""
    counted = Counter[BatchKey]()
    for each in found:
        counted.update(each.rows)
        counted.update(each.folded)
    return counted


def load_groups(found: Iterable[LinkedBatches]) -> Iterator[list[LinkedBatches]]:
    """As many at a time as the loader loads together, so that a replay makes no more parts."""
    group: list[LinkedBatches] = []
    for each in sorted(found, key=lambda one: (one.group.dataset, one.batches[0]["sequence"])):
        if group and not _fit_together([*group, each]):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def joined(group: Iterable[LinkedBatches]) -> BatchGroup:
    return BatchGroup(_ordered(batch for each in group for batch in each.batches), ())


def _fit_together(group: Sequence[LinkedBatches]) -> bool:
    return (
        group[0].group.dataset == group[-1].group.dataset
        and sum(len(each.batches) for each in group) <= GROUP_BATCHES_MAX
        and sum(each.inflated_bytes for each in group) <= GROUP_BYTES_MAX
    )


def _add_links(links: dict[BatchKey, set[BatchKey]], found: FileBatches) -> None:
    for one, other in found.links:
        links[one].add(other)
        links[other].add(one)


def _connected(
    links: dict[BatchKey, set[BatchKey]], starts: Iterable[BatchKey]
) -> Iterator[set[BatchKey]]:
    """The connected components that contain a start, each once."""
    seen: set[BatchKey] = set()
    for start in starts:
        if start in seen:
            continue
        component, queue = {start}, [start]
        while queue:
            more = links.get(queue.pop(), set()) - component
            component |= more
            queue += more
        seen |= component
        yield component


def _loaded_batches(catalog: Catalog, keys: set[BatchKey]) -> list[RowMapping]:
    """Their catalog rows. StoreDamaged if one was never loaded."""
    ids = sorted({key.batch_id for key in keys})
    with catalog.read() as connection:
        found = [
            batch
            for start in range(0, len(ids), IDS_ASKED_MAX)
            for batch in _loaded(connection, ids[start : start + IDS_ASKED_MAX])
            if key_of(batch) in keys
        ]
    if unknown := keys - {key_of(batch) for batch in found}:
        key = min(unknown)
        raise StoreDamaged(
            f"a row of {key.dataset} names batch {key.batch_id[:16]}, which was never loaded"
        )
    return found


def _loaded(connection: Connection, ids: Sequence[str]) -> Sequence[RowMapping]:
    query = select(batches).where(batches.c.batch_id.in_(ids), batches.c.state == "loaded")
    return connection.execute(query).mappings().all()


def _ordered(found: Iterable[RowMapping]) -> tuple[RowMapping, ...]:
    return tuple(sorted(found, key=lambda batch: int(batch["sequence"])))
