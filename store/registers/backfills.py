"""Which times of a zone were asked for already: the ledger's entries say so, nothing else does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.ledger import Entry
from store.catalog.tables import entries

KIND = "backfill"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `since` on and before `until`."""

    since: datetime
    until: datetime


def done(catalog: Catalog, zone_id: str) -> list[Span]:
    """Every span of the zone that was answered in full and entered."""
    query = select(entries.c.payload).where(entries.c.kind == KIND)
    with catalog.read() as connection:
        told = [orjson.loads(payload) for payload in connection.scalars(query)]
    return [
        Span(timestamps.from_text(each["since"]), timestamps.from_text(each["until"]))
        for each in told
        if each["zone_id"] == zone_id
    ]


def missing(wanted: Span, done: Iterable[Span]) -> list[Span]:
    """What of a span is in none of the others, in order."""
    left, since = list[Span](), wanted.since
    for span in sorted(done):
        if span.since > since:
            left.append(Span(since, min(span.since, wanted.until)))
        since = max(since, span.until)
        if since >= wanted.until:
            break
    else:
        left.append(Span(since, wanted.until))
    return [span for span in left if span.since < span.until]


def enter(
    catalog: Catalog,
    now: datetime,
    span: Span,
    batch_ids: Sequence[str],
    facts: Mapping[str, Any],
) -> Entry:
    """The span is done: all that was new of it is in batches of the ledger."""
    told = {
        "since": timestamps.to_text(span.since),
        "until": timestamps.to_text(span.until),
        "batches": list(batch_ids),
        **facts,
    }
    with catalog.write() as connection:
        return ledger.append(connection, "backfill", now, told)
