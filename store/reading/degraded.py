"""What does not get on in a store that still receives, for `/health`, `status` and `doctor`.

Each check looks at one thing and yields its reasons. A new check is a function in CHECKS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from store.catalog import damage
from store.catalog.catalog import Catalog
from store.files.layout import Layout
from store.files.notices import Notices
from store.reading import status
from store.registers import acknowledgements, scrubs
from store.retention import clock

# Rows are visible within five seconds of the 200 at normal load; a minute is more than a peak.
LAG_SECONDS_MAX = 60.0

# As long as raw bodies are kept by default: until then a damaged part can be made again. A round of
# the scrub begins every week.
SCRUB_AGE_MAX = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is a fixed word for scripts. `text` is a sentence; `/health` shows it to everybody."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a check may look at. All checks see one consistent view of the catalog."""

    layout: Layout
    connection: Connection
    now: datetime
    notices: Notices


def reasons(
    layout: Layout, catalog: Catalog, now: datetime, notices: Notices
) -> tuple[Reason, ...]:
    """Why the store is degraded; empty if everything gets on."""
    with catalog.read() as connection:
        situation = Situation(layout=layout, connection=connection, now=now, notices=notices)
        return tuple(reason for check in CHECKS for reason in check(situation))


def _noticed(situation: Situation) -> Iterator[Reason]:
    """What the processes of the service report. The name of a notice begins with the code."""
    for name, text in situation.notices.read().items():
        code = name.partition("-")[0]
        # The path of the data folder is nobody's business.
        told = text.replace(str(situation.layout.root.absolute()), "the data folder")
        yield Reason(code, told or f"{code} does not get on")


def _clocked(situation: Situation) -> Iterator[Reason]:
    known = clock.known_right(situation.connection)
    if known is not None and known.doubt is not None:
        yield Reason(
            "clock",
            f"{known.doubt.text}; retention waits until the clock is right, or is confirmed with"
            " `raytrail retain --clock-is-right`",
        )


def _waiting(situation: Situation) -> Iterator[Reason]:
    waiting = status.pending(situation.connection, situation.now)
    if waiting.lag_seconds > LAG_SECONDS_MAX:
        yield Reason(
            "lag",
            f"{waiting.batches:,} stored batches wait to become rows, the oldest for"
            f" {waiting.lag_seconds:,.0f} s instead of a few seconds",
        )


def _strays(situation: Situation) -> Iterator[Reason]:
    if found := acknowledgements.strays(situation.connection, situation.layout):
        yield Reason(
            "stray",
            f"files in stray/ that the catalog does not know: {len(found):,};"
            " see `raytrail stray list`",
        )


def _damaged(situation: Situation) -> Iterator[Reason]:
    """Files that the catalog names no longer do not count, though the list may still have them."""
    found = damage.listed(situation.connection)
    if found:
        yield Reason(
            "damaged",
            f"damaged or missing files: {len(found):,}, the first is {found[0].path};"
            " see `raytrail fsck --deep`",
        )


def _scrubbed(situation: Situation) -> Iterator[Reason]:
    """Only of a store on which a scrub has ever run."""
    state = scrubs.state(situation.connection)
    waiting = timedelta(seconds=state.waiting_seconds(situation.now))
    if waiting > SCRUB_AGE_MAX:
        yield Reason("scrub", f"for {waiting.days:,} days not every file was read against its hash")
    newest = state.newest
    if newest is not None and newest.unreadable:
        text = f"files that could not be read: {newest.unreadable:,}; the log names them"
        yield Reason("scrub", text)
    if newest is not None and newest.catalog_problem:
        yield Reason("catalog", f"the catalog is damaged: {newest.catalog_problem}")


CHECKS: tuple[Callable[[Situation], Iterator[Reason]], ...] = (
    _noticed,
    _clocked,
    _waiting,
    _strays,
    _damaged,
    _scrubbed,
)
