"""What each part of Cloudflare did with one request, in the order in which a request meets them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from queries.explanation import statuses
from queries.explanation.login_verdict import verdict
from queries.explanation.records import Child, FirewallEvent, LoggedRequest, Login
from queries.explanation.statuses import key


class Outcome(StrEnum):
    """`ANSWERED`: this part made the answer. `UNKNOWN`: no record says what it did."""

    ANSWERED = "answered"
    PASSED = "passed"
    NOT_ASKED = "not asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Layer:
    name: str
    outcome: Outcome
    text: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The records beside a request that tell what happened to it."""

    logins: Sequence[Login] = ()
    login_events: Sequence[Mapping[str, Any]] = ()
    firewall_events: Sequence[FirewallEvent] = ()
    children: Sequence[Child] = ()


def security(request: LoggedRequest, evidence: Evidence) -> Layer:
    mine = [event for event in evidence.firewall_events if not event.is_later]
    told = [
        _Rule(
            request.security_action,
            _last(request.security_sources),
            request.security_rule,
            request.security_rule_text,
        ),
        *(_Rule(each.action, each.source, each.rule, each.rule_text) for each in mine),
    ]
    for rule in told:
        if rule.stops:
            return Layer("security", Outcome.ANSWERED, rule.sentence())
    operation = key(request.pathing_operation)
    if operation == "ban":
        return Layer("security", Outcome.ANSWERED, _banned(request))
    if operation == "errhost":
        why = statuses.PATHING_STATUSES.get(key(request.pathing_status), request.pathing_status)
        text = f"Cloudflare could not pass it on: {why or 'no reason was logged'}."
        return Layer("security", Outcome.ANSWERED, text)
    if request.security_action is None and not operation and not mine:
        text = "Neither SecurityAction nor EdgePathingOp was logged, and no firewall event has it."
        return Layer("security", Outcome.UNKNOWN, text)
    return Layer(
        "security", Outcome.PASSED, "No security rule stopped it.", tuple(_matched(request))
    )


def access(request: LoggedRequest, evidence: Evidence, identity: str | None) -> Layer:
    for event in evidence.login_events:
        found = verdict(event)
        did = Outcome.PASSED if found.was_let_in else Outcome.ANSWERED
        return Layer("access", did, found.summary, found.reasons)
    for login in evidence.logins:
        return _logged(login)
    if (request.uri or "").startswith("/cdn-cgi/access/"):
        return Layer("access", Outcome.ANSWERED, "This is a page of Access itself.")
    if identity == "access" and request.user_id and request.origin_status:
        text = "An Access application covers this host and path, and Access let this person in."
        return Layer("access", Outcome.PASSED, text)
    covered = " An Access application covers this host and path." if identity == "access" else ""
    text = f"No login event with this Ray ID is known here.{covered}"
    return Layer("access", Outcome.PASSED if request.origin_status else Outcome.UNKNOWN, text)


def worker(request: LoggedRequest, evidence: Evidence) -> Layer | None:
    """None where no Worker is known to have run."""
    ran = request.worker or key(request.worker_status) not in {"", "unknown"}
    made = [each for each in evidence.children if each.is_subrequest]
    if not (ran or made):
        return None
    name = f"The Worker {request.worker}" if request.worker else "A Worker"
    ended = f" and ended with {request.worker_status}" if request.worker_status else ""
    is_answer = not request.origin_status and not _is_own_error(request.status)
    text = f"{name} made the answer{ended}." if is_answer else f"{name} ran{ended}."
    asked = tuple(
        f"It asked {each.host}{each.uri or ''}, which answered {each.status}"
        f"{f' (the origin {each.origin_status})' if each.origin_status else ''}."
        for each in made
    )
    return Layer("worker", Outcome.ANSWERED if is_answer else Outcome.PASSED, text, asked)


def cache(request: LoggedRequest) -> Layer | None:
    """None where the cache had no part in the answer."""
    if key(request.cache_status) not in statuses.CACHED:
        return None
    asked = "asked only whether that is current" if request.origin_status else "not asked"
    text = f"The cache answered ({request.cache_status}) with an earlier answer; the origin was {asked}."
    return Layer("cache", Outcome.ANSWERED, text)


