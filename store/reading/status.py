"""What the store holds, how far loading lags, and what decoding found, for people and alarms.

All of it is read from running totals and indexes: a million batches cost no more than ten.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from store import timestamps
from store.catalog import counts, ledger
from store.catalog.catalog import Catalog
from store.catalog.counts import Key
from store.catalog.tables import batches, fields, files
from store.files import stray
from store.files.layout import REJECTED, Layout
from store.keepout import register as keep_outs
from store.keepout.register import KeptOutState
from store.registers import rebuilds, scrubs
from store.registers.rebuilds import Rebuild
from store.registers.scrubs import ScrubState

Times = Mapping[str, int]

_ENTERED = (
    select(batches.c.dataset, func.count(), func.min(batches.c.received_at))
    .where(batches.c.state == "entered")
    .group_by(batches.c.dataset)
)


@dataclass(frozen=True, slots=True)
class Pending:
    """Batches that are entered and not loaded yet, and the age of the oldest."""

    batches: int
    lag_seconds: float


NOTHING_PENDING = Pending(0, 0.0)


@dataclass(frozen=True, slots=True)
class Progress:
    """Facts that are cheap enough for a health check: they need only an index."""

    sequence: int
    pending: Pending
    unread_batches: int
    scrub: ScrubState


@dataclass(frozen=True, slots=True)
class OldestUnread:
    """The oldest batch that could not be decoded."""

    batch_id: str
    received_at: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetStatus:
    """One dataset. `rows` is the number it holds now; `folded_rows` more equalled one of them, and
    `probable_duplicates` of them probably repeat another one (known once files are merged).

    `loaded_rows` were ever loaded; the difference was retired or erased. `body_bytes` is the size
    as sent; a batch that was sent again counts only in `resends`. `fields` maps each kind of
    trouble (`misfit`, `approximate`, `unknown`) to the number of times for each field, largest
    first; the empty name stands for names past the limit. `shapes` counts batches, `decoded_rows`
    rows by decoder, and `foreign` records by the dataset they look like (empty for none).
    """

    rows: int
    folded_rows: int
    probable_duplicates: int
    loaded_rows: int
    rejected_lines: int
    blank_lines: int
    batches: int
    unread_batches: int
    body_bytes: int
    inflated_bytes: int
    resends: int
    misfits: int
    approximations: int
    unknown_members: int
    overruled_members: int
    pending: Pending
    oldest_unread: OldestUnread | None
    fields: Mapping[str, Times]
    shapes: Times
    decoded_rows: Times
    foreign: Times

    @property
    def unknown_fields(self) -> int:
        """How many unknown field names were counted by name."""
        return sum(1 for name in self.fields.get("unknown", {}) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole store at one ledger sequence."""

    sequence: int
    digest: str
    datasets: Mapping[str, DatasetStatus]
    batches: int
    pending: Pending
    files: int
    # Small files among them, each of which a question about an old period has to open.
    unmerged_files: int
    parquet_bytes: int
    # Files in stray/, whether acknowledged or not.
    stray_files: int
    scrub: ScrubState
    # Records of erased persons that were not loaded.
    kept_out: KeptOutState
    # When the service last made its catalog again, if ever.
    rebuilt: Rebuild | None


def progress(catalog: Catalog, now: datetime) -> Progress:
    with catalog.read() as connection:
        unread = select(func.count()).where(batches.c.state == "unread")
        return Progress(
            sequence=ledger.sequence(connection),
            pending=pending(connection, now),
            unread_batches=connection.execute(unread).scalar_one(),
            scrub=scrubs.state(connection),
        )


def pending(connection: Connection, now: datetime) -> Pending:
    return _together(_pending(connection, now))


def status(layout: Layout, catalog: Catalog, now: datetime) -> Status:
    with catalog.read() as connection:
        newest = ledger.newest(connection)
        totals = counts.read(connection)
        waiting = _pending(connection, now)
        unread = _oldest_unread(connection)
        trouble = _trouble(connection)
        unmerged = _unmerged(connection)
        scrub = scrubs.state(connection)
        rebuilt = rebuilds.latest(connection)
        kept_out = keep_outs.state(connection, now)
    labelled: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for key, amount in totals.items():
        if key.dataset != REJECTED:
            labelled[key.dataset, key.measure][key.label] = amount
    names = sorted(name for name, measure in labelled if measure == "batches")
    found = {
        name: DatasetStatus(
            **{measure: totals[Key(name, measure)] for measure in ("batches", "unread_batches")},
            **{
                measure: totals[Key(name, measure)]
                for measure in counts.SUMMED
                if measure != "rows"
            },
            rows=totals[Key(name, "live_rows")],
            folded_rows=totals[Key(name, "folded_rows")],
            probable_duplicates=totals[Key(name, "probable_duplicates")],
            loaded_rows=totals[Key(name, "rows")],
            pending=waiting.get(name, NOTHING_PENDING),
            oldest_unread=unread.get(name),
            fields=trouble.get(name, {}),
            shapes=labelled[name, "shape"],
            decoded_rows=labelled[name, "decoded_rows"],
            foreign=labelled[name, "foreign_lines"],
        )
        for name in names
    }
    return Status(
        sequence=newest.sequence if newest else 0,
        digest=newest.digest if newest else "",
        datasets=found,
        batches=sum(each.batches for each in found.values()),
        pending=_together(waiting),
        files=_over_datasets(labelled, "files"),
        unmerged_files=unmerged,
        parquet_bytes=_over_datasets(labelled, "parquet_bytes"),
        stray_files=sum(1 for _ in stray.found(layout)),
        scrub=scrub,
        kept_out=kept_out,
        rebuilt=rebuilt,
    )


def _pending(connection: Connection, now: datetime) -> dict[str, Pending]:
    return {
        dataset: Pending(count, timestamps.lag_seconds(oldest, now))
        for dataset, count, oldest in connection.execute(_ENTERED)
    }


def _unmerged(connection: Connection) -> int:
    is_part = files.c.tier.is_(None) | (files.c.tier == "part")
    query = select(func.count()).where(
        files.c.retired_sequence.is_(None), is_part, files.c.dataset != REJECTED
    )
    return connection.execute(query).scalar_one()


def _together(waiting: Mapping[str, Pending]) -> Pending:
    return Pending(
        sum(each.batches for each in waiting.values()),
        max((each.lag_seconds for each in waiting.values()), default=0.0),
    )


def _oldest_unread(connection: Connection) -> dict[str, OldestUnread]:
    oldest = (
        select(batches.c.dataset, func.min(batches.c.received_at).label("received_at"))
        .where(batches.c.state == "unread")
        .group_by(batches.c.dataset)
        .subquery()
    )
    is_oldest = and_(
        batches.c.state == "unread",
        batches.c.dataset == oldest.c.dataset,
        batches.c.received_at == oldest.c.received_at,
    )
    columns = (batches.c.dataset, batches.c.batch_id, batches.c.received_at, batches.c.reason)
    query = select(*columns).join(oldest, is_oldest).order_by(batches.c.sequence.desc())
    # Of several received at the same moment, the one with the lowest sequence comes last and stays.
    return {dataset: OldestUnread(*facts) for dataset, *facts in connection.execute(query)}


def _trouble(connection: Connection) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    query = select(fields).order_by(fields.c.times.desc(), fields.c.field)
    for row in connection.execute(query):
        found.setdefault(row.dataset, {}).setdefault(row.kind, {})[row.field] = row.times
    return found


def _over_datasets(labelled: Mapping[tuple[str, str], Times], measure: str) -> int:
    return sum(times[""] for (_, each), times in labelled.items() if each == measure)
