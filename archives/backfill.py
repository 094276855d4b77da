"""Fills gaps with what Cloudflare still keeps, and doubles nothing that came by Logpush.

One hour after the other is asked for, the lines whose request is not held become batches, and an
entry says that the hour is done. Killed at any point and run again, it goes on behind the last
entry; lines it had entered by then are held.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from archives import cutter
from archives.errors import CannotFill
from archives.held_requests import DATASET, HeldRequests
from queries.definitions import shell_statements
from schema.dataset import datasets
from store import backlog
from store.backoff import Patience
from store.errors import StoreBusy
from store.files import durable
from store.intake.draft import Origin
from store.intake.outcome import Receipt, Refused
from store.live_loading import LiveLoading
from store.log import Log, Update
from store.registers import fetches
from store.registers.fetches import Answer, Kind, Source, Span
from store.store import Store
from store.timestamps import to_text
from upstream.connection import Connection
from upstream.errors import ApiUnavailable, NotEntitled
from upstream.logpull import AGE_MAX, LEAD_MIN, WINDOW_MAX, Logpull, TooLarge
from upstream.options import ApiOptions
from upstream.place import Zone, find_zone
from upstream.window import Window

# What is compared with the store at once: some ten thousand lines.
PIECE_BYTES = 32 * 1024 * 1024

# As long as a person waits for a service to load what it just received.
LOADING = Patience(seconds_max=600.0)

# Where the user of a request is told, if anywhere. These are custom fields, which Cloudflare
# documents for Logpush alone.
NAMING = frozenset(rule.field for rule in datasets()[DATASET].identity)

_READ_BYTES = 1024 * 1024

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed: a zone's name or id, and a time that ends where `until` is missing now."""

    zone: str
    since: datetime
    until: datetime | None
    is_again: bool


@dataclass(slots=True, kw_only=True)
class Filled:
    """Counts of one run. `until` is how far Cloudflare can be asked, or less."""

    zone: str
    since: datetime
    until: datetime
    windows: int = 0
    windows_done_before: int = 0
    requests: int = 0
    records: int = 0
    already_held: int = 0
    incomparable: int = 0
    batches: int = 0
    # Whether Cloudflare gives a field that may hold the user of a request.
    has_names: bool = False


