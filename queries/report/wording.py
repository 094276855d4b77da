"""Sentences and numbers that all outputs share."""

from collections.abc import Iterator
from datetime import datetime

from queries.identity import person_words
from queries.identity.people import KnownUser, Misdirected, UnknownUser
from queries.period import Period
from queries.report.coverage.values import Coverage, Hours, Reason
from queries.report.listing import Listing
from queries.report.model import Report
from queries.report.times import TIMES_IN_UTC, Times
from store.reading.silences import Silence, Silences

# Long enough for nearly every URL. CSV and JSON hold longer ones whole.
URL_CHARACTERS_SHOWN = 300

# Host names have at most 253 characters; other names can be recognised by as many.
NAME_CHARACTERS_SHOWN = 256

# A person reads a few; --json has all.
SILENCES_SHOWN = 5
SPANS_SHOWN = 10

_PLURALS = {"address": "addresses", "country": "countries"}

# Where a name stood, in words.
_SOURCES = {
    "request_header": "a header of the requests",
    "cookie": "the login cookie of the requests",
    "email": "the e-mail address of the records",
}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(value: int) -> str:
    return f"{value:,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """Give `plural` where it is not the noun with an s."""
    return f"{value:,} {noun if value == 1 else plural or f'{noun}s'}"


def moment_text(value: datetime | None) -> str:
    return TIMES_IN_UTC.moment(value)


def duration_text(seconds: float) -> str:
    seconds = int(seconds)
    for large, unit, small, small_unit in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if seconds >= large:
            rest = seconds % large // small
            return f"{seconds // large} {unit}{f' {rest} {small_unit}' if rest else ''}"
    return f"{seconds} s"


def period_text(period: Period) -> str:
    return TIMES_IN_UTC.period(period)


def covered_text(report: Report, times: Times = TIMES_IN_UTC) -> str:
    if report.totals.requests == 0:
        return "no requests in this period"
    if report.first_seen is None:
        return "no request has a time"
    return f"first {times.moment(report.first_seen)}, last {times.moment(report.last_seen)}"


def snapshot_text(coverage: Coverage, times: Times = TIMES_IN_UTC) -> str:
    pending = counted(coverage.pending_batches, "delivery is", "deliveries are")
    waiting = f"{pending} not in it yet, the oldest {coverage.lag_seconds:.0f} s old"
    received = waiting if coverage.pending_batches else "everything received by then is in it"
    recovered = counted(coverage.recovered_batches, "delivery", "deliveries")
    told = f"; {recovered} of this person recovered after a crash or a full disk"
    return (
        f"state {coverage.sequence} of the store, {times.moment(coverage.taken_at)}; {received}"
        f"{told if coverage.recovered_batches else ''}"
    )


def files_text(coverage: Coverage, times: Times = TIMES_IN_UTC) -> str:
    """Whether the bytes of the files are still those that were written."""
    if coverage.files_checked_at is None:
        return "not yet all read again to see whether one is damaged"
    read = f"all checked for damage by {times.moment(coverage.files_checked_at)}"
    damaged = counted(coverage.damaged_files, "file")
    return f"{read}; {damaged if coverage.damaged_files else 'none'} damaged"


def hours_text(hours: Hours) -> str:
    """Empty if the period has no hours."""
    if not hours.total:
        return ""
    if hours.unseen == hours.total:
        return f"none of {counted(hours.total, 'hour')} compared with counts of Cloudflare; see raytrail coverage"
    missing = f" (at least {counted(hours.missing, 'record')} missing)" if hours.partial else ""
    return (
        f"of {counted(hours.total, 'hour')} {number(hours.complete)} complete, "
        f"{number(hours.partial)} partial{missing}, {number(hours.untold)} unknown, "
        f"{number(hours.unseen)} not checked"
    )


def span_lines(coverage: Coverage, times: Times) -> Iterator[str]:
    """Which hours are partial, and which unknown unless all are."""
    is_any_known = coverage.hours.complete or coverage.hours.partial
    for known, words in (("partial", "records are missing"), ("unknown", "not known")):
        spans = [each for each in coverage.spans.shown if each.known == known]
        if spans and (known == "partial" or is_any_known):
            told = "; ".join(
                f"{times.moment(each.since)} to {times.moment(each.until)}"
                for each in spans[-SPANS_SHOWN:]
            )
            more = len(spans) - SPANS_SHOWN
            yield f"{words}: {f'{number(more)} earlier times; ' if more > 0 else ''}{told}"


def reason_text(reason: Reason) -> str:
    """The reason may hold text from Cloudflare; the caller must escape it."""
    return f"{counted(reason.hours, 'hour')} unknown: {reason.why}"


def sources_text(who: KnownUser) -> str:
    if not who.user_sources:
        return "logins only" if who.logins else "no request and no login"
    return ", ".join(_SOURCES.get(each, each) for each in who.user_sources)


def country_text(code: str | None) -> str:
    """Logs write countries in small or large letters. The caller must escape it."""
    return code.upper() if code and code.isalpha() else code or ""


def more_text(listing: Listing[object], noun: str) -> str:
    """How many entries a list does not show; empty if it shows all."""
    return more_of(listing.more, noun)


def more_of(count: int, noun: str) -> str:
    """`noun` may be empty."""
    plural = f"more {_PLURALS[noun]}" if noun in _PLURALS else ""
    more = counted(count, f"more {noun}", plural) if noun else f"{number(count)} more"
    return f"… {more}" if count else ""


def unknown_text(unknown: UnknownUser) -> str:
    """Names are left out, since the caller must escape them."""
    hint = " Similar names:" if unknown.nearest else ""
    if unknown.misdirected:
        return f"In no trail, but records under a wrong name may have exactly this name.{hint}"
    return f"No request and no login has exactly this name.{hint}"


def misdirected_text(found: Misdirected) -> str:
    """The caller must escape it."""
    records = counted(found.records, "record")
    return (
        f"{records} sent to {found.dataset} look like {found.looks_like} and are in no trail."
        f" `raytrail reassign --from {found.dataset} --dataset {found.looks_like}` moves them."
    )


def notes(report: Report, times: Times = TIMES_IN_UTC) -> Iterator[str]:
    """Warnings for the reader, most important first. A path may be in them: escape them."""
    yield from _left_out(report)
    if note := person_words.grade_note(report.who.person):
        yield note
    yield from _missing(report, times)
    if report.folded_under_unshown:
        unshown = counted(report.folded_under_unshown, "request belongs", "requests belong")
        yield (
            f"{unshown} to one that is no step here: it was sent before the period, or there is no "
            "room for it."
        )
    if any(host.identity == "unconfirmed" for host in report.hosts.shown):
        yield (
            "A name on a host marked unconfirmed is only what the client claimed: for some requests "
            "no Access application is known, or it did not let them through."
        )
    yield from _uncertain(report)


def notes_without_names(report: Report, times: Times) -> Iterator[str]:
    """The same for a page that tells elsewhere how sure the names are."""
    yield from _left_out(report)
    yield from _missing(report, times)
    yield from _uncertain(report)


def _left_out(report: Report) -> Iterator[str]:
    for sentence in report.coverage.left_out:
        yield f"Incomplete: {sentence}"


def _missing(report: Report, times: Times) -> Iterator[str]:
    if report.coverage.pending_batches:
        pending = counted(report.coverage.pending_batches, "delivery is", "deliveries are")
        yield f"{pending} received but not readable yet; the latest requests may be missing here."
    yield from silence_lines(report.silences, times)
    if report.coverage.hours.partial:
        partial = counted(report.coverage.hours.partial, "hour")
        missing = counted(report.coverage.hours.missing, "record")
        yield (
            f"At least {missing} are missing from {partial} of this period; this person may have "
            "done more than is shown."
        )


def _uncertain(report: Report) -> Iterator[str]:
    if report.totals.probable_duplicates:
        repeats = counted(report.totals.probable_duplicates, "request has", "requests have")
        yield (
            f"{repeats} no Ray ID and the same values as one of another batch: sent again, or a "
            "second request. Every one is counted and shown."
        )
    if report.totals.requests_without_time:
        left_out = counted(report.totals.requests_without_time, "request")
        yield f"{left_out} without a time; not in any session."
    elif report.who.requests_without_time:
        left_out = counted(report.who.requests_without_time, "request")
        yield f"{left_out} without a time left out; a report without since and until has them."


def silence_lines(silences: Silences, times: Times = TIMES_IN_UTC) -> Iterator[str]:
    """A sentence about the times in which no batch of requests was received, if there are any."""
    if not silences.found:
        return
    spans = ", nor ".join(_silence(each, times) for each in silences.found[:SILENCES_SHOWN])
    more = len(silences.found) + silences.more - SILENCES_SHOWN
    told = f", nor at {number(more)} more times" if more > 0 else ""
    yield (
        f"Nothing was received {spans}{told}:"
        " requests made then are here only if they were delivered later or imported."
    )


def _silence(silence: Silence, times: Times) -> str:
    if silence.since is None:
        return f"before {times.moment(silence.until)}" if silence.until else "at any time"
    if silence.until is None:
        return f"after {times.moment(silence.since)}"
    return f"between {times.moment(silence.since)} and {times.moment(silence.until)}"
