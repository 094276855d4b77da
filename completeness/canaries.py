"""Canaries: marked requests that must come back as rows, independent of Cloudflare's counts."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from queries.completeness.canaries import canaries
from queries.engine import QUESTIONED, open_engine
from store import timestamps
from store.catalog.scope import Scope
from store.log import Log
from store.registers.canaries import Canary, enter, sent
from store.store import Store
from upstream.canary import send
from upstream.options import CanaryOptions

# Logs arrive after one to five minutes; after this a canary counts as lost until it arrives.
LOST_AFTER = timedelta(minutes=30)

# A watch looks back only as far as needed to log the result of each canary once.
WATCHED = 2 * LOST_AFTER

# The period of a check. Losses before it show in the coverage of their hours as well.
CHECKED = timedelta(days=1)

# The clocks of the edge and of this machine may differ, so a row may seem older than its request.
CLOCKS_APART = timedelta(minutes=5)

ID_BYTES = 16
DATASET = "http_requests"
WAITS = "canary waits"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A canary that came back, and when the batch with its row was received."""

    canary: Canary
    received_at: datetime

    @property
    def delay_seconds(self) -> float:
        return (self.received_at - self.canary.sent_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryReport:
    """The result of each canary. The `unanswered` ones may never have reached Cloudflare."""

    back: Sequence[Arrival]
    waiting: Sequence[Canary]
    lost: Sequence[Canary]
    unanswered: Sequence[Canary]

    @property
    def delay_median(self) -> float | None:
        return median(self._delays) if self.back else None

    @property
    def delay_max(self) -> float | None:
        return max(self._delays, default=None)

    @property
    def _delays(self) -> list[float]:
        return [each.delay_seconds for each in self.back]


def send_one(store: Store, options: CanaryOptions) -> Canary:
    """Send a canary now and record it in the ledger."""
    mark, at = secrets.token_hex(ID_BYTES), store.clock()
    canary = Canary(mark, at, send(options, mark))
    enter(store.catalog, store.clock(), canary)
    return canary


def check(store: Store, since: datetime | None = None) -> CanaryReport:
    """The results of the canaries sent since then; without `since`, within CHECKED."""
    now = store.clock()
    all_sent = sent(store.catalog, since or now - CHECKED)
    received: dict[str, datetime] = {}
    if all_sent:
        start = all_sent[0].sent_at - CLOCKS_APART
        scope = Scope(dataset=DATASET, since=start)
        with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
            received = canaries(engine, start)
    away = [each for each in all_sent if each.id not in received]
    answered = [each for each in away if each.status is not None]
    return CanaryReport(
        back=[Arrival(each, received[each.id]) for each in all_sent if each.id in received],
        waiting=[each for each in answered if now - each.sent_at <= LOST_AFTER],
        lost=[each for each in answered if now - each.sent_at > LOST_AFTER],
        unanswered=[each for each in away if each.status is None],
    )


@dataclass(slots=True)
class CanaryWatch:
    """Sends one canary a round and logs each result once; `logged` are the ids of those."""

    store: Store
    options: CanaryOptions
    log: Log
    logged: set[str] = field(default_factory=set)

    def once(self) -> None:
        canary = send_one(self.store, self.options)
        self.log.info("canary sent", id=canary.id, status=canary.status)
        report = check(self.store, canary.sent_at - WATCHED)
        for back in report.back:
            if self._is_new(back.canary):
                self.log.info("canary back", id=back.canary.id, delay_seconds=back.delay_seconds)
        for lost in report.lost:
            if self._is_new(lost):
                self.log.error("canary lost", id=lost.id, sent_at=timestamps.to_text(lost.sent_at))

    def _is_new(self, canary: Canary) -> bool:
        is_new = canary.id not in self.logged
        self.logged.add(canary.id)
        return is_new


def is_wrong(report: CanaryReport) -> bool:
    return bool(report.lost)


def as_object(report: CanaryReport, sent_now: Canary | None) -> dict[str, Any]:
    return {
        "wrong": is_wrong(report),
        "sent": _canary_object(sent_now) if sent_now else None,
        "delay_seconds_median": report.delay_median,
        "delay_seconds_max": report.delay_max,
        "back": [
            {
                **_canary_object(each.canary),
                "received_at": timestamps.to_text(each.received_at),
                "delay_seconds": each.delay_seconds,
            }
            for each in report.back
        ],
        "waiting": [_canary_object(each) for each in report.waiting],
        "lost": [_canary_object(each) for each in report.lost],
        "unanswered": [_canary_object(each) for each in report.unanswered],
    }


def _canary_object(canary: Canary) -> dict[str, Any]:
    return {
        "id": canary.id,
        "sent_at": timestamps.to_text(canary.sent_at),
        "status": canary.status,
    }


def lines(report: CanaryReport, sent_now: Canary | None) -> Iterator[str]:
    if sent_now:
        answer = "not answered" if sent_now.status is None else f"answered {sent_now.status}"
        yield f"sent {sent_now.id}: {answer}"
    if report.back:
        yield (
            f"{len(report.back):,} came back, after {report.delay_median:,.0f} s in the median"
            f" and {report.delay_max:,.0f} s at most"
        )
    if report.waiting:
        yield f"{len(report.waiting):,} are on their way"
    if report.unanswered:
        yield f"{len(report.unanswered):,} got no answer, so they may not be in any log"
    for each in report.lost:
        yield f"lost {each.id}, sent at {timestamps.to_text(each.sent_at)}"
    if not (report.back or report.lost):
        yield "none came back yet"
