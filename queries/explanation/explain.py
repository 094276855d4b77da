"""Explains one Ray ID from the records of one snapshot."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from queries.engine import Engine
from queries.errors import QueryRefused
from queries.explanation import missing
from queries.explanation.decision import decide
from queries.explanation.explanation import ExplainedRequest, Explanation, OtherRecord
from queries.explanation.layer import Evidence
from queries.explanation.layers import layers
from queries.explanation.mentions import mentions, searched_as_text
from queries.explanation.records import Child, FirewallEvent, LoggedRequest, Login
from queries.identity.access import access_at
from queries.identity.person import Person
from queries.period import ALWAYS, Period
from store.reading.snapshot import Snapshot

# A Ray ID is 16 hex digits; the header appends the data centre. A page and a header also name it.
_RAY_ID = re.compile(r"(?:(?:cf-)?ray(?: id)?\s*:\s*)?([0-9a-f]{16})(?:-[a-z]{3})?", re.IGNORECASE)

# Cloudflare merges subrequests of up to five minutes; a stream or an upload may last longer.
NEAR = timedelta(hours=1)

# A batch has the requests of about a minute, but of several when Logpush catches up.
BATCH = timedelta(minutes=30)

# A Worker may make 1,000 subrequests.
CHILDREN_SHOWN = 50

# Cloudflare gives one Ray ID to a few requests at most; made-up records may all have the same.
REQUESTS_SHOWN = 20

# Each rule that matched is an event of its own.
EVENTS_SHOWN = 100

# The datasets that have Ray IDs.
DATASETS = (
    "access_login_events",
    "access_requests",
    "access_requests_rest",
    "account_abuse_protection_events",
    "firewall_events",
    "http_requests",
)


def searched(snapshot: Snapshot) -> tuple[str, ...]:
    """The datasets that an explanation reads."""
    return (*DATASETS, *searched_as_text(snapshot))


PersonOf = Callable[[str], Person]


def parse_ray_id(text: str) -> str:
    """The 16 digits in lower case, as logs have them."""
    matched = _RAY_ID.fullmatch(text.strip())
    if matched is None:
        raise QueryRefused(
            f"invalid Ray ID {text[:40]!r}: want the 16 hex digits shown on the page of the refusal"
        )
    return matched[1].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class RayQuestion:
    """`person_of` tells which other names a person has, whose logins are searched too."""

    ray_id: str
    period: Period = ALWAYS
    configured_access_hosts: Iterable[str] = ()
    person_of: PersonOf = Person.only


def explain(engine: Engine, asked: RayQuestion) -> Explanation:
    """Everything about one Ray ID; `is_empty` if nothing in the snapshot has it."""
    bound = {"ray": asked.ray_id, "since": asked.period.since, "until": asked.period.until}
    total, requests = _requests(engine, bound)
    logins = tuple(Login(*row) for row in engine.ask("explanation/logins_of_ray", bound).rows)
    events = tuple(engine.ask("explanation/login_events_of_ray", bound).records())
    events_total, firewall = _firewall_events(engine, bound, requests)
    evidence = Evidence(logins=logins, login_events=events, firewall_events=firewall)
    texts = list(mentions(engine, asked.ray_id, _near(asked.period, requests)))
    others = [each for each in texts if isinstance(each, OtherRecord)]
    unsearched = [each for each in texts if not isinstance(each, OtherRecord)]
    return Explanation(
        ray_id=asked.ray_id,
        period=asked.period,
        requests=tuple(_explained(engine, asked, each, evidence) for each in requests),
        requests_total=total,
        logins=logins,
        login_events=events,
        firewall_events=firewall,
        firewall_events_total=events_total,
        others=(*_abuse_events(engine, bound), *others),
        # Several requests may lack the same.
        missing=(*dict.fromkeys(_missing(engine, requests)), *unsearched),
    )


def _explained(
    engine: Engine, asked: RayQuestion, request: LoggedRequest, evidence: Evidence
) -> ExplainedRequest:
    children, total = _children(engine, asked.ray_id, request.seen_at)
    known = replace(evidence, children=children)
    identity, is_covered = _identity(engine, asked, request)
    person = asked.person_of(request.user_id) if request.user_id else None
    found = layers(request, replace(known, is_covered=is_covered), identity)
    return ExplainedRequest(
        request=request,
        identity=identity,
        is_covered=is_covered,
        person=person,
        decision=decide(request, found),
        layers=found,
        login=_login(engine, person, request),
        children=children,
        children_total=total,
        parents=_parents(engine, request),
    )


def _requests(engine: Engine, bound: Mapping[str, Any]) -> tuple[int, tuple[LoggedRequest, ...]]:
    """How many requests have the Ray ID, and the first of them."""
    asked = {**bound, "shown": REQUESTS_SHOWN}
    rows = list(engine.ask("explanation/requests_of_ray", asked).rows)
    return rows[0][0] if rows else 0, tuple(LoggedRequest(*row[1:]) for row in rows)


def _identity(
    engine: Engine, asked: RayQuestion, request: LoggedRequest
) -> tuple[str | None, bool]:
    """The grade of the name on a request, and whether an application covers host and path."""
    hosts = asked.configured_access_hosts
    held = access_at(engine, request.host_key or "", request.seen_at, hosts)
    bound = {
        **request.let_through_by(),
        "host": request.host_key,
        "uri": request.uri,
        "seen_at": request.seen_at,
        **held.parameters(),
    }
    [(identity, is_covered)] = engine.ask("explanation/identity_grade", bound).rows
    return None if request.user_id is None else str(identity), bool(is_covered)


def _login(engine: Engine, person: Person | None, request: LoggedRequest) -> Login | None:
    if person is None or request.seen_at is None:
        return None
    bound = {
        "users": person.users,
        "host": request.host_key,
        "path": re.split("[?#]", request.uri or "", maxsplit=1)[0],
        "seen_at": request.seen_at,
    }
    return next((Login(*row) for row in engine.ask("explanation/login_before", bound).rows), None)


def _children(
    engine: Engine, ray_id: str, seen_at: datetime | None
) -> tuple[tuple[Child, ...], int]:
    if seen_at is None:
        return (), 0
    bound = {"ray": ray_id, "shown": CHILDREN_SHOWN, **_around(seen_at, NEAR)}
    rows = list(engine.ask("explanation/children_of_ray", bound).rows)
    return tuple(Child(*row[1:]) for row in rows), rows[0][0] if rows else 0


def _parents(engine: Engine, request: LoggedRequest) -> tuple[LoggedRequest, ...]:
    """The requests that caused this one."""
    parent = _RAY_ID.fullmatch(request.parent_ray_id or "")
    if parent is None or request.seen_at is None:
        return ()
    _, found = _requests(engine, {"ray": parent[1].lower(), **_around(request.seen_at, NEAR)})
    return found


def _firewall_events(
    engine: Engine, bound: Mapping[str, Any], requests: Sequence[LoggedRequest]
) -> tuple[int, tuple[FirewallEvent, ...]]:
    """How many firewall events are about the requests, and the first of them."""
    since, until = _near(ALWAYS, requests)
    near = {"near_since": since, "near_until": until}
    asked = {**bound, **near, "shown": EVENTS_SHOWN}
    rows = list(engine.ask("explanation/firewall_events_of_ray", asked).rows)
    return rows[0][0] if rows else 0, tuple(FirewallEvent(*row[1:]) for row in rows)


def _abuse_events(engine: Engine, bound: Mapping[str, Any]) -> Iterator[OtherRecord]:
    for record in engine.ask("explanation/abuse_events_of_ray", bound).records():
        yield OtherRecord(
            dataset="account_abuse_protection_events",
            seen_at=record.pop("seen_at"),
            record=record,
        )


def _missing(engine: Engine, requests: Sequence[LoggedRequest]) -> Iterator[missing.Missing]:
    yield from missing.datasets(engine.snapshot)
    for request in requests:
        if request.seen_at is not None:
            bound = {"batch_id": request.batch_id, **_around(request.seen_at, BATCH)}
            counts = next(engine.ask("explanation/fields_logged", bound).records())
            yield from missing.fields(counts, request)
            yield from missing.hours(engine.snapshot, request.seen_at)
    if not requests:
        yield from missing.unfound(engine.snapshot)


def _near(
    otherwise: Period, requests: Sequence[LoggedRequest]
) -> tuple[datetime | None, datetime | None]:
    """The time around the requests, or another period if none has a time."""
    times = [each.seen_at for each in requests if each.seen_at is not None]
    if not times:
        return otherwise.since, otherwise.until
    return min(times) - NEAR, max(times) + NEAR


def _around(seen_at: datetime, reach: timedelta) -> dict[str, datetime]:
    return {"since": seen_at - reach, "until": seen_at + reach}


def with_login_events(found: Explanation, events: Sequence[Mapping[str, Any]]) -> Explanation:
    """The same explanation, judged again with login events that were not in the store."""
    found = replace(found, login_events=(*found.login_events, *events))
    requests = tuple(_judged(each, found) for each in found.requests)
    left = tuple(each for each in found.missing if each.source != missing.LOGIN_EVENTS)
    return replace(found, requests=requests, missing=left)


def _judged(each: ExplainedRequest, found: Explanation) -> ExplainedRequest:
    evidence = Evidence(
        logins=found.logins,
        login_events=found.login_events,
        firewall_events=found.firewall_events,
        children=each.children,
        is_covered=each.is_covered,
    )
    told = layers(each.request, evidence, each.identity)
    return replace(each, layers=told, decision=decide(each.request, told))
