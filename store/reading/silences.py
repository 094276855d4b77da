"""Times in which no batch of a dataset was received, so that "no requests" is not claimed of them.

That is all that is known: the receiver may have been down, Logpush may have failed, or there were
no requests to send. What happened then may have been sent later, or imported.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store import timestamps
from store.catalog import read_only
from store.catalog.databases.reading import Statement
from store.files.layout import Layout

# Logpush sends at least every few minutes while there are requests.
SHORTEST = timedelta(hours=1)

# A person reads a few; a year of empty nights has some hundred.
SILENCES_MAX = 100


@dataclass(frozen=True, slots=True)
class Silence:
    """No batch was received between these two receipts; None where there is no such receipt."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Silences:
    """Those that overlap a period, in order of time; `more` shorter ones are left out."""

    found: tuple[Silence, ...]
    more: int = 0


_STATEMENT = Statement("store.reading.sql", "silences")

NO_SILENCES = Silences(())


def silences(layout: Layout, dataset: str, since: datetime, until: datetime) -> Silences:
    """Of a period in UTC without a zone."""
    bound = {
        "dataset": dataset,
        "since": timestamps.to_text(since),
        "until": timestamps.to_text(until),
        "seconds": SHORTEST // timedelta(seconds=1),
        "most": SILENCES_MAX,
    }
    with read_only.opened(layout) as connection:
        rows = connection.execute(_STATEMENT, bound).fetchall()
    found = [Silence(_moment(row["since"]), _moment(row["until"])) for row in rows]
    in_order = sorted(found, key=lambda each: each.since or datetime.min)  # noqa: DTZ901
    return Silences(tuple(in_order), (rows[0]["found"] if rows else 0) - len(rows))


def _moment(text: str | None) -> datetime | None:
    return timestamps.from_text(text) if text else None
