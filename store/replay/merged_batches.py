"""Where the rows of batches lie once compactions merged them, and which batches go together.

A line that came in two batches is one row, which is of the one and names the other in `also_in`.
Whoever takes the rows of the one away takes the line of the other with them; so both go, or stay.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import batches
from store.errors import StoreDamaged
from store.files.layout import REJECTED, Layout
from store.loading.loader import GROUP_BATCHES_MAX, GROUP_BYTES_MAX
from store.replay.batch_rows import Contents, Owner, contents
from store.replay.candidate_files import Reach
from store.replay.selection import Group

# A statement takes some ten thousand values.
IDS_ASKED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Kin:
    """Batches of one dataset, the oldest first, each with lines in rows of another."""

    batches: tuple[RowMapping, ...]

    @property
    def group(self) -> Group:
        return Group(self.batches, ())

    @property
    def inflated_bytes(self) -> int:
        return sum(batch["inflated_bytes"] or 0 for batch in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """All files with lines of the wanted batches and of their kin, and how many of which batch.

    Files with `faults` could not be read: whose lines are in them shows by what is missing.
    """

    kin: Sequence[Kin]
    contents: Sequence[Contents]
    rows: Counter[Owner]
    rejected: Counter[Owner]
    faults: Sequence[str]

    def missing(self, kin: Kin) -> str | None:
        """What of these batches is not there as the catalog says; None where all is."""
        for batch in kin.batches:
            owner = owner_of(batch)
            had = (batch["rows"] or 0, batch["rejected_lines"] or 0)
            if (self.rows[owner], self.rejected[owner]) != had:
                return (
                    f"its rows are not all there: of batch {owner.batch_id[:16]}"
                    f" {self.rows[owner]:,} of {had[0]:,} rows and"
                    f" {self.rejected[owner]:,} of {had[1]:,} rejected lines"
                )
        return None


def owner_of(batch: CatalogRow) -> Owner:
    return Owner(batch["dataset"], batch["batch_id"])


def locate(
    layout: Layout, catalog: Catalog, live: Sequence[CatalogRow], wanted: Iterable[RowMapping]
) -> Located:
    """Look for the rows of loaded batches, and of their kin, in every file that may hold some."""
    known = {owner_of(batch): batch for batch in wanted}
    starts, asked = list(known), list(known.values())
    found, faults, unread = list[Contents](), list[str](), list(live)
    kinship: dict[Owner, set[Owner]] = defaultdict(set)
    while asked:
        reach = Reach.of(asked)
        for file in (each for each in unread if reach.may_hold(each)):
            try:
                found.append(contents(layout, file))
            except StoreDamaged as error:
                faults.append(str(error))
            else:
                _relate(kinship, found[-1])
        unread = [each for each in unread if not reach.may_hold(each)]
        others = {owner for one in _families(kinship, starts) for owner in one} - known.keys()
        asked = _asked(catalog, others)
        known |= {owner_of(batch): batch for batch in asked}
    kin = [Kin(_ordered(known[owner] for owner in one)) for one in _families(kinship, starts)]
    return Located(
        kin=kin,
        contents=found,
        rows=_lines(each for each in found if each.file["dataset"] != REJECTED),
        rejected=_lines(each for each in found if each.file["dataset"] == REJECTED),
        faults=faults,
    )


def _lines(found: Iterable[Contents]) -> Counter[Owner]:
    """Each line once, whether it has a row of its own or not."""
    counted = Counter[Owner]()
    for each in found:
        counted.update(each.rows)
        counted.update(each.folded)
    return counted


def packs(found: Iterable[Kin]) -> Iterator[list[Kin]]:
    """As many at a time as a loader would load together, of one dataset, so that a replay leaves
    no more parts than a load.
    """
    pack: list[Kin] = []
    for each in sorted(found, key=lambda one: (one.group.dataset, one.batches[0]["sequence"])):
        if pack and not _fit_together([*pack, each]):
            yield pack
            pack = []
        pack.append(each)
    if pack:
        yield pack


def grouped(pack: Iterable[Kin]) -> Group:
    return Group(_ordered(batch for each in pack for batch in each.batches), ())


def _fit_together(pack: Sequence[Kin]) -> bool:
    return (
        pack[0].group.dataset == pack[-1].group.dataset
        and sum(len(each.batches) for each in pack) <= GROUP_BATCHES_MAX
        and sum(each.inflated_bytes for each in pack) <= GROUP_BYTES_MAX
    )


def _relate(kinship: dict[Owner, set[Owner]], found: Contents) -> None:
    for one, other in found.pairs:
        kinship[one].add(other)
        kinship[other].add(one)


def _families(kinship: dict[Owner, set[Owner]], starts: Iterable[Owner]) -> Iterator[set[Owner]]:
    """Every start with all that are kin to it, each once."""
    seen: set[Owner] = set()
    for start in starts:
        if start in seen:
            continue
        family, open_ends = {start}, [start]
        while open_ends:
            more = kinship.get(open_ends.pop(), set()) - family
            family |= more
            open_ends += more
        seen |= family
        yield family


def _asked(catalog: Catalog, owners: set[Owner]) -> list[RowMapping]:
    """Their rows of the catalog. StoreDamaged where a file names a batch that was never loaded."""
    ids = sorted({owner.batch_id for owner in owners})
    with catalog.read() as connection:
        found = [
            batch
            for start in range(0, len(ids), IDS_ASKED_MAX)
            for batch in _loaded(connection, ids[start : start + IDS_ASKED_MAX])
            if owner_of(batch) in owners
        ]
    if strange := owners - {owner_of(batch) for batch in found}:
        owner = min(strange)
        raise StoreDamaged(
            f"a row of {owner.dataset} names batch {owner.batch_id[:16]}, which was never loaded"
        )
    return found


def _loaded(connection: Connection, ids: Sequence[str]) -> Sequence[RowMapping]:
    query = select(batches).where(batches.c.batch_id.in_(ids), batches.c.state == "loaded")
    return connection.execute(query).mappings().all()


def _ordered(found: Iterable[RowMapping]) -> tuple[RowMapping, ...]:
    return tuple(sorted(found, key=lambda batch: int(batch["sequence"])))
