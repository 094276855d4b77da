"""What each part of Cloudflare did with one request, in the order in which a request meets them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from queries.explanation import statuses
from queries.explanation.layer import Evidence, Layer, Outcome
from queries.explanation.login_verdict import verdict
from queries.explanation.origin import is_own_error, origin
from queries.explanation.records import LoggedRequest, Login
from queries.explanation.statuses import key


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
    covered = " An Access application covers this host and path." if evidence.is_covered else ""
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
    is_answer = not request.origin_status and not is_own_error(request.status)
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


def layers(request: LoggedRequest, evidence: Evidence, identity: str | None) -> tuple[Layer, ...]:
    request = _with_origin_status(request, evidence)
    found = (
        security(request, evidence),
        access(request, evidence, identity),
        worker(request, evidence),
        cache(request),
        origin(request),
    )
    return tuple(each for each in found if each is not None)


def _with_origin_status(request: LoggedRequest, evidence: Evidence) -> LoggedRequest:
    """A firewall event has the status of the origin too, whatever fields the request was logged with."""
    if request.origin_status is not None:
        return request
    told = (each.origin_status for each in evidence.firewall_events if not each.is_later)
    known = next((status for status in told if status is not None), None)
    return replace(request, origin_status=known)


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
