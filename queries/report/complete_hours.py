"""Counts the complete, partial and unknown hours of a period from the stored verdicts."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from queries.report.model import NO_HOURS, Hours, Reason
from store.registers.verdicts import CannotTell, KnownHours, Partial, Verdict

HOUR = timedelta(hours=1)

# The most frequent reasons; `raytrail coverage` lists all.
REASONS_SHOWN = 3


def hours_of(known: KnownHours, since: datetime | None, until: datetime) -> Hours:
    """Each hour counts with the worst verdict of its jobs. NO_HOURS if the period has no start."""
    if since is None or since >= until:
        return NO_HOURS
    first = since.replace(minute=0, second=0, microsecond=0)
    by_hour: defaultdict[datetime, list[Verdict]] = defaultdict(list)
    for each in known.hours:
        if first <= each.hour < until:
            by_hour[each.hour].append(each.verdict)
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
