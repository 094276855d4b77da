"""Counts the rows of other datasets under the names of a report."""

from collections.abc import Iterator, Mapping
from typing import Any

from queries.engine import QUESTIONED, Engine
from queries.report.acts import OtherRows
from schema.unknown_dataset import dataset_named
from store.reading.live_part import view_of, without_damaged
from store.reading.snapshot import Snapshot


def rows_elsewhere(engine: Engine, scope: Mapping[str, Any]) -> tuple[OtherRows, ...]:
    """By dataset and name; `scope` has the names and the period."""
    return tuple(_rows(engine, scope))


def _rows(engine: Engine, scope: Mapping[str, Any]) -> Iterator[OtherRows]:
    damaged = {each.part.dataset for each in engine.snapshot.damaged}
    for dataset in sorted(others(engine.snapshot)):
        # A damaged file of another dataset must not refuse a report on requests.
        is_damaged = dataset in damaged
        view = without_damaged(dataset) if is_damaged else view_of(dataset)
        found = engine.ask("report/rows_elsewhere", {"view": view, **scope}).records()
        rows = [OtherRows(dataset=dataset, is_at_least=is_damaged, **row) for row in found]
        if is_damaged and not rows:
            rows = [_none_readable(dataset, name) for name in scope["who"]]
        yield from rows


def others(snapshot: Snapshot) -> frozenset[str]:
    """The snapshot's datasets that have users and that a report does not show row by row."""
    held = {*snapshot.files, *(each.part.dataset for each in snapshot.damaged)}
    return frozenset(name for name in held - set(QUESTIONED) if _has_users(name))


def _none_readable(dataset: str, name: str) -> OtherRows:
    return OtherRows(
        dataset=dataset, user_id=name, rows=0, is_at_least=True, first_seen=None, last_seen=None
    )


def _has_users(name: str) -> bool:
    dataset = dataset_named(name)
    return dataset is not None and bool(dataset.identity)
