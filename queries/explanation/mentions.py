"""Records that name a Ray ID without a column for it: rejected lines, and undocumented datasets.

Their text is searched, which takes longer than a bloom filter. So the search is near the request,
where its time is known, and an answer without it says so.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from queries.engine import Engine
from queries.errors import PartUnreadable, QueryFailed
from queries.explanation.explanation import OtherRecord
from queries.explanation.missing import Missing
from schema.dataset import datasets
from store.reading.live_part import view_of
from store.reading.snapshot import Snapshot

REJECTED = "rejected"

# Of one dataset; a person looks further with `raytrail sql`.
MENTIONS_SHOWN = 20

# Logpush tries for a limited time to deliver a batch; an archive may be imported later.
LATE = timedelta(days=7)


def searched_as_text(snapshot: Snapshot) -> list[str]:
    """The datasets of this snapshot whose records have no columns of their own."""
    return sorted(name for name in snapshot.files if name not in datasets())


def mentions(
    engine: Engine, ray_id: str, near: tuple[datetime | None, datetime | None]
) -> Iterator[OtherRecord | Missing]:
    """Every such record, or what could not be searched. `near` is when the request was, or the
    period of the question.
    """
    since, until = near
    bound = {"ray": ray_id, "shown": MENTIONS_SHOWN, "since": since, "until": until}
    for name in searched_as_text(engine.snapshot):
        try:
            if name == REJECTED:
                late = {**bound, "until": until and until + LATE}
                yield from _records(engine, name, "rejected_of_ray", late)
            else:
                yield from _records(
                    engine, name, "mentions_of_ray", {**bound, "dataset": view_of(name)}
                )
        except PartUnreadable:
            raise
        except QueryFailed as error:
            yield Missing(name, f"not searched: {error}; --since and --until limit the search")


def _records(
    engine: Engine, dataset: str, question: str, bound: Mapping[str, Any]
) -> Iterator[OtherRecord]:
    for record in engine.ask(f"explanation/{question}", bound).records():
        seen_at = record.pop("seen_at", None)
        yield OtherRecord(dataset=dataset, seen_at=seen_at, record=record)