def run(store: Store, wanted: Wanted, options: ApiOptions, log: Log, tell: Update) -> Filled:
    """Ask for all that is wanted and was not asked for before."""
    store.recover()
    # Whole seconds: nothing smaller is documented to be understood.
    since = wanted.since.replace(microsecond=0)
    newest = store.clock() - LEAD_MIN
    until = min(wanted.until or newest, newest).replace(microsecond=0)
    if since >= until:
        raise CannotFill(f"Logpull tells what is older than {LEAD_MIN.seconds // 60} minutes")
    if since < store.clock() - AGE_MAX:
        raise CannotFill(f"Logpull keeps {AGE_MAX.days} days; --since is before that")
    with Connection(options) as connection:
        zone = find_zone(connection, wanted.zone)
        done = Filled(zone=zone.name, since=since, until=until)
        _Run(store, zone, Logpull(connection, zone.id), done, tell).fill(is_again=wanted.is_again)
    with durable.lock(store.layout.loader_lock) as alone:
        if alone:
            LiveLoading(store, log, shell_statements()).until_drained()
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    store: Store
    zone: Zone
    logpull: Logpull
    done: Filled
    tell: Update

    @property
    def _source(self) -> Source:
        return Source(Kind.BACKFILL, {"zone_id": self.zone.id})

    def fill(self, *, is_again: bool) -> None:
        if not self.logpull.is_retained():
            raise NotEntitled(_how_to_switch_on(self.zone))
        fields = self.logpull.fields()
        self.done.has_names = not NAMING.isdisjoint(fields)
        whole = Span(self.done.since, self.done.until)
        spans = fetches.spans(self.store.catalog, self._source)
        left = [whole] if is_again else fetches.missing(whole, spans)
        self.done.windows_done_before = len(list(_windows([whole]))) - len(list(_windows(left)))
        waiting = [*_windows(left)]
        while waiting:
            window = waiting.pop(0)
            self.tell(f"asking for {to_text(window.since)}, {self.done.records:,} records so far")
            if not self._fill(window, fields):
                waiting[:0] = window.halves()

    def _fill(self, window: Window, fields: list[str]) -> bool:
        """False where the window holds too much for one answer."""
        _wait_until_loaded(self.store)
        self.store.limits.reserve.demand(self.store.layout.root)
        # It is gone with the process; what is in it is personal.
        with tempfile.TemporaryFile(dir=self.store.layout.root) as answer:
            self.done.requests += 1
            if isinstance(self.logpull.fetch(window, fields, answer), TooLarge):
                if not window.can_be_halved:
                    raise ApiUnavailable(f"a second at {to_text(window.since)} is too much to ask")
                return False
            answer.seek(0)
            self._enter(window, answer)
        return True

    def _enter(self, window: Window, answer: BinaryIO) -> None:
        records = already_held = duplicates = incomparable = 0
        batch_ids = list[str]()
        held, limit = HeldRequests(self.store), self.store.limits.body_bytes_max
        size = min(PIECE_BYTES, cutter.body_bytes(limit))
        for content in cutter.pieces(iter(lambda: answer.read(_READ_BYTES), b""), size):
            lines = content.removesuffix(b"\n").split(b"\n")
            found = held.among(content)
            new = [line for number, line in enumerate(lines, 1) if number not in found.lines]
            records += len(lines)
            already_held += len(lines) - len(new)
            incomparable = max(incomparable, found.incomparable)
            if new:
                receipt = self._settle(b"\n".join((*new, b"")))
                duplicates += receipt.is_duplicate
                batch_ids.append(receipt.batch_id)
        facts = {
            "zone": self.zone.name,
            "records": records,
            "already_held": already_held,
            "incomparable": incomparable,
            "duplicates": duplicates,
            "has_names": self.done.has_names,
        }
        told = Answer(Span(window.since, window.until), batch_ids)
        fetches.enter(self.store.catalog, self.store.clock(), self._source, facts, told)
        self.done.windows += 1
        self.done.records += records
        self.done.already_held += already_held
        self.done.incomparable += incomparable
        self.done.batches += len(batch_ids) - duplicates

    def _settle(self, plain: bytes) -> Receipt:
        body = cutter.packed(plain)
        origin = Origin(DATASET, is_fetched=True)
        outcome = self.store.intake().take(
            [body], origin, claims_gzip=True, declared_bytes=len(body)
        )
        if not isinstance(outcome, Receipt):
            reason = outcome.reason if isinstance(outcome, Refused) else "taken for a test"
            raise ApiUnavailable(f"an answer of Logpull cannot be kept: {reason}")
        return outcome


def _windows(spans: list[Span]) -> Iterator[Window]:
    """Hours of the clock, so that another run with other ends asks for the same ones."""
    for span in spans:
        since = span.since
        while since < span.until:
            hour = since.replace(minute=0, second=0, microsecond=0) + _HOUR
            until = min(hour, since + WINDOW_MAX, span.until)
            yield Window(since, until)
            since = until


def _wait_until_loaded(store: Store) -> None:
    """What is not loaded cannot be looked at, and would be entered twice."""
    for waiting in backlog.settling(store, LOADING):
        if not waiting:
            return
    raise StoreBusy("batches still wait to be loaded; see `raytrail status`, and try again")


def _how_to_switch_on(zone: Zone) -> str:
    return (
        f"Cloudflare keeps no requests of {zone.name} for Logpull: log retention is off. To keep"
        " them from now on, ask with a token that has Logs: Edit for"
        f" POST /zones/{zone.id}/logs/control/retention/flag"
        ' with {"flag": true}, or see the zone\'s dashboard, Analytics & Logs'
    )
