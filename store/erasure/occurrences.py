"""What a store has of one person: what would go with them, and what a hold or its owner keeps."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from store.erasure.person_search import BodyFound, FileFound, PersonSearch
from store.files.layout import REJECTED
from store.retention import holds

# Stands for the dataset of bodies that no batch tells.
NO_DATASET = ""


@dataclass(slots=True)
class Share:
    """One dataset's share. `rows` and `files` are rewritten, `rejected_lines` and `raw_bodies` go;
    `kept_by_hold` are rows that stay, by hold, `mentions` other people's rows.

    Of `rejected` the rows are all rejected lines, which count for the dataset they were sent to
    as well; a body that two datasets share counts for both.
    """

    rows: int = 0
    files: int = 0
    rejected_lines: int = 0
    raw_bodies: int = 0
    raw_bodies_kept: int = 0
    mentions: int = 0
    kept_by_hold: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """`files` are live ones in which something was found. `retired` are paths of files that nobody
    is shown any more and that still have rows of theirs, or cannot be read. `released_holds` are
    ids of those that name them.
    """

    search: PersonSearch
    files: tuple[FileFound, ...]
    retired: tuple[str, ...]
    bodies: tuple[BodyFound, ...]
    kept_bodies: tuple[BodyFound, ...]
    quarantined: tuple[BodyFound, ...]
    released_holds: tuple[str, ...]

    @classmethod
    def of(cls, search: PersonSearch) -> Self:
        """Look everywhere; nothing is changed. Bodies that are still to be loaded are not judged."""
        live, retired = list[FileFound](), list[str]()
        going, held = set[str](), set[str]()
        for each in search.files():
            found = each.found
            going |= found.batches if found else set()
            held |= found.held_batches if found else set()
            if not each.is_live:
                retired += [each.file["path"]] if found is None or found.rows else []
            elif found and (found.rows or found.held or found.mentions):
                live.append(each)
        bodies = [
            body for body in search.bodies(frozenset(going), frozenset(held)) if not body.is_new
        ]
        return cls(
            search=search,
            files=tuple(live),
            retired=tuple(retired),
            bodies=tuple(body for body in bodies if not body.is_held),
            kept_bodies=tuple(body for body in bodies if body.is_held),
            quarantined=tuple(search.quarantined()),
            released_holds=tuple(_released_holds(search)),
        )

    @property
    def rewritten(self) -> list[FileFound]:
        return [each for each in self.files if each.found and each.found.rows]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing would go."""
        return not (
            self.rewritten or self.retired or self.bodies or self.quarantined or self.released_holds
        )

    def shares(self) -> dict[str, Share]:
        """By dataset, those with nothing left out."""
        found: dict[str, Share] = defaultdict(Share)
        for each in self.files:
            _add_file(found, each)
        for body in self.bodies:
            for dataset in _datasets(body):
                found[dataset].raw_bodies += 1
        for body in self.kept_bodies:
            for dataset in _datasets(body):
                found[dataset].raw_bodies_kept += 1
        return dict(sorted(found.items()))


def _add_file(shares: dict[str, Share], each: FileFound) -> None:
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


def _datasets(body: BodyFound) -> Iterable[str]:
    return {batch["dataset"] for batch in body.batches} or {NO_DATASET}


def _released_holds(search: PersonSearch) -> Iterable[str]:
    with search.catalog.read() as connection:
        found = holds.listed(connection)
    user = search.identifier.user
    return [hold.id for hold in found if hold.released_at is not None and hold.user == user]
