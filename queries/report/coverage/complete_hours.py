"""What the stored verdicts say about the hours of a period: how many are complete, and which."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from queries.report.coverage.values import NO_HOURS, NO_SPANS, Hours, Reason, Span
from queries.report.listing import Listing
from store.registers.verdicts import CannotTell, KnownHours, Partial, State, Verdict

HOUR = timedelta(hours=1)

# The most frequent reasons; `raytrail coverage` lists all.
REASONS_SHOWN = 3

# More are no picture any more; a year of hours that take turns has some thousands.
SPANS_KEPT = 1_000


def hours_of(known: KnownHours, since: datetime | None, until: datetime) -> Hours:
    """Each hour counts with the worst verdict of its jobs. NO_HOURS if the period has no start."""
    if since is None or since >= until:
        return NO_HOURS
    first = _hour(since)
    by_hour = _by_hour(known, first, until)
    partial, missing = 0, 0
    reasons: Counter[str] = Counter()
    for verdicts in by_hour.values():
        lost = [verdict.missing for verdict in verdicts if isinstance(verdict, Partial)]
        untold = [verdict.why for verdict in verdicts if isinstance(verdict, CannotTell)]
        if lost:
            partial += 1
            # Two jobs that fill one dataset may miss the same records.
            missing += max(lost)
        elif untold:
            reasons[untold[0]] += 1
    total = -((first - until) // HOUR)
    return Hours(
        total=total,
        complete=len(by_hour) - partial - reasons.total(),
        partial=partial,
        missing=missing,
        untold=reasons.total(),
        unseen=total - len(by_hour),
        reasons=tuple(Reason(*each) for each in reasons.most_common(REASONS_SHOWN)),
    )


def spans_of(known: KnownHours, since: datetime | None, until: datetime) -> Listing[Span]:
    """The hours from the one of `since` on; an hour that was never checked is unknown."""
    if since is None or since >= until:
        return NO_SPANS
    first = _hour(since)
    by_hour = _by_hour(known, first, until)
    spans = list[Span]()
    for hour in sorted(by_hour):
        if hour > (begin := spans[-1].until if spans else first):
            _append(spans, begin, hour, "unknown")
        _append(spans, hour, min(hour + HOUR, until), _known(by_hour[hour]))
    if (begin := spans[-1].until if spans else first) < until:
        _append(spans, begin, until, "unknown")
    return Listing(tuple(spans[-SPANS_KEPT:]), len(spans))


def _append(spans: list[Span], since: datetime, until: datetime, known: str) -> None:
    if spans and spans[-1].known == known:
        since = spans.pop().since
    spans.append(Span(since=since, until=until, known=known))


def _known(verdicts: Iterable[Verdict]) -> str:
    states = {verdict.state for verdict in verdicts}
    if State.PARTIAL in states:
        return "partial"
    return "unknown" if State.CANNOT_TELL in states else "complete"


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _by_hour(
    known: KnownHours, first: datetime, until: datetime
) -> defaultdict[datetime, list[Verdict]]:
    by_hour: defaultdict[datetime, list[Verdict]] = defaultdict(list)
    for each in known.hours:
        if first <= each.hour < until:
            by_hour[each.hour].append(each.verdict)
    return by_hour
