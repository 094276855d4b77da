"""Pulls logins from an API into batches: request, convert to lines, drop known ones, store.

A window is done when its batches are durable and its ledger entry is written, in this order. After
a crash before that the window is requested again, and the register of seen records
(store/registers/seen_records.py) prevents duplicates.
"""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from schema.dataset import datasets
from store import timestamps
from store.intake.draft import Origin
from store.intake.outcome import Receipt
from store.intake.raw_body import RawBodies
from store.registers import fetches
from store.registers.seen_records import SeenRecords
from store.store import Store
from upstream.logins.answer import Answer
from upstream.logins.record import identity_of, line_of
from upstream.window import Window

# Logins appear in Cloudflare's logs some minutes after they happened. Those that appear later than
# this are found by `raytrail logins pull --since`.
OVERLAP = timedelta(hours=1)

# About 50 MB of lines, as in a batch of Logpush, however many logins a first pull returns.
LINES_A_BATCH = 50_000


class Source(Protocol):
    """An API that returns logins."""

    @property
    def dataset(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def span(self) -> timedelta: ...
    @property
    def span_max(self) -> timedelta: ...
    def reach(self, now: datetime) -> tuple[datetime, datetime]: ...
    def fetch(self, window: Window) -> Iterator[Answer]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledWindow:
    """The result of one window: the number of records, and how many of them were new.

    `is_cut` where the API did not return all of its records. `missed_since` is set where the time
    from then until this window was never pulled and is now too old for the API.
    """

    window: Window
    records: int
    fresh: int
    batch_ids: tuple[str, ...]
    is_cut: bool
    missed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    store: Store
    source: Source

    def run(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[PulledWindow]:
        """Pull from the end of the last pull, or the given period, window by window."""
        oldest, newest = self.source.reach(self.store.clock())
        position = fetches.position(self.store.catalog, self._fetched())
        is_next = since is None and until is None
        begin = since or max(position - OVERLAP if position else oldest, oldest)
        end = min(until or newest, newest)
        missed_since = position if is_next and position and position < oldest else None
        span = self.source.span
        while begin < end:
            window = Window(begin, min(begin + span, end))
            answers = list(self.source.fetch(window))
            done = self.keep(window, answers, is_next=is_next, missed_since=missed_since)
            yield done
            # Longer steps through periods without logins, or too old to be kept.
            span = self.source.span if done.records else min(span * 2, self.source.span_max)
            begin, missed_since = window.until, None

    def keep(
        self,
        window: Window,
        answers: list[Answer],
        *,
        is_next: bool = False,
        missed_since: datetime | None = None,
    ) -> PulledWindow:
        """Store the new records of these answers, then write the ledger entry."""
        dataset = datasets()[self.source.dataset]
        lines = [line_of(record, dataset) for answer in answers for record in answer.records]
        fresh = self._marks().unseen(lines)
        receipts = [self._receive(some) for some in _portions(fresh)]
        done = PulledWindow(
            window=window,
            records=len(lines),
            fresh=len(fresh),
            batch_ids=tuple(receipt.batch_id for receipt in receipts),
            is_cut=any(answer.is_cut for answer in answers),
            missed_since=missed_since,
        )
        facts = {
            "answers": [answer.facts() for answer in answers],
            "records": done.records,
            "fresh": done.fresh,
            "is_cut": done.is_cut,
            "is_next": is_next,
            "missed_since": timestamps.to_text(missed_since) if missed_since else None,
        }
        span = fetches.Span(window.since, window.until)
        answer = fetches.Answer(span, done.batch_ids)
        fetches.enter(self.store.catalog, self.store.clock(), self._fetched(), facts, answer)
        return done

    def _receive(self, lines: Sequence[bytes]) -> Receipt:
        """Store the lines in the same way as an upload."""
        body = gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)
        origin = Origin(self.source.dataset, is_fetched=True)
        receipt = self.store.intake().take(
            [body], origin, claims_gzip=True, declared_bytes=len(body)
        )
        assert isinstance(receipt, Receipt)  # noqa: S101 (a complete body of our own is never refused)
        return receipt

    def _marks(self) -> SeenRecords:
        name = self.source.dataset
        bodies = RawBodies(self.store.layout, self.store.limits.envelope)
        return SeenRecords(self.store.catalog, bodies, name, lambda line: identity_of(line, name))

    def _fetched(self) -> fetches.Source:
        members = {"dataset": self.source.dataset, "account": self.source.account_id}
        return fetches.Source(fetches.Kind.PULL, members)


def _portions(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (lines[start : start + LINES_A_BATCH] for start in range(0, len(lines), LINES_A_BATCH))
