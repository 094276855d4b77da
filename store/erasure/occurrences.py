"""All occurrences of one person in a store: what an erasure removes, and what stays and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from store.catalog.counts import CatalogRow
from store.erasure import stray_search
from store.erasure.body_search import SearchResult
from store.erasure.person_search import BodyMatch, FileMatches, PersonSearch
from store.erasure.row_search import HeldBatches, add_held
from store.files.layout import REJECTED
from store.retention import holds

# The dataset of a body that belongs to no batch.
NO_DATASET = ""


@dataclass(slots=True)
class DatasetCounts:
    """Counts of one dataset: what is removed, rows that stay by hold, and `mentions`, which are
    other people's rows.

    A rejected line counts in `rows` of `rejected` and in `rejected_lines` of the dataset it was
    sent to. A body that two datasets share counts for both.
    """

    rows: int = 0
    files: int = 0
    rejected_lines: int = 0
    raw_bodies: int = 0
    raw_bodies_kept: int = 0
    mentions: int = 0
    kept_by_hold: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrences:
    """`files` are live files with a match. `retired` are paths of retired files that still have
    rows of the person, or cannot be read; `retired_listing` are those that list texts of no row.
    `unsearchable` are damaged bodies that do not show the
    name. `released_holds` are ids of holds on the person. `has_rows`: a row has the person as its
    user, in whatever file. `strays` are Parquet files in `stray/` with a match. `listing` are
    live files and those in `stray/` that list texts of no row, and have no row to erase.
    """

    search: PersonSearch
    files: tuple[FileMatches, ...]
    strays: tuple[FileMatches, ...]
    listing: tuple[FileMatches, ...]
    retired: tuple[str, ...]
    retired_listing: tuple[str, ...]
    # Live files that cannot be read, so that rows of the person may be left in them.
    unreadable: tuple[CatalogRow, ...]
    bodies: tuple[BodyMatch, ...]
    kept_bodies: tuple[BodyMatch, ...]
    quarantined: tuple[BodyMatch, ...]
    unsearchable: tuple[BodyMatch, ...]
    # Rejected lines without the name that cannot be searched to their end.
    unsearchable_lines: int
    has_rows: bool
    released_holds: tuple[str, ...]

    @classmethod
    def of(cls, search: PersonSearch) -> Self:
        """Search the whole store; changes nothing. Bodies not loaded yet are skipped."""
        live, retired, strays = list[FileMatches](), list[str](), list[FileMatches]()
        listing, retired_listing = list[FileMatches](), list[str]()
        unread, unreadable = list[BodyMatch](), list[CatalogRow]()
        erased, held, has_rows, unsearchable = set[str](), HeldBatches(), False, 0
        for each in (*search.files(), *stray_search.search_parts(search)):
            found = each.found
            if found:
                erased |= found.batches
                add_held(held, found.held_batches)
                is_of_users = each.file["dataset"] != REJECTED
                unsearchable += found.unsearchable if each.is_live else 0
                has_rows = has_rows or (is_of_users and bool(found.rows or found.held))
            if stray_search.is_stray(search, each):
                strays += [each] if found and found.has_any else []
                if found is None:
                    unread.append(BodyMatch(each.file["path"], SearchResult.UNSEARCHABLE))
            elif not each.is_live:
                is_due = found is None or found.rows or each.listed.unused
                retired += [each.file["path"]] if is_due else []
                retired_listing += [each.file["path"]] if each.listed.unused else []
            elif found is None:
                unreadable.append(each.file)
            elif found.has_any:
                live.append(each)
            has_stayed = stray_search.is_stray(search, each) or each.is_live
            if found and not found.rows and each.listed.unused and has_stayed:
                listing.append(each)
        bodies = [body for body in search.bodies(frozenset(erased), held) if not body.is_new]
        quarantined = [*search.quarantined(), *stray_search.search_bodies(search), *unread]
        certain = [body for body in bodies if body.is_found]
        return cls(
            search=search,
            files=tuple(live),
            strays=tuple(strays),
            listing=tuple(listing),
            retired=tuple(retired),
            retired_listing=tuple(retired_listing),
            unreadable=tuple(unreadable),
            bodies=tuple(body for body in certain if not body.is_held),
            kept_bodies=tuple(body for body in certain if body.is_held),
            quarantined=tuple(body for body in quarantined if body.is_found),
            unsearchable=tuple(body for body in (*bodies, *quarantined) if not body.is_found),
            unsearchable_lines=unsearchable,
            has_rows=has_rows,
            released_holds=tuple(_released_holds(search)),
        )

    @property
    def retired_batches(self) -> list[CatalogRow]:
        """The batches whose raw bodies an erasure removes."""
        return [
            batch
            for body in self.bodies
            for batch in body.batches
            if batch["raw_retired_sequence"] is None
        ]

    @property
    def rewritten(self) -> list[FileMatches]:
        """The live files with rows of the person, or that list the name though no row has it."""
        found = [each for each in self.files if each.found and each.found.rows]
        return found + [each for each in self._listing_live if each.listed.naming]

    @property
    def listing_others(self) -> list[CatalogRow]:
        """The live files that list texts of no row, none of which has the name."""
        return [each.file for each in self._listing_live if not each.listed.naming]

    @property
    def listing_strays(self) -> list[FileMatches]:
        return [each for each in self.listing if stray_search.is_stray(self.search, each)]

    @property
    def _listing_live(self) -> list[FileMatches]:
        return [each for each in self.listing if not stray_search.is_stray(self.search, each)]

    @property
    def rewritten_strays(self) -> list[FileMatches]:
        return [each for each in self.strays if each.found and each.found.rows]

    @property
    def is_listed(self) -> bool:
        """Whether a file lists the whole name, though no row has it."""
        return any(each.listed.is_name for each in self.listing)

    @property
    def removed_paths(self) -> list[str]:
        """Files that are deleted and not replaced by another."""
        bodies = (*self.bodies, *self.quarantined)
        whole = [
            each.file["path"]
            for each in self.rewritten_strays
            if each.found and each.found.rows == each.file["rows"]
        ]
        return sorted({*self.retired, *whole, *(body.path for body in bodies)})

    @property
    def all_files(self) -> tuple[FileMatches, ...]:
        return (*self.files, *self.strays)

    @property
    def count(self) -> int:
        """What a person confirms: rows, rejected lines, bodies, and names in released holds."""
        rows = sum(each.found.rows for each in self.all_files if each.found)
        return rows + len(self.bodies) + len(self.quarantined) + len(self.released_holds)

    @property
    def is_incomplete(self) -> bool:
        """Whether a hold keeps something of the person."""
        return bool(self.kept_bodies) or any(
            each.found and each.found.held for each in self.all_files
        )

    @property
    def is_nothing(self) -> bool:
        """Whether an erasure would remove nothing."""
        return not (
            self.rewritten
            or self.rewritten_strays
            or self.retired
            or self.bodies
            or self.quarantined
            or self.released_holds
        )

    def by_dataset(self) -> dict[str, DatasetCounts]:
        """The datasets with an occurrence."""
        found: dict[str, DatasetCounts] = defaultdict(DatasetCounts)
        for each in self.all_files:
            _add_file(found, each)
        for body in self.bodies:
            for dataset in _datasets(body):
                found[dataset].raw_bodies += 1
        for body in self.kept_bodies:
            for dataset in _datasets(body):
                found[dataset].raw_bodies_kept += 1
        return dict(sorted(found.items()))


def _add_file(shares: dict[str, DatasetCounts], each: FileMatches) -> None:
    if each.found is None:
        return
    share = shares[each.file["dataset"]]
    share.rows += each.found.rows
    share.files += each.found.rows > 0
    share.mentions += each.found.mentions
    share.kept_by_hold = dict(Counter(share.kept_by_hold) + each.found.kept)
    if each.file["dataset"] == REJECTED:
        for dataset, lines in each.found.lines.items():
            shares[dataset].rejected_lines += lines


def _datasets(body: BodyMatch) -> Iterable[str]:
    return {batch["dataset"] for batch in body.batches} or {NO_DATASET}


def _released_holds(search: PersonSearch) -> Iterable[str]:
    with search.catalog.read() as connection:
        found = holds.list_all(connection)
    user = search.identifier.user
    return [hold.id for hold in found if hold.released_at is not None and hold.user == user]
