"""The rows that the catalog must have by the entries of the ledger, beside those that it has.

They are derived as a rebuild derives them (store/rebuild/derivation.py), without the files on disk:
what an entry does not tell is not compared.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select
from sqlalchemy.exc import SQLAlchemyError

from store import timestamps
from store.catalog import ledger, register_tables, tables
from store.catalog.migration import METADATA
from store.catalog.sql.scratch import scratch
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.loading.diagnosis import NOTED
from store.rebuild.derivation import Derivation
from store.rebuild.disk import Disk
from store.rebuild.hold_rows import HoldRows
from store.registers.identity import name_pairs
from store.retention.hold_files import CRITERIA

Row = Mapping[str, Any]

# Tables that follow from the entries alone, column by column.
REGISTERS = (
    register_tables.applications,
    register_tables.coverage,
    register_tables.canaries,
    register_tables.drifts,
    register_tables.acknowledgements,
    register_tables.keep_outs,
    register_tables.excluded_records,
)

# No entry tells how often a batch was tried or sent again, nor which field gave trouble in it.
_UNTOLD = {"attempts", "deaths", "tried_by", "resends", "tally"}
# What entries of older versions left out of a loaded batch.
_SELDOM = {*NOTED, "rows", "rejected_lines", "blank_lines", "inflated_bytes"}
# Older versions noted neither the tier of a file nor its number.
_LATER = {"tier", "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row: as the catalog has it, as the ledger has it, and the columns that differ.

    None for a row that only the other one has. `is_known`: the ledger tells all of it.
    """

    table: Table
    path: str
    here: Row | None
    there: Row | None
    columns: tuple[str, ...] = ()
    is_known: bool = True


@contextmanager
def derived(connection: Connection, layout: Layout) -> Iterator[Derivation]:
    """What the entries of a catalog tell. StoreDamaged if one of them cannot be understood."""
    paths = frozenset(connection.scalars(select(tables.files.c.path)))
    with scratch(METADATA) as made:
        # As if every file that the catalog names were on disk: others do not matter here.
        derivation = Derivation(made, layout, Disk(parts=paths, raw=frozenset()))
        number = 0
        try:
            for entry in ledger.walk(connection):
                number = entry.sequence
                derivation.take(entry)
            derivation.batches.settle()
        except (AttributeError, LookupError, TypeError, ValueError, SQLAlchemyError) as error:
            raise StoreDamaged(f"entry {number} or the next one cannot be understood") from error
        yield derivation


def differences(connection: Connection, layout: Layout, now: datetime) -> Iterator[Difference]:
    """Every row that is not what the entries tell. StoreDamaged as above."""
    with derived(connection, layout) as made:
        yield from _batches(connection, made)
        yield from _files(connection, made)
        yield from _holds(connection, made.holds)
        yield from _name_pairs(connection, made.connection)
        for table in REGISTERS:
            # Entries of older versions did not tell when an application began.
            if table is not register_tables.applications or not made.guessed_applications:
                for each in _register(connection, made.connection, table):
                    if not _is_over(each, now):
                        yield each


def _batches(connection: Connection, made: Derivation) -> Iterator[Difference]:
    table = tables.batches
    compared = [name for name in table.columns.keys() if name not in _UNTOLD]  # noqa: SIM118
    for here, there in _pairs(connection, made.connection, table):
        path = f"batches/{(here or there or {})['sequence']}"
        if here is None or there is None:
            yield Difference(table=table, path=path, here=here, there=there)
            continue
        columns = tuple(
            name
            for name in compared
            if here[name] != there[name] and not _is_silent(name, here, there, made)
        )
        if columns:
            yield Difference(table=table, path=path, here=here, there=there, columns=columns)


def _is_silent(name: str, here: Row, there: Row, made: Derivation) -> bool:
    if there[name] is not None:
        return False
    if name == "raw_retired_sequence":
        return here[name] in made.silent_erasures
    return name in _SELDOM and there["state"] == "loaded"


