"""What was fetched: from which source, for which time, and which batches hold the answer.

A pull of logins, a backfill and an import of archives are fetches. Each writes one ledger entry,
after its batches and never before, so that a fetch that was killed is made again. Beside that, an
import notes each file that it finished, so that a resumed import skips the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, delete, func, insert, literal, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.databases.expressions import IsTrue, Member
from store.catalog.register_tables import imports
from store.catalog.tables import entries
from store.ledger.entry import Entry

# SQLite takes 32,766 values a statement.
FILES_AT_ONCE = 5_000


class Kind(Enum):
    """The kind of the ledger entry."""

    PULL = "pulled"
    BACKFILL = "backfill"
    IMPORT = "import"


# The member of a payload that lists the batches; an import lists them by file, in its table.
_BATCH_IDS = {Kind.PULL: "batch_ids", Kind.BACKFILL: "batches"}


@dataclass(frozen=True, slots=True)
class Source:
    """`members` are those of a payload that name the source, such as an account or a zone."""

    kind: Kind
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `since` on and before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The span that a fetch covers, and the ids of the batches that hold what was new."""

    span: Span
    batch_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class ArchivedObject:
    """One file of an archive; size and time of change tell whether it is still the same."""

    uri: str
    path: str
    bytes: int
    modified: str


@dataclass(frozen=True, slots=True)
class ImportedFile:
    found: ArchivedObject
    batch_ids: Sequence[str]


def enter(
    catalog: Catalog,
    now: datetime,
    source: Source,
    facts: Mapping[str, Any],
    answer: Answer | None = None,
) -> Entry:
    """Enter one fetch; `facts` have `is_next` if it follows the one before it without a gap."""
    payload = {**source.members, **facts}
    if answer:
        payload["since"] = timestamps.to_text(answer.span.since)
        payload["until"] = timestamps.to_text(answer.span.until)
        payload[_BATCH_IDS[source.kind]] = list(answer.batch_ids)
    with catalog.write() as connection:
        return ledger.append(connection, source.kind.value, now, payload)


def spans(catalog: Catalog, source: Source, *, only_following: bool = False) -> list[Span]:
    """Every span of the source that was fetched in full, in the order of the entries.

    `only_following` leaves out fetches that did not follow the one before without a gap.
    """
    conditions: list[ColumnElement[bool]] = [
        _member(name) == value for name, value in source.members.items()
    ]
    if only_following:
        conditions.append(_is_next())
    query = (
        select(_member("since"), _member("until"))
        .where(entries.c.kind == source.kind.value, *conditions)
        .order_by(entries.c.sequence)
    )
    with catalog.read() as connection:
        return [
            Span(timestamps.from_text(since), timestamps.from_text(until))
            for since, until in connection.execute(query)
        ]


def position(catalog: Catalog, source: Source) -> datetime | None:
    """Up to when the source was fetched without a gap; None before the first time."""
    following = spans(catalog, source, only_following=True)
    return following[-1].until if following else None


def positions(catalog: Catalog) -> dict[str, datetime]:
    """Up to when each dataset was pulled without a gap; of several accounts the newest counts."""
    dataset, until = _member("dataset"), _member("until")
    is_following = entries.c.kind == Kind.PULL.value, _is_next()
    query = select(dataset, func.max(until)).where(*is_following).group_by(dataset)
    with catalog.read() as connection:
        return {name: timestamps.from_text(text) for name, text in connection.execute(query)}


def missing(wanted: Span, fetched: Iterable[Span]) -> list[Span]:
    """The parts of a span that none of the others covers, in order."""
    left, since = list[Span](), wanted.since
    for span in sorted(fetched):
        if span.since > since:
            left.append(Span(since, min(span.since, wanted.until)))
        since = max(since, span.until)
        if since >= wanted.until:
            break
    else:
        left.append(Span(since, wanted.until))
    return [span for span in left if span.since < span.until]


def imported(
    catalog: Catalog, dataset: str, found: Sequence[ArchivedObject]
) -> frozenset[ArchivedObject]:
    """Those of the files that an import of this dataset finished and that have not changed since.

    `dataset` is the one that the import named, and empty where it named none.
    """
    same = set[ArchivedObject]()
    columns = imports.c.uri, imports.c.bytes, imports.c.modified
    with catalog.read() as connection:
        for start in range(0, len(found), FILES_AT_ONCE):
            some = {each.uri: each for each in found[start : start + FILES_AT_ONCE]}
            query = select(*columns).where(imports.c.asked == dataset, imports.c.uri.in_(some))
            for uri, size, modified in connection.execute(query):
                each = some[uri]
                # Without a time, a file of the same name and size may still be another one.
                if modified and (each.bytes, each.modified) == (size, modified):
                    same.add(each)
    return frozenset(same)


def note_imported(
    catalog: Catalog, dataset: str, files: Sequence[ImportedFile], now: datetime
) -> None:
    """Note files whose batches all have receipts."""
    rows = [
        {
            "uri": each.found.uri,
            "asked": dataset,
            "bytes": each.found.bytes,
            "modified": each.found.modified,
            "imported_at": timestamps.to_text(now),
            "batches": orjson.dumps(list(each.batch_ids)).decode(),
        }
        for each in files
    ]
    if not rows:
        return
    older = imports.c.asked == dataset, imports.c.uri.in_([row["uri"] for row in rows])
    with catalog.write() as connection:
        connection.execute(delete(imports).where(*older))
        connection.execute(insert(imports), rows)


def _member(name: str) -> Member:
    return Member(entries.c.payload, literal(name))


def _is_next() -> IsTrue:
    return IsTrue(entries.c.payload, literal("is_next"))
