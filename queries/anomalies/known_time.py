"""For which time a source of records is known to have told everything.

Nothing is claimed from the absence of records outside this time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from store import timestamps
from store.reading.snapshot import Snapshot
from store.registers.verdicts import HOUR, Partial

# From Friday evening to Monday morning nobody in an office may log in.
LOGIN_SILENCE = timedelta(days=3)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class KnownTime:
    """Spans of time, from the first moment to the last, apart from each other and in order."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> "KnownTime":
        merged: list[Span] = []
        for since, until in sorted(spans):
            if merged and since <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
            else:
                merged.append((since, until))
        return cls(tuple(merged))

    def covers(self, since: datetime, until: datetime) -> bool:
        return any(start <= since and until <= end for start, end in self.spans)

    def covers_moment(self, moment: datetime) -> bool:
        return self.covers(moment, moment)


def of_logins(islands: Iterable[Span]) -> KnownTime:
    """From the first login of anybody, while no silence was longer than LOGIN_SILENCE."""
    return KnownTime.of((first, last + LOGIN_SILENCE) for first, last in islands)


def of_requests(snapshot: Snapshot) -> KnownTime:
    """The hours for which requests were received, without those that are known to be partial.

    It ends with the newest request: what comes after it may be on its way.
    """
    partial = {each.hour for each in snapshot.coverage.hours if isinstance(each.verdict, Partial)}
    received = [(_hour(since), until) for since, until in _received(snapshot)]
    return KnownTime.of(piece for span in received for piece in _without(span, partial))


def _received(snapshot: Snapshot) -> Iterable[Span]:
    """A snapshot without a scope has all files, and their times."""
    yield from snapshot.received
    if not snapshot.received:
        for part in snapshot.parts.values():
            if part.dataset == "http_requests" and part.time_min and part.time_max:
                yield timestamps.from_text(part.time_min), timestamps.from_text(part.time_max)


def _without(span: Span, hours: Iterable[datetime]) -> Iterable[Span]:
    start, end = span
    for hour in sorted(hours):
        if hour + HOUR <= start or end <= hour:
            continue
        if start < hour:
            yield start, hour
        start = hour + HOUR
    if start < end:
        yield start, end


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
