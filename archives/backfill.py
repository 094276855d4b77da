"""Backfills missing requests from Logpull; skips requests that Logpush already delivered.

The hours are requested one after the other. Requests that are not held become batches, and then a
ledger entry marks the hour as done. A run that was killed can be repeated: it continues after the
last entry, and requests that it had already stored are held.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from archives import body_splitter
from archives.errors import CannotFill
from archives.held_requests import DATASET, HeldRequests
from queries.shell_content import SHELL_CONTENT
from schema.dataset import datasets
from store import backlog
from store.backoff import Backoff
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

# Compared with the store at once: some ten thousand lines.
PIECE_BYTES = 32 * 1024 * 1024

# A person waits this long for a service to load what it received.
LOADING = Backoff(seconds_max=600.0)

# The fields that may contain the user of a request. They are custom fields, which Cloudflare
# documents only for Logpush.
USER_FIELDS = frozenset(rule.field for rule in datasets()[DATASET].identity)

_READ_BYTES = 1024 * 1024

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """What a person typed: a zone's name or id, and a period; without `until`, it ends now."""

    zone: str
    since: datetime
    until: datetime | None
    is_again: bool


@dataclass(slots=True, kw_only=True)
class BackfillResult:
    """Counts of one run. `until` is at most the newest time that Logpull returns."""

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
    # Whether Logpull returns a field that may contain the user of a request.
    has_names: bool = False


def run(
    store: Store, request: BackfillRequest, options: ApiOptions, log: Log, tell: Update
) -> BackfillResult:
    """Backfill the period, except hours that an earlier run has done."""
    store.recover()
    # Whole seconds, the finest documented precision.
    since = request.since.replace(microsecond=0)
    newest = store.clock() - LEAD_MIN
    until = min(request.until or newest, newest).replace(microsecond=0)
    if since >= until:
        raise CannotFill(
            f"Logpull only returns requests older than {LEAD_MIN.seconds // 60} minutes: choose an earlier --since"
        )
    if since < store.clock() - AGE_MAX:
        raise CannotFill(f"Logpull keeps {AGE_MAX.days} days: choose a later --since")
    with Connection(options) as connection:
        zone = find_zone(connection, request.zone)
        done = BackfillResult(zone=zone.name, since=since, until=until)
        _Run(store, zone, Logpull(connection, zone.id), done, tell).backfill(
            is_again=request.is_again
        )
    with durable.lock(store.layout.loader_lock) as alone:
        if alone:
            LiveLoading(store, log, SHELL_CONTENT).until_drained()
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    store: Store
    zone: Zone
    logpull: Logpull
    done: BackfillResult
    tell: Update

    @property
    def _source(self) -> Source:
        return Source(Kind.BACKFILL, {"zone_id": self.zone.id})

    def backfill(self, *, is_again: bool) -> None:
        if not self.logpull.is_retained():
            raise NotEntitled(_how_to_switch_on(self.zone))
        fields = self.logpull.fields()
        self.done.has_names = not USER_FIELDS.isdisjoint(fields)
        whole = Span(self.done.since, self.done.until)
        spans = fetches.spans(self.store.catalog, self._source)
        left = [whole] if is_again else fetches.missing(whole, spans)
        self.done.windows_done_before = len(list(_windows([whole]))) - len(list(_windows(left)))
        waiting = [*_windows(left)]
        while waiting:
            window = waiting.pop(0)
            self.tell(f"requesting {to_text(window.since)}, {self.done.records:,} records so far")
            if not self._backfill_window(window, fields):
                waiting[:0] = window.halves()

    def _backfill_window(self, window: Window, fields: list[str]) -> bool:
        """False where the window has too many requests for one answer."""
        _wait_until_loaded(self.store)
        self.store.limits.reserve.require(self.store.layout.root)
        # A temporary file disappears with the process; its content is personal data.
        with tempfile.TemporaryFile(dir=self.store.layout.root) as answer:
            self.done.requests += 1
            if isinstance(self.logpull.fetch(window, fields, answer), TooLarge):
                if not window.can_be_halved:
                    raise ApiUnavailable(
                        f"one second at {to_text(window.since)} has too many requests for one"
                        " answer, or its answers break off: try again later"
                    )
                return False
            answer.seek(0)
            self._enter(window, answer)
        return True

    def _enter(self, window: Window, answer: BinaryIO) -> None:
        records = already_held = duplicates = incomparable = 0
        batch_ids = list[str]()
        held, limit = HeldRequests(self.store), self.store.limits.body_bytes_max
        size = min(PIECE_BYTES, body_splitter.body_bytes(limit))
        for content in body_splitter.pieces(iter(lambda: answer.read(_READ_BYTES), b""), size):
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
        stored = Answer(Span(window.since, window.until), batch_ids)
        fetches.enter(self.store.catalog, self.store.clock(), self._source, facts, stored)
        self.done.windows += 1
        self.done.records += records
        self.done.already_held += already_held
        self.done.incomparable += incomparable
        self.done.batches += len(batch_ids) - duplicates

    def _settle(self, plain: bytes) -> Receipt:
        body = body_splitter.packed(plain)
        origin = Origin(DATASET, is_fetched=True)
        outcome = self.store.intake().take(
            [body], origin, claims_gzip=True, declared_bytes=len(body)
        )
        if not isinstance(outcome, Receipt):
            reason = (
                outcome.reason
                if isinstance(outcome, Refused)
                else "it was recognised as a test upload"
            )
            raise ApiUnavailable(f"an answer of Logpull cannot be stored: {reason}")
        return outcome


def _windows(spans: list[Span]) -> Iterator[Window]:
    """Whole hours by the clock, so that runs of other periods request the same windows."""
    for span in spans:
        since = span.since
        while since < span.until:
            hour = since.replace(minute=0, second=0, microsecond=0) + _HOUR
            until = min(hour, since + WINDOW_MAX, span.until)
            yield Window(since, until)
            since = until


def _wait_until_loaded(store: Store) -> None:
    """Requests that are not loaded cannot be compared, and would be stored twice."""
    for waiting in backlog.poll(store, LOADING):
        if not waiting:
            return
    raise StoreBusy("batches still wait to be loaded: see `raytrail status` and try again later")


def _how_to_switch_on(zone: Zone) -> str:
    return (
        f"Cloudflare keeps no requests of {zone.name} for Logpull: log retention is off. To switch"
        " it on for new requests, use a token with the permission Logs: Edit and send"
        f" POST /zones/{zone.id}/logs/control/retention/flag"
        ' with {"flag": true}, or use Analytics & Logs in the zone\'s dashboard'
    )
