"""Totals of a report in words, and what each number counts where that is not plain."""

from collections.abc import Iterator

from queries.report.acts import OtherRows
from queries.report.model import Report
from queries.report.wording import counted, duration_text, number

REFUSED_MEANING = "answered 401 or 403, or blocked or challenged by a rule"

REFUSED_WHY = (
    "`raytrail explain RAYID` tells which part refused one: a rule, the login system, or the"
    " application itself."
)

DOWNLOADS_MEANING = (
    "Files that were delivered, the largest first and refused ones last. A resumed download is "
    "listed once, with the bytes of all its pieces."
)

CHANGES_MEANING = (
    "Requests that can change something, also refused ones. First deletions, then rights, secrets "
    "and sharing (by words in the URL), then refused ones, then the rest by the bytes they sent."
)

DIGEST = (
    "The digest covers this ledger entry and every entry before it; each file of records stands in the"
    " ledger with its own digest. `raytrail fsck --deep` compares the files and the ledger with them."
    " It does not find a ledger that was made anew as a whole; for that, compare this number and digest"
    " with a note kept elsewhere. It does not cover this page."
)

ELSEWHERE = (
    "Rows of exactly these names other than requests, logins and logouts, not counted above; "
    "raytrail sql shows them."
)


def totals(report: Report) -> Iterator[tuple[str, str]]:
    """Labels, and totals with their explanations."""
    found = report.totals
    repeats = f" ({text})" if (text := probable_text(report)) else ""
    yield (
        "total",
        ", ".join(
            (
                counted(found.requests, "request") + repeats,
                f"{counted(found.sessions, 'session')} ({sessions_text(report)})",
                counted(found.hosts, "host"),
                counted(found.addresses, "address", "addresses"),
            )
        ),
    )
    yield "bytes", bytes_text(report)
    yield "refused", f"{number(found.refused)} ({REFUSED_MEANING})"
    yield "logins", logins_text(report)


def sessions_text(report: Report) -> str:
    pause = duration_text(report.session_gap_seconds)
    return f"one device each; a login or a pause over {pause} begins a new one"


def requests_sure(report: Report) -> int:
    """What a page tells first: the confirmed requests, or all where none is."""
    return report.totals.confirmed or report.totals.requests


def requests_text(report: Report) -> str:
    """How many more are not confirmed, and which of them all may be there twice."""
    unsure = report.totals.requests - report.totals.confirmed
    told = f"+ {number(unsure)} unconfirmed" if report.totals.confirmed else "all unconfirmed"
    return ", ".join(text for text in (told if unsure else "", probable_text(report)) if text)


def probable_text(report: Report) -> str:
    repeats = report.totals.probable_duplicates
    return counted(repeats, "probable duplicate") if repeats else ""


def downloads_text(report: Report) -> str:
    """Why there are fewer downloads than requests of this kind; empty if there are not."""
    return _folded_text(report, "download", report.downloads.total, "pieces or sent again")


def changes_text(report: Report) -> str:
    return _folded_text(report, "change", report.changes.total, "sent again")


def bytes_text(report: Report) -> str:
    down = counted(report.totals.bytes, "byte")
    return f"{down} down (answers), {number(report.totals.bytes_received)} up (requests)"


def logins_text(report: Report) -> str:
    logins = counted(report.access_events.logins, "login")
    return f"{logins}, {text}" if (text := events_text(report)) else logins


def events_text(report: Report) -> str:
    """Refused logins, and the events of Access that are no logins; empty if there are none."""
    events = report.access_events
    return ", ".join(
        text
        for count, text in (
            (events.logins_refused, f"{number(events.logins_refused)} of them refused"),
            (events.logouts, counted(events.logouts, "logout")),
            (events.enrolments, counted(events.enrolments, "device enrolment")),
            (events.others, counted(events.others, "other Access event")),
        )
        if count
    )


def rows_text(found: OtherRows) -> str:
    """Of a dataset with damaged files, that there may be more."""
    least = "at least " if found.is_at_least else ""
    more = ", its damaged files not counted" if found.is_at_least else ""
    return f"{least}{counted(found.rows, 'row')}{more}"


def _folded_text(report: Report, kind: str, listed: int, why: str) -> str:
    more = report.kinds.of(kind) - listed
    return f"and {counted(more, 'request')} folded under them ({why})" if more else ""
