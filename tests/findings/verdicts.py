"""Compares findings with the truth of a made-up company."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.findings.world.shapes import JUDGED_DAYS
from tests.findings.world.truth import DAY, Incident, NearMiss, Truth

# A finding begins and ends with requests, which may be some minutes beside the planted ones.
TOLERANCE = timedelta(minutes=10)
ROLL_UP = "person_at_risk"
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Found:
    """A row of findings()."""

    rule: str
    user: str | None
    since: datetime
    until: datetime
    evidence: frozenset[str]
    what: str


@dataclass(frozen=True, slots=True)
class Verdicts:
    """`explained` are findings by other rules about an incident."""

    missed: Sequence[Incident]
    hit: Sequence[Incident]
    near_misses_found: Sequence[tuple[NearMiss, Found]]
    false_alarms: Sequence[Found]
    explained: Sequence[Found]


def rate(count: int, people: int) -> float:
    return count / people * 1_000 * MONTH_DAYS / JUDGED_DAYS


def compared(found: Sequence[Found], truth: Truth) -> Verdicts:
    hit, explained, near, false = [], [], [], []
    for each in found:
        if of_each := [one for one in truth.incidents if _is_of(each, one)]:
            hit += of_each
        elif any(_is_explained(each, one) for one in truth.incidents):
            explained.append(each)
        elif silent := next((one for one in truth.near_misses if _is_near(each, one)), None):
            near.append((silent, each))
        else:
            false.append(each)
    missed = [one for one in truth.incidents if one not in hit]
    return Verdicts(missed, hit, near, false, explained)


def _is_of(found: Found, incident: Incident) -> bool:
    """The same rule and person, and the same requests or, where they have no Ray ID, time."""
    if found.rule != incident.rule or _person(found.user) != _person(incident.user):
        return False
    return bool(found.evidence & incident.rays) or (
        _overlap(found, incident, TOLERANCE) and not (found.evidence and any(incident.rays))
    )


def _is_explained(found: Found, incident: Incident) -> bool:
    is_same = incident.user is None or _person(found.user) == _person(incident.user)
    names = incident.also | {incident.rule, ROLL_UP}
    return (
        is_same and ("*" in incident.also or found.rule in names) and _overlap(found, incident, DAY)
    )


def _is_near(found: Found, near_miss: NearMiss) -> bool:
    is_same = near_miss.user is None or _person(found.user) == _person(near_miss.user)
    return found.rule == near_miss.rule and is_same and _overlap(found, near_miss, TOLERANCE)


def _person(user: str | None) -> str:
    """Of a name or a mail address."""
    return (user or "").partition("@")[0].replace(".", "")


def _overlap(found: Found, planted: Incident | NearMiss, margin: timedelta) -> bool:
    return found.since <= planted.until + margin and found.until >= planted.since - margin


def misses(verdicts: Verdicts, truth: Truth) -> Iterator[str]:
    """A line for each thing that a rule did wrong, with what helps to find out why."""
    for one in verdicts.missed:
        yield f"MISSED {one.rule} {one.user} {one.since:%a %m-%d %H:%M}-{one.until:%H:%M} {one.what} [{_about(one.user, one.since, truth)}] rays {sorted(one.rays)[:2]}"
    for near_miss, found in verdicts.near_misses_found:
        yield f"NEAR MISS FOUND {found.rule} ({near_miss.kind}: {near_miss.what}) {_told(found, truth)}"
    for found in verdicts.false_alarms:
        yield f"FALSE {found.rule} {_told(found, truth)}"


def _told(found: Found, truth: Truth) -> str:
    others = [
        f"{one.rule} {one.since:%m-%d %H:%M}"
        for one in truth.incidents
        if one.user == found.user and _overlap(found, one, 3 * DAY)
    ]
    about = _about(found.user, found.since, truth)
    near = f" planted nearby: {', '.join(others)}" if others else ""
    return f"{found.user} {found.since:%a %m-%d %H:%M}-{found.until:%H:%M} {found.what} [{about}]{near}"


def _about(user: str | None, at: datetime, truth: Truth) -> str:
    told = [truth.traits.get(user or "", "")]
    for days in (-1, 0, 1):
        day = str((at + days * DAY).date())
        told += [f"{day}: {note}" for note in truth.notes.get((user or "", day), ())]
    return "; ".join(each for each in told if each)
