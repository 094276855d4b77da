"""Canaries: marked requests that must come back as rows, whatever anybody's counters say."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from queries.canaries import canaries
from queries.engine import QUESTIONED, open_engine
from store import timestamps
from store.catalog.scope import Scope
from store.log import Log
from store.registers.canaries import Canary, enter, sent
from store.store import Store
from upstream.canary import send
from upstream.options import CanaryOptions

# Logs come after one to five minutes; what is late by so much more is missing until it comes.
LOST_AFTER = timedelta(minutes=30)

# Whoever watches looks at no more than is needed to tell each of them once.
TOLD = 2 * LOST_AFTER

# How far back a check looks: of older ones the coverage of their hours tells as well.
CHECKED = timedelta(days=1)

# The edge's clock and ours may differ by that much, and then a row seems older than its request.
CLOCKS_APART = timedelta(minutes=5)

ID_BYTES = 16
DATASET = "http_requests"
WAITS = "canary waits"


@dataclass(frozen=True, slots=True)
class Back:
    """A canary that came back; `delay_seconds` is from its request to the batch it came in."""

    canary: Canary
    received_at: datetime

    @property
    def delay_seconds(self) -> float:
        return (self.received_at - self.canary.sent_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of each. `unanswered` ones may never have been requests at all."""

    back: Sequence[Back]
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
    """Send one now, and note it in the ledger."""
    mark, at = secrets.token_hex(ID_BYTES), store.clock()
    canary = Canary(mark, at, send(options, mark))
    enter(store.catalog, store.clock(), canary)
    return canary


def check(store: Store, since: datetime | None = None) -> Checked:
    """What became of those sent since then, else within CHECKED."""
    now = store.clock()
    flown = sent(store.catalog, since or now - CHECKED)
    received: dict[str, datetime] = {}
    if flown:
        start = flown[0].sent_at - CLOCKS_APART
        scope = Scope(dataset=DATASET, since=start)
        with open_engine(store.snapshot(scope), datasets=QUESTIONED) as engine:
            received = canaries(engine, start)
    away = [each for each in flown if each.id not in received]
    answered = [each for each in away if each.status is not None]
    return Checked(
        back=[Back(each, received[each.id]) for each in flown if each.id in received],
        waiting=[each for each in answered if now - each.sent_at <= LOST_AFTER],
        lost=[each for each in answered if now - each.sent_at > LOST_AFTER],
        unanswered=[each for each in away if each.status is None],
    )


@dataclass(slots=True)
class Watching:
    """Sends one a round and tells what became of the others; `told` are those that were."""

    store: Store
    options: CanaryOptions
    log: Log
    told: set[str] = field(default_factory=set)

    def once(self) -> None:
        canary = send_one(self.store, self.options)
        self.log.info("canary sent", id=canary.id, status=canary.status)
        found = check(self.store, canary.sent_at - TOLD)
        for back in found.back:
            if self._is_news(back.canary):
                self.log.info("canary back", id=back.canary.id, delay_seconds=back.delay_seconds)
        for lost in found.lost:
            if self._is_news(lost):
                self.log.error("canary lost", id=lost.id, sent_at=timestamps.to_text(lost.sent_at))

    def _is_news(self, canary: Canary) -> bool:
        is_told = canary.id in self.told
        self.told.add(canary.id)
        return not is_told


def is_wrong(found: Checked) -> bool:
    return bool(found.lost)


def as_object(found: Checked, flown: Canary | None) -> dict[str, Any]:
    return {
        "wrong": is_wrong(found),
        "sent": _canary_object(flown) if flown else None,
        "delay_seconds_median": found.delay_median,
        "delay_seconds_max": found.delay_max,
        "back": [
            {
                **_canary_object(each.canary),
                "received_at": timestamps.to_text(each.received_at),
                "delay_seconds": each.delay_seconds,
            }
            for each in found.back
        ],
        "waiting": [_canary_object(each) for each in found.waiting],
        "lost": [_canary_object(each) for each in found.lost],
        "unanswered": [_canary_object(each) for each in found.unanswered],
    }


def _canary_object(canary: Canary) -> dict[str, Any]:
    return {
        "id": canary.id,
        "sent_at": timestamps.to_text(canary.sent_at),
        "status": canary.status,
    }


def lines(found: Checked, flown: Canary | None) -> Iterator[str]:
    if flown:
        answer = "not answered" if flown.status is None else f"answered {flown.status}"
        yield f"sent {flown.id}: {answer}"
    if found.back:
        yield (
            f"{len(found.back):,} came back, after {found.delay_median:,.0f} s in the median"
            f" and {found.delay_max:,.0f} s at most"
        )
    if found.waiting:
        yield f"{len(found.waiting):,} are on their way"
    if found.unanswered:
        yield f"{len(found.unanswered):,} got no answer, so they may not be in any log"
    for each in found.lost:
        yield f"lost {each.id}, sent at {timestamps.to_text(each.sent_at)}"
    if not (found.back or found.lost):
        yield "none came back yet"
