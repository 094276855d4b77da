"""The kinds of requests, and why one request is shown under another: names and counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What each request is, exactly one of them; in the order in which reports list them.
KINDS = ("page", "download", "change", "api", "program", "asset", "prefetch")

# Why a request is shown under another; in the order in which reports list them.
REASONS = ("referer", "time", "parent_ray", "resumed", "resent")


@dataclass(frozen=True, slots=True)
class Folded:
    """So many requests are shown under another one for this reason."""

    reason: str
    requests: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """So many requests are of this kind; `folded` of them are shown under another request."""

    kind: str
    requests: int
    folded: int


@dataclass(frozen=True, slots=True)
class Kinds:
    """Requests by kind. The counts of `by_kind` add up to all requests."""

    by_kind: tuple[KindCount, ...]
    folded: tuple[Folded, ...]

    @property
    def requests(self) -> int:
        return sum(each.requests for each in self.by_kind)

    def of(self, kind: str) -> int:
        return sum(each.requests for each in self.by_kind if each.kind == kind)

    @property
    def requests_folded(self) -> int:
        return sum(each.requests for each in self.folded)


def kinds_of(rows: Iterable[Mapping[str, Any]]) -> Kinds:
    """From counts by `kind` and `folded_by`. A kind without requests is listed with 0."""
    requests, folded, reasons = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        requests[row["kind"]] += row["requests"]
        if row["folded_by"] is not None:
            folded[row["kind"]] += row["requests"]
            reasons[row["folded_by"]] += row["requests"]
    return Kinds(
        tuple(KindCount(kind, requests[kind], folded[kind]) for kind in _in_order(KINDS, requests)),
        tuple(Folded(why, reasons[why]) for why in _in_order(REASONS, reasons) if reasons[why]),
    )


def folded_of(counts: Iterable[Mapping[str, Any]]) -> tuple[Folded, ...]:
    """From counts by `reason`."""
    reasons = {each["reason"]: each["requests"] for each in counts}
    return tuple(Folded(why, reasons[why]) for why in _in_order(REASONS, reasons) if why in reasons)


def _in_order(known: Iterable[str], found: Iterable[str]) -> tuple[str, ...]:
    """A name that is not known is listed too: the counts must add up."""
    return tuple(dict.fromkeys((*known, *sorted(found))))
