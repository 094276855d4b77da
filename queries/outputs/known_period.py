"""Sentences about hours of which the store has nothing, or not all."""

from collections.abc import Iterator

from queries.completeness.known_period import Gap, KnownPeriod
from queries.report.wording import counted, hours_text, moment_text, number

# A person reads a few gaps; --json has all.
GAPS_SHOWN = 5


def known_lines(known: KnownPeriod) -> Iterator[str]:
    hours = sum(each.whole_hours for each in known.gaps)
    if hours:
        gaps = ", ".join(_gap(each) for each in known.gaps[:GAPS_SHOWN])
        more = len(known.gaps) - GAPS_SHOWN
        told = f" and {number(more)} more times" if more > 0 else ""
        yield (
            f"the store has no request of anybody for {counted(hours, 'hour')} ({gaps}{told});"
            " what happened then is not known"
        )
    if known.hours.total and known.hours.unseen < known.hours.total:
        yield hours_text(known.hours)


def _gap(gap: Gap) -> str:
    return f"{moment_text(gap.since)} to {moment_text(gap.until)}"
