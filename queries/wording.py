"""The sentences and numbers that every way out says alike."""

from collections.abc import Iterator
from datetime import datetime

from queries.findings import Coverage, Listing, Report
from queries.people import UnknownUser
from queries.period import Period

# Wide enough for nearly every URL there is; a longer one is whole in CSV and JSON.
URL_CHARACTERS_SHOWN = 300

# Host names end at 253; nobody's identity, address or agent needs more to be recognised.
NAME_CHARACTERS_SHOWN = 256

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(value: int) -> str:
    return f"{value:,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    return f"{value:,} {noun if value == 1 else plural or f'{noun}s'}"


def moment_text(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}Z" if value else "no time"


def clock_text(value: datetime) -> str:
    return f"{value:%H:%M:%S}"


def duration_text(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
    return f"{seconds // _DAY:.0f} d {seconds % _DAY // _HOUR:.0f} h"


def period_text(period: Period) -> str:
    if period.is_open:
        return "everything kept"
    start = f"from {moment_text(period.since)}" if period.since else "from the beginning"
    return f"{start} until {moment_text(period.until)}" if period.until else start


def covered_text(report: Report) -> str:
    if report.totals.requests == 0:
        return "no requests in this period"
    if report.first_seen is None:
        return "no request has a time"
    return f"first {moment_text(report.first_seen)}, last {moment_text(report.last_seen)}"


def snapshot_text(coverage: Coverage) -> str:
    pending = counted(coverage.pending_batches, "batch", "batches")
    return (
        f"sequence {coverage.sequence} of {moment_text(coverage.taken_at)}; {pending} pending, "
        f"{coverage.lag_seconds:.0f} s behind"
    )


def more_text(listing: Listing[object], noun: str) -> str:
    """The mark for what a list leaves out; empty when it leaves out nothing."""
    return f"… {counted(listing.more, f'more {noun}')}" if listing.more else ""


def unknown_text(unknown: UnknownUser) -> str:
    """Names are the caller's to escape, so they are not in here."""
    hint = " Names like it:" if unknown.nearest else ""
    return f"No request and no login has exactly this name.{hint}"


def notes(report: Report) -> Iterator[str]:
    """What a reader must know before drawing conclusions, most important first."""
    totals = report.totals
    if report.coverage.pending_batches:
        pending = counted(report.coverage.pending_batches, "batch is", "batches are")
        yield f"{pending} stored but not loaded yet; the latest requests may be missing here."
    if any(host.identity == "unconfirmed" for host in report.hosts.shown):
        yield (
            "On hosts marked unconfirmed no Access application is known, so the name on those "
            "requests is the client's own claim."
        )
    if totals.requests_without_time:
        yield f"{counted(totals.requests_without_time, 'request')} without a time; in no session."
    elif report.who.requests_without_time:
        left_out = counted(report.who.requests_without_time, "request")
        yield f"{left_out} without a time left out, being in no period; ask without since and until."