def _files(connection: Connection, made: Derivation) -> Iterator[Difference]:
    table = tables.files
    told: dict[str, Row] = dict(made.files.live)
    for path, each in made.files.retired.items():
        told[path] = {**each.row, "retired_sequence": each.sequence}
    rows = connection.execute(select(table).order_by(table.c.path)).mappings().all()
    for here in map(dict, rows):
        there = told.pop(here["path"], None)
        columns = () if there is None else tuple(_differing(here, there))
        if columns or there is None:
            yield Difference(
                table=table, path=here["path"], here=here, there=there, columns=columns
            )
    for path, there in told.items():
        yield Difference(table=table, path=path, here=None, there=there)


def _differing(here: Row, there: Row) -> Iterator[str]:
    for name, value in there.items():
        if name in here and here[name] != value and not (name in _LATER and here[name] is None):
            yield name


def _holds(connection: Connection, made: HoldRows) -> Iterator[Difference]:
    table = tables.holds
    rows = {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}
    for hold_id in sorted(made.ids() | rows.keys()):
        here, there, path = rows.get(hold_id), None, f"holds/{hold_id}"
        if hold_id not in made.ids():
            yield Difference(table=table, path=path, here=here, there=None)
            continue
        there = made.row(hold_id)
        if here is not None:
            # The catalog may know a criterion whose file is lost.
            right = {
                name: here[name] for name in CRITERIA if made.is_told(hold_id, name, here[name])
            }
            there |= right
        columns = () if here is None else tuple(_differing(here, there))
        if here is None or columns:
            is_known = not made.lost(there)
            yield Difference(
                table=table, path=path, here=here, there=there, columns=columns, is_known=is_known
            )


def _name_pairs(connection: Connection, made: Connection) -> Iterator[Difference]:
    """The catalog may know the names of a link whose file is lost, so only their digest counts."""
    for each in _register(connection, made, register_tables.name_pairs):
        here, there = each.here, each.there
        if here is None or there is None or not name_pairs.is_told(here, here):
            yield each
        elif columns := tuple(name for name in each.columns if name not in ("name", "other")):
            yield replace(each, columns=columns)


def _is_over(each: Difference, now: datetime) -> bool:
    """A keep-out past its term, which is deleted and in no entry."""
    is_gone = each.table is register_tables.keep_outs and each.here is None
    return is_gone and each.there is not None and each.there["until"] <= timestamps.to_text(now)


def _register(connection: Connection, made: Connection, table: Table) -> Iterator[Difference]:
    keys = [column.name for column in table.primary_key]
    for here, there in _pairs(connection, made, table):
        row = here or there or {}
        path = "/".join((table.name, *(str(row[key]) for key in keys)))
        if here is None or there is None:
            yield Difference(table=table, path=path, here=here, there=there)
        elif columns := tuple(_differing(here, there)):
            yield Difference(table=table, path=path, here=here, there=there, columns=columns)


def _pairs(
    first: Connection, second: Connection, table: Table
) -> Iterator[tuple[Row | None, Row | None]]:
    """The rows of both, side by side by their key; None where one has no such row."""
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=1000)
    left, right = (iter(each.execute(query).mappings()) for each in (first, second))
    key = _key_of(table)
    here, there = _next(left), _next(right)
    while here is not None or there is not None:
        if there is None or (here is not None and key(here) < key(there)):
            yield here, None
            here = _next(left)
        elif here is None or key(there) < key(here):
            yield None, there
            there = _next(right)
        else:
            yield here, there
            here, there = _next(left), _next(right)


def _next(rows: Iterator[RowMapping]) -> Row | None:
    row = next(rows, None)
    return None if row is None else dict(row)


def _key_of(table: Table) -> Callable[[Row], list[Any]]:
    names = [column.name for column in table.primary_key]
    return lambda row: [row[name] for name in names]
