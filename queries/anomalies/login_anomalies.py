"""Anomalies between logins and requests of a person."""

from dataclasses import replace
from datetime import timedelta

from queries.anomalies.anomaly import Anomaly, Evidence, Kind, NotJudged
from queries.anomalies.known_time import of_requests as received_requests
from queries.anomalies.login_windows import CLOCKS_APART, FIRST_REQUEST_WITHIN, AccessEvent
from queries.anomalies.look import Found, Look, of_requests
from queries.identity.access_rules import fits_host, place_of

# Nobody has more hosts, except by a wildcard that answers for any name.
HOSTS_MAX = 10_000

# Hours without a login on one host are one anomaly unless they lie further apart.
HOURS_APART = timedelta(hours=24)

NO_LOGIN_SOURCE = "no logins of anybody are known around these requests"
NAMES_NEVER_MEET = "no login is known under any of this person's names"
NO_REQUESTS_KNOWN = "no requests are known under any of this person's names"
NOTHING_RECEIVED = "no requests of anybody are known after these logins"


def without_login(look: Look) -> Found:
    if not look.hosts:
        return
    if not look.windows.told.spans:
        yield NotJudged(Kind.NO_LOGIN, NO_LOGIN_SOURCE)
        return
    is_named_as_logins_are = any("@" in name for name in look.person.users)
    if not (_logins(look) or is_named_as_logins_are):
        yield NotJudged(Kind.NO_LOGIN, NAMES_NEVER_MEET)
        return
    rows = look.ask(
        "requests_without_login",
        logged_in=look.windows.logged_in(look.hosts),
        judged=look.windows.judged(look.hosts),
    )
    last: Anomaly | None = None
    for row in rows:
        each = of_requests(Kind.NO_LOGIN, row)
        if last and last.host == each.host and each.started_at - last.ended_at <= HOURS_APART:
            requests = (last.requests or 0) + row["requests"]
            last = replace(last, ended_at=each.ended_at, requests=requests)
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def after_logout(look: Look) -> Found:
    logouts = look.windows.logouts()
    if not logouts:
        return
    for row in look.ask("requests_after_logout", logouts=logouts):
        event = look.windows.events[row["number"]]
        found = of_requests(Kind.AFTER_LOGOUT, row)
        logout = Evidence("logout", event.seen_at, event.ray_id)
        yield replace(found, values=_texts(event.application), evidence=(logout, *found.evidence))


def unused_logins(look: Look) -> Found:
    asked = [
        (number, each) for number, each in enumerate(look.windows.events) if _is_asked(look, each)
    ]
    if not asked:
        return
    spans = [
        {
            "number": number,
            "since": each.seen_at - CLOCKS_APART,
            "until": each.seen_at + FIRST_REQUEST_WITHIN,
        }
        for number, each in asked
    ]
    used = {row["number"] for row in look.ask("used_logins", graded=False, logins=spans)}
    unused = [each for number, each in asked if number not in used]
    if not unused:
        return
    if not (used or look.hosts):
        yield NotJudged(Kind.UNUSED_LOGIN, NO_REQUESTS_KNOWN)
        return
    received = received_requests(look.engine.snapshot)
    judged = [
        each
        for each in unused
        if received.covers(each.seen_at, each.seen_at + FIRST_REQUEST_WITHIN)
    ]
    if len(judged) < len(unused):
        yield NotJudged(Kind.UNUSED_LOGIN, NOTHING_RECEIVED)
    logged = _logged_hosts(look) if judged else []
    for each in judged:
        place = place_of(each.application)[0]
        if any(fits_host(place, host) for host in logged):
            yield Anomaly(
                kind=Kind.UNUSED_LOGIN,
                started_at=each.seen_at,
                ended_at=each.seen_at + FIRST_REQUEST_WITHIN,
                requests=0,
                values=_texts(each.application),
                evidence=(Evidence("login", each.seen_at, each.ray_id),),
            )


def _logins(look: Look) -> list[AccessEvent]:
    return [each for each in look.windows.events if each.event == "login"]


def _is_asked(look: Look, each: AccessEvent) -> bool:
    since = look.period.since
    return (
        each.event == "login"
        and each.is_allowed
        and bool(each.application)
        and (since is None or each.seen_at >= since)
    )


def _logged_hosts(look: Look) -> list[str]:
    rows = look.engine.ask("anomalies/logged_hosts", {"hosts": HOSTS_MAX}).rows
    return [host for (host,) in rows]


def _texts(*found: str) -> tuple[str, ...]:
    return tuple(each for each in found if each)
