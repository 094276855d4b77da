"""Words for kinds, reasons, sizes and steps that all outputs share."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from queries.report.acts import Act
from queries.report.kinds import Folded, Kinds
from queries.report.model import Refusal
from queries.report.sessions import Session, Step
from queries.report.times import TIMES_IN_UTC, Times
from queries.report.wording import counted, number


class _Kind(NamedTuple):
    noun: str
    plural: str
    label: str
    meaning: str


_KINDS = {
    "page": _Kind("page view", "page views", "page", "a document that was opened in a browser"),
    "download": _Kind("download", "downloads", "download", "a file that was delivered"),
    "change": _Kind(
        "change",
        "changes",
        "change",
        "a request that can change something (POST, PUT, PATCH, DELETE), also when refused",
    ),
    "api": _Kind("API call", "API calls", "API", "a call by a script of a page, and all the rest"),
    "program": _Kind(
        "program call", "program calls", "program", "a request of a tool or of a Worker"
    ),
    "asset": _Kind(
        "asset or frame", "assets and frames", "asset", "an image, style, script, font or frame"
    ),
    "prefetch": _Kind(
        "prefetch", "prefetches", "prefetch", "fetched ahead by the browser, perhaps never seen"
    ),
}


class _Reason(NamedTuple):
    short: str
    meaning: str


_REASONS = {
    "referer": _Reason("by Referer", "its Referer is the page"),
    "time": _Reason("by time", "it followed the page on the same host within seconds"),
    "parent_ray": _Reason("by parent Ray", "a Worker made it for the request"),
    "resumed": _Reason("resumed", "a further piece of the same download"),
    "resent": _Reason("sent again", "Cloudflare delivered the same request twice"),
}

# Only what a reader must not take for an act of the person.
_NAVIGATIONS = {
    "page_navigation": "opened by the page itself",
    "prefetch": "fetched ahead",
    "prefetch_then_viewed": "fetched ahead, then viewed",
}

_WHYS = {
    "deletes": "deletes",
    "access": "rights, secrets or sharing",
    "refused": "refused",
}

_ACTIONS = {
    "block": "blocked by a rule of Cloudflare",
    "challenge": "asked by Cloudflare to prove a human",
    "jschallenge": "asked by Cloudflare to prove a browser",
    "managed_challenge": "asked by Cloudflare to prove a human",
}

_STATUSES = {
    0: "no answer",
    401: "answered 401: not logged in",
    403: "answered 403: not allowed",
    429: "answered 429: too many requests",
}

# From which status on.
_OUTCOMES = (
    (500, "failed"),
    (400, "not carried out"),
    (300, "redirected"),
    (100, "succeeded"),
    (0, "no answer"),
)

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_THOUSAND = 1000
# From here on a number has three digits without a decimal, or would be rounded to four.
_THREE_DIGITS, _FOUR_DIGITS = 99.95, 999.5


def kind_label(kind: str) -> str:
    return _KINDS[kind].label if kind in _KINDS else kind


def kind_nouns(kind: str) -> str:
    return _KINDS[kind].plural if kind in _KINDS else kind


def kind_meaning(kind: str) -> str:
    return _KINDS[kind].meaning if kind in _KINDS else ""


def kind_counted(kind: str, requests: int) -> str:
    if kind not in _KINDS:
        return f"{number(requests)} {kind}"
    return counted(requests, _KINDS[kind].noun, _KINDS[kind].plural)


def kinds_text(kinds: Kinds) -> str:
    """The kinds that occur, with their numbers."""
    found = (each for each in kinds.by_kind if each.requests)
    return ", ".join(kind_counted(each.kind, each.requests) for each in found)


def sum_text(kinds: Kinds) -> str:
    """How many requests the kinds are together, and how many are shown only as a count."""
    together = counted(kinds.requests, "request")
    if not kinds.folded:
        return together
    folded = number(kinds.requests_folded)
    return f"{together}, {folded} of them folded under another ({reasons_text(kinds.folded)})"


def reasons_text(folded: Iterable[Folded]) -> str:
    return ", ".join(f"{number(each.requests)} {_short(each.reason)}" for each in folded)


def reason_meanings() -> Iterator[tuple[str, str]]:
    return ((each.short, each.meaning) for each in _REASONS.values())


def folded_text(step: Step) -> str:
    """Empty if nothing is folded under it."""
    if not step.folded:
        return ""
    requests = counted(step.requests_folded, "request")
    return f"{requests} folded under it: {reasons_text(step.folded)}"


def navigation_text(navigation: str | None) -> str:
    """Empty where the person opened the page, or where nothing tells who did."""
    return _NAVIGATIONS.get(navigation or "", "")


def why_listed_text(act: Act) -> str:
    """Why an act is listed before others; empty where that is the refusal alone."""
    return "" if act.why == "refused" else _WHYS.get(act.why or "", act.why or "")


def why_text(act: Act) -> str:
    """Why an act is listed before others, and that it was refused."""
    words = [_WHYS.get(act.why or "", act.why or "")]
    if act.is_refused and act.why != "refused":
        words.append("refused")
    return ", ".join(word for word in words if word)


def pieces_text(act: Act) -> str:
    """Empty for a download in one piece."""
    return f"resumed: {counted(act.requests, 'request')}" if act.requests > 1 else ""


def size_text(size: int | None) -> str:
    """Three digits at most, in powers of a thousand; JSON has every byte."""
    if size is None:
        return "size unknown"
    value, unit = float(size), 0
    while value >= _FOUR_DIGITS and unit < len(_UNITS) - 1:
        value, unit = value / _THOUSAND, unit + 1
    digits = 0 if unit == 0 or value >= _THREE_DIGITS else 1
    text = f"{value:.{digits}f}".removesuffix(".0")
    return f"{text} {_UNITS[unit]}"


def moved_text(size: int | None, direction: str | None) -> str:
    return f"{size_text(size)} {direction or ''}".rstrip() if size is not None else "-"


def moved_words(size: int | None, direction: str | None) -> str:
    """The same for a reader who has no column of them to compare."""
    way = {"down": "downloaded", "up": "uploaded"}.get(direction or "", direction or "")
    return f"{size_text(size)} {way}".rstrip() if size is not None else "size not logged"


def statuses_text(step: Step) -> str:
    return " ".join(str(status) for status in step.statuses) or "-"


def outcome_text(status: int | None, *, is_refused: bool) -> str:
    """What became of a request, with the status that was logged."""
    if status is None:
        return "refused" if is_refused else "answer not logged"
    if is_refused:
        return f"refused ({status})"
    return f"{next(words for least, words in _OUTCOMES if status >= least)} ({status})"


def steps_shown_text(session: Session) -> str:
    """Empty if every request that is not folded is shown."""
    if not session.requests_not_shown:
        return ""
    unfolded = counted(session.requests_unfolded, "request")
    shown = session.requests_unfolded - session.requests_not_shown
    return f"{number(shown)} of {unfolded} that are not folded shown; raytrail trail lists all"


def refusal_text(refusal: Refusal) -> str:
    """Why a request was refused, as far as the log of requests tells; may hold logged text."""
    status = _STATUSES.get(refusal.status or 0, f"answered {refusal.status}")
    if refusal.security_action:
        return f"{_ACTIONS.get(refusal.security_action, refusal.security_action)}, {status}"
    return status


def _short(reason: str) -> str:
    return _REASONS[reason].short if reason in _REASONS else reason


def start_text(session: Session, times: Times = TIMES_IN_UTC) -> str:
    """Which login began it; empty where none did."""
    return f"begun by a login at {times.moment(session.login_at)}" if session.login_at else ""
