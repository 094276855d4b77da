"""Selects the batches to replay, in groups that share their parts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from store.catalog.counts import CatalogRow
from store.catalog.tables import batches, files
from store.files.layout import REJECTED
from store.loading.batches_of_file import may_be_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """By default all batches that were loaded or could not be read.

    `batch` is a prefix of a batch's id. Days are days of receipt, both inclusive. `only_rejected`
    selects batches with rejected lines, and unread ones. `looks_like` selects batches of which
    records look like those of this other dataset.
    """

    dataset: str | None = None
    batch: str | None = None
    since: date | None = None
    until: date | None = None
    only_rejected: bool = False
    # Only batches whose rows are in this damaged file; a row of `files`.
    damaged: CatalogRow | None = None
    looks_like: str | None = None


@dataclass(frozen=True, slots=True)
class BatchGroup:
    """Batches of one dataset and the parts that they share; an unread batch is a group alone.

    Once their parts are merged with others, it no longer `has_own_files`: store/replay/linked_batches.py
    then finds the rows.
    """

    batches: tuple[RowMapping, ...]
    files: tuple[RowMapping, ...]

    @property
    def dataset(self) -> str:
        return str(self.batches[0]["dataset"])

    @property
    def was_loaded(self) -> bool:
        return str(self.batches[0]["state"]) == "loaded"

    @property
    def wanted(self) -> tuple[RowMapping, ...]:
        """The selected batches; the others only share their parts."""
        return tuple(batch for batch in self.batches if batch["is_wanted"])

    def has_file(self, file: CatalogRow) -> bool:
        return any(each["path"] == file["path"] for each in self.files)

    def has_own_files(self) -> bool:
        """Whether the parts have exactly the rows of these batches."""
        rows = sum(batch["rows"] or 0 for batch in self.batches)
        rejected = sum(batch["rejected_lines"] or 0 for batch in self.batches)
        held = dict.fromkeys((self.dataset, REJECTED), 0)
        for file in self.files:
            held[file["dataset"]] += file["rows"]
        return (held[self.dataset], held[REJECTED]) == (rows, rejected)


def groups(connection: Connection, selection: Selection) -> list[BatchGroup]:
    """Every group with a selected batch, oldest first."""
    wanted = and_(*_conditions(selection))
    shared = select(batches.c.loaded_sequence).where(batches.c.state == "loaded", wanted)
    query = select(batches, wanted.label("is_wanted")).where(
        or_(
            and_(batches.c.state == "unread", wanted),
            and_(batches.c.state == "loaded", batches.c.loaded_sequence.in_(shared)),
        )
    )
    found: dict[tuple[str, int], list[RowMapping]] = defaultdict(list)
    for batch in connection.execute(query.order_by(batches.c.sequence)).mappings():
        own = ("unread", batch["sequence"])
        shares = ("loaded", batch["loaded_sequence"])
        found[shares if batch["state"] == "loaded" else own].append(batch)
    live = select(files).where(
        files.c.added_sequence.in_(shared), files.c.retired_sequence.is_(None)
    )
    parts: dict[tuple[str, int], list[RowMapping]] = defaultdict(list)
    for file in connection.execute(live).mappings():
        parts["loaded", file["added_sequence"]].append(file)
    return [BatchGroup(tuple(rows), tuple(parts[key])) for key, rows in found.items()]


def _conditions(selection: Selection) -> Iterable[ColumnElement[bool]]:
    yield batches.c.state.in_(("loaded", "unread"))
    if selection.dataset is not None:
        yield batches.c.dataset == selection.dataset
    if selection.batch is not None:
        yield batches.c.batch_id.startswith(selection.batch, autoescape=True)
    if selection.since is not None:
        yield batches.c.received_at >= selection.since.isoformat()
    if selection.until is not None:
        yield batches.c.received_at < (selection.until + timedelta(days=1)).isoformat()
    if selection.damaged is not None:
        yield may_be_in(selection.damaged)
    if selection.looks_like is not None:
        yield batches.c.foreign_dataset == selection.looks_like
    if selection.only_rejected:
        yield or_(batches.c.rejected_lines > 0, batches.c.state == "unread")