def origin(request: LoggedRequest) -> Layer:
    status, from_origin = request.status, request.origin_status
    reasons = tuple(_connection(request))
    if status == 504 and request.source in statuses.HARMLESS_504_SOURCES:  # noqa: PLR2004
        text = (
            f"A lookup inside Cloudflare ({request.source}) found nothing in the cache. No client"
            " saw this answer."
        )
        return Layer("cache", Outcome.ANSWERED, text)
    if from_origin:
        return _of_origin(status, from_origin, reasons)
    why = statuses.CONNECTION_STATUSES.get(status or 0)
    # 502 and 504 may also be what the origin answered.
    if why and (from_origin is not None or _is_own_error(status)):
        text = f"Cloudflare answered {status} itself: {why}."
        return Layer("origin", Outcome.ANSWERED, text, (*reasons, *_tunnel(status)))
    if from_origin is None:
        text = (
            "OriginResponseStatus was not logged, so it is not known whether the origin answered."
        )
        return Layer("origin", Outcome.UNKNOWN, text, reasons)
    text = "The origin was not asked, or gave no answer: Cloudflare answered itself."
    return Layer("origin", Outcome.NOT_ASKED, text, reasons)


def layers(request: LoggedRequest, evidence: Evidence, identity: str | None) -> tuple[Layer, ...]:
    found = (
        security(request, evidence),
        access(request, evidence, identity),
        worker(request, evidence),
        cache(request),
        origin(request),
    )
    return tuple(each for each in found if each is not None)


@dataclass(frozen=True, slots=True)
class _Rule:
    action: str | None
    source: str | None
    rule: str | None
    text: str | None

    @property
    def stops(self) -> bool:
        return key(self.action) in statuses.STOPPING_ACTIONS

    def sentence(self) -> str:
        product = statuses.SECURITY_SOURCES.get(key(self.source), self.source)
        who = f"{product[0].upper()}{product[1:]}" if product else "A security rule"
        named = ": ".join(each for each in (self.rule, self.text) if each)
        return (
            f"{who} {statuses.STOPPING_ACTIONS[key(self.action)]}{f' ({named})' if named else ''}."
        )


def _is_own_error(status: int | None) -> bool:
    """Whether only Cloudflare answers with this status, where it got no answer from the origin."""
    return status in statuses.CONNECTION_STATUSES and status not in {502, 504}


def _last(values: Sequence[str] | None) -> str | None:
    """The product of the terminating rule, which is the last that matched."""
    return values[-1] if values else None


def _banned(request: LoggedRequest) -> str:
    source = statuses.PATHING_SOURCES.get(key(request.pathing_source), request.pathing_source)
    why = statuses.PATHING_STATUSES.get(key(request.pathing_status), request.pathing_status)
    by = f"{source[0].upper()}{source[1:]}" if source else "The security path"
    return f"{by} stopped it: {why or 'no reason was logged'}."


def _matched(request: LoggedRequest) -> Iterator[str]:
    """Rules that matched and did not stop the request."""
    actions, rules = request.security_actions or (), request.security_rules or ()
    for number, action in enumerate(actions):
        rule = rules[number] if number < len(rules) else ""
        yield f"A rule matched without stopping it: {action} {rule}".rstrip() + "."


def _logged(login: Login) -> Layer:
    person, application = (
        login.user_id or "a person without a name",
        login.application or "an application",
    )
    how = f" through {login.connection}" if login.connection else ""
    if login.allowed is False:
        text = f"Access refused the {login.event} of {person} to {application}{how}."
        return Layer("access", Outcome.ANSWERED, text)
    text = f"This request was the {login.event} of {person} to {application}{how}."
    return Layer("access", Outcome.PASSED, text)


def _of_origin(status: int | None, from_origin: int, reasons: Iterable[str]) -> Layer:
    given = tuple(reasons)
    if status == from_origin:
        text = f"The origin itself answered {from_origin}, and Cloudflare passed its answer on."
        return Layer("origin", Outcome.ANSWERED, text, given)
    if status in {statuses.PARTIAL, statuses.NOT_MODIFIED}:
        part = "a part of it" if status == statuses.PARTIAL else "that nothing had changed"
        text = f"The origin answered {from_origin}; Cloudflare sent {part} ({status})."
        return Layer("origin", Outcome.ANSWERED, text, given)
    text = (
        f"The origin answered {from_origin}, and the client got {status}: a Worker, a rule for"
        " responses or an error page of Cloudflare changed it."
    )
    return Layer("origin", Outcome.UNKNOWN, text, given)


def _connection(request: LoggedRequest) -> Iterator[str]:
    if request.origin_ip:
        yield f"The origin's address was {request.origin_ip}."
    if request.origin_ms:
        yield f"The origin took {request.origin_ms:,} ms."


def _tunnel(status: int | None) -> Iterator[str]:
    if status in statuses.TUNNEL_STATUSES:
        yield "If a Cloudflare Tunnel leads to the origin: check that cloudflared is connected and reaches its service."
