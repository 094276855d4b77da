"""What it costs that a header is not logged, and which headers the last records lack.

Only the custom fields at Cloudflare say for certain what is logged. Records are asked where no
API token is set: people's browsers send most of these headers with each request over HTTPS.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType

from queries.completeness.logged_headers import LoggedHeaders, logged_headers
from queries.engine import QUESTIONED, open_engine
from queries.errors import QueryFailed
from raytrail.doctor.finding import Finding, Grade
from store.catalog.scope import Scope
from store.store import Store
from store.timestamps import from_text

DATASET = "http_requests"
# The last records that were received are asked, however old they are.
RECORDS_ASKED = timedelta(days=1)

COSTS: Mapping[str, str] = MappingProxyType(
    {
        "sec-fetch-dest": "pages are told from frames, files and data by their content type only",
        "sec-fetch-mode": "a visited page cannot be told from one that a script fetched",
        "sec-fetch-user": "a person's own click cannot be told from a move that the page made",
        "sec-fetch-site": "a request that another site caused looks like one of this site",
        "sec-purpose": "pages that a browser fetched ahead count as viewed by the person",
        "content-disposition": "a file behind a link without a telling name may count as a page",
        "content-length": "the whole size of a file whose transfer broke off is unknown",
    }
)

HELPS = (
    "set RAYTRAIL_CLOUDFLARE_TOKEN, then `raytrail setup`; or add the custom field by hand, see"
    " docs/setup.md"
)


def not_logged(place: str, names: Iterable[str], why: str, helps: str) -> Iterator[Finding]:
    """One note each. Trails work without these headers, but say less."""
    for name in names:
        yield Finding(
            about="field",
            grade=Grade.NOTE,
            text=f"{place}: {name} {why}",
            means=COSTS[name],
            helps=helps,
        )


def examine(store: Store) -> Iterator[Finding]:
    """What the records of the last day tell. A store without records of it gives no finding."""
    # A file that cannot be read is a finding of its own.
    with suppress(QueryFailed):
        for zone in _last(store):
            of = f"{zone.requests:,} requests of people's browsers"
            yield from not_logged(
                zone.zone or DATASET, zone.missing(), f"is in none of the last {of}", HELPS
            )


def _last(store: Store) -> list[LoggedHeaders]:
    whole = store.snapshot(Scope(dataset=DATASET))
    ends = [part.time_max for part in whole.parts.values() if part.dataset == DATASET]
    newest = max(filter(None, ends), default=None)
    if newest is None:
        return []
    since = from_text(newest) - RECORDS_ASKED
    snapshot = store.snapshot(Scope(dataset=DATASET, since=since)).without_damaged()
    with open_engine(snapshot, datasets=QUESTIONED) as engine:
        return logged_headers(engine, since)
