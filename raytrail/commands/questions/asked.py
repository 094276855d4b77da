"""What `raytrail report` and `raytrail trail` were asked: whose requests, and of which period."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from queries.engine import QUESTIONED, Engine, open_engine
from queries.people import UnknownUser, can_be_logged, look_up
from queries.period import ALWAYS, Period, parse_period
from queries.trail import TrailRow
from queries.trail import trail as make_trail
from store.catalog.scope import Scope
from store.files.layout import Layout
from store.reading import live_files
from store.reading.snapshot import Snapshot
from store.timestamps import system_clock

DATASET = "http_requests"


@dataclass(frozen=True, slots=True)
class Asked:
    """`folder` is the store's; `since` and `until` are as typed."""

    folder: Path
    user: str
    since: str
    until: str
    access_hosts: frozenset[str]

    def period(self) -> Period:
        return parse_period(self.since, self.until)

    def snapshot(self, period: Period = ALWAYS) -> Snapshot:
        """The live files that may hold rows of this user in a period."""
        # No file can hold a name that cannot be logged.
        user = self.user if can_be_logged(self.user) else ""
        return take(
            self.folder,
            Scope(dataset=DATASET, user=user, since=period.since, until=period.until),
        )

    def rows(self, engine: Engine, host: str = "") -> Iterator[TrailRow]:
        return make_trail(
            engine,
            self.user,
            self.period(),
            host=host,
            configured_access_hosts=self.access_hosts,
        )

    def unknown(self) -> UnknownUser:
        """Suggest similar names; that reads the names of all users."""
        with open_engine(take(self.folder), datasets=QUESTIONED) as engine:
            found = look_up(engine, self.user)
        return found if isinstance(found, UnknownUser) else UnknownUser(self.user, ())


def take(folder: Path, scope: Scope | None = None) -> Snapshot:
    return live_files.snapshot(Layout(folder), system_clock(), scope)
