"""The live files and raw bodies whose bytes are lost here: missing, or not what was written.

Loading, merging and publishing leave these files out, and a question that needs one says so. A file
that cannot be read for another reason, such as a missing permission, is never listed. An entry ends
when the file is whole again, or when the catalog no longer names it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from store import timestamps
from store.catalog.counts import CatalogRow
from store.catalog.tables import batches, damaged, files
from store.files.expected_file import ExpectedFile
from store.files.trouble import Trouble, TroubleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """One damaged file, and the `file` that it should be.

    Only a part has a dataset, a day (or a month), times and a format.
    """

    file: ExpectedFile
    kind: TroubleKind
    reason: str
    found_at: datetime
    found_by: str
    dataset: str | None = None
    day: str | None = None
    time_min: str | None = None
    time_max: str | None = None
    format: int | None = None

    @property
    def path(self) -> str:
        return self.file.path


def record(
    connection: Connection, path: str, trouble: Trouble, *, found_at: datetime, found_by: str
) -> bool:
    """List a file as damaged; False if it was listed before. The caller holds the write lock.

    ValueError for trouble that is no damage.
    """
    if not trouble.is_damage:
        raise ValueError(f"{path}: {trouble.kind} is no damage")
    facts = {"kind": trouble.kind.value, "reason": trouble.reason}
    again = update(damaged).where(damaged.c.path == path).values(facts)
    if connection.execute(again).rowcount:
        return False
    found = {"found_at": timestamps.to_text(found_at), "found_by": found_by}
    connection.execute(insert(damaged), {"path": path, **facts, **found})
    return True


def clear(connection: Connection, paths: Iterable[str]) -> None:
    """End the entries of files that are whole again. The caller holds the write lock."""
    for path in paths:
        connection.execute(delete(damaged).where(damaged.c.path == path))


def clear_unnamed(connection: Connection) -> int:
    """End the entries of files that the catalog no longer names; return how many."""
    gone = paths(connection) - {each.path for each in listed(connection)}
    clear(connection, gone)
    return len(gone)


def listed(connection: Connection) -> list[Damaged]:
    """Every damaged file that the catalog still names: parts first, then raw bodies."""
    return [*_parts(connection), *_bodies(connection)]


def paths(connection: Connection) -> frozenset[str]:
    """The paths in the list, for work that leaves these files out."""
    return frozenset(connection.scalars(select(damaged.c.path)))


def _parts(connection: Connection) -> Iterator[Damaged]:
    facts = ("dataset", "day", "time_min", "time_max", "format")
    query = (
        select(damaged, *(files.c[name] for name in ("sha256", "bytes", "rows", *facts)))
        .join(files, files.c.path == damaged.c.path)
        .where(files.c.retired_sequence.is_(None))
        .order_by(damaged.c.path)
    )
    for row in connection.execute(query).mappings():
        yield _damaged(row, row["rows"], {name: row[name] for name in facts})


def _bodies(connection: Connection) -> Iterator[Damaged]:
    """Grouped by path: the same body sent to two datasets is two batches and one file."""
    facts = (
        func.max(batches.c.batch_id).label("sha256"),
        func.max(batches.c.body_bytes).label("bytes"),
    )
    query = (
        select(damaged, *facts)
        .join(batches, batches.c.raw_path == damaged.c.path)
        .where(batches.c.raw_retired_sequence.is_(None))
        .group_by(damaged.c.path)
        .order_by(damaged.c.path)
    )
    for row in connection.execute(query).mappings():
        yield _damaged(row, None, {})


def _damaged(row: CatalogRow, rows: int | None, facts: dict[str, Any]) -> Damaged:
    return Damaged(
        file=ExpectedFile(row["path"], row["sha256"], row["bytes"], rows),
        kind=TroubleKind(row["kind"]),
        reason=row["reason"],
        found_at=timestamps.from_text(row["found_at"]),
        found_by=row["found_by"],
        **facts,
    )
