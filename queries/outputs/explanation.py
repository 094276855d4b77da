"""An explanation as lines for a person, and as JSON."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from queries.escape import shown
from queries.explanation.explanation import ExplainedRequest, Explanation
from queries.explanation.layer import Outcome
from queries.explanation.login_verdict import verdict
from queries.explanation.missing import Missing
from queries.explanation.records import FirewallEvent, LoggedRequest, Login
from queries.identity.person import Person
from queries.identity.person_words import grade_note, other_names
from queries.outputs.json_values import json_value
from queries.report.wording import (
    NAME_CHARACTERS_SHOWN,
    URL_CHARACTERS_SHOWN,
    counted,
    moment_text,
    period_text,
)

_MARKS = {
    Outcome.ANSWERED: "answered",
    Outcome.PASSED: "passed on",
    Outcome.NOT_ASKED: "not asked",
    Outcome.UNKNOWN: "unknown",
}


def document(found: Explanation) -> dict[str, Any]:
    """The whole explanation; `found` is false where nothing has the Ray ID."""
    told: dict[str, Any] = {"found": not found.is_empty, **json_value(found)}
    for event, row in zip(told["login_events"], found.login_events, strict=True):
        judged = verdict(row)
        event["verdict"] = {
            "let_in": judged.was_let_in,
            "summary": judged.summary,
            "reasons": list(judged.reasons),
        }
    return told


def lines(found: Explanation) -> Iterator[str]:
    """Every line is safe for a terminal."""
    if found.is_empty:
        yield f"Nothing in this store has the Ray ID {found.ray_id} ({period_text(found.period)})."
    for number, each in enumerate(found.requests):
        if number:
            yield ""
        yield from _request(each)
    if found.requests_total > 1:
        yield ""
        of = f"; {len(found.requests)} of them are explained"
        told = of if len(found.requests) < found.requests_total else ""
        yield f"{counted(found.requests_total, 'request')} have this Ray ID: it is not unique{told}."
    if not found.requests and not found.is_empty:
        yield f"{found.ray_id}: no request in http_requests, but other records."
        yield from _decided(found)
    yield from _records(found)
    if found.missing:
        yield ""
        yield "Not in this store:"
        yield from _missing(found.missing)


def _missing(missing: Iterable[Missing]) -> Iterator[str]:
    """A line for each reason: several fields lack for one."""
    lacking: dict[str, list[str]] = {}
    for each in missing:
        told = f" ({each.tells})" if each.tells else ""
        lacking.setdefault(each.why, []).append(f"{_name(each.source)}{told}")
    for why, sources in lacking.items():
        yield f"  {', '.join(sources)}: {_text(why)}"


def _request(each: ExplainedRequest) -> Iterator[str]:
    request = each.request
    yield f"{moment_text(request.seen_at)}  {_status(request.status)}  {_url(request)}"
    yield f"  {_text(each.decision.text)}"
    yield f"  who: {_who(each)}"
    if each.person:
        yield from (f"    {line}" for line in _names(each.person))
    if each.login:
        yield f"  login: {_login(each.login)}"
    elif request.user_id is not None:
        yield "  login: no login of this person to this application is known here"
    for layer in each.layers:
        yield f"  {layer.name}: {_MARKS[layer.outcome]}. {_text(layer.text)}"
        for reason in layer.reasons:
            yield f"    {_text(reason)}"
    for parent in each.parents:
        yield f"  caused by: {moment_text(parent.seen_at)} {_status(parent.status)} {_url(parent)}"
    if each.children_total:
        more = each.children_total - len(each.children)
        told = f", {more:,} more in --json and sql" if more else ""
        yield f"  caused {counted(each.children_total, 'request')}{told}:"
    for child in each.children:
        where = shown(f"{child.host}{child.uri or ''}", URL_CHARACTERS_SHOWN)
        source = f" ({_name(child.source)})" if child.source else ""
        yield f"    {moment_text(child.seen_at)} {_status(child.status)} {_name(child.method)} {where}{source}"
    yield f"  record: batch {_name(request.batch_id)}, line {request.line_number:,}"


def _decided(found: Explanation) -> Iterator[str]:
    """What login events tell where the request itself is not in the store."""
    for event in found.login_events:
        judged = verdict(event)
        yield f"{moment_text(event['seen_at'])}  {_text(judged.summary)}"
        for reason in judged.reasons:
            yield f"  {_text(reason)}"


def _records(found: Explanation) -> Iterator[str]:
    told = [
        # What GraphQL told is among the login events, with its reasons.
        *(f"login: {_login(each)}" for each in found.logins if each.source != "graphql"),
        *(
            f"login event: {moment_text(event['seen_at'])} {_text(verdict(event).summary)}"
            for event in found.login_events
        ),
        *(_firewall_event(event) for event in found.firewall_events),
        *(f"{other.dataset}: {_fields(other.record)}" for other in found.others),
    ]
    more = found.firewall_events_total - len(found.firewall_events)
    if more:
        told.append(f"{counted(more, 'more firewall event')}")
    if told:
        yield ""
        yield "Other records with this Ray ID:"
        yield from (f"  {each}" for each in told)


def _who(each: ExplainedRequest) -> str:
    request = each.request
    place = f"{_name(request.ip)} {_name(request.country)}"
    if request.user_id is None:
        return f"no name on this request; from {place}"
    source = _name(request.user_source).replace("_", " ")
    return f"{_name(request.user_id)} ({source}, {each.identity}), from {place}"


def _names(person: Person) -> Iterator[str]:
    yield from other_names(person)
    note = grade_note(person)
    if note:
        yield note


def _login(login: Login) -> str:
    did = {True: "allowed", False: "refused", None: "outcome unknown"}[login.allowed]
    return (
        f"{moment_text(login.seen_at)} {did} {login.event} of {_name(login.user_id)} to"
        f" {_name(login.application)} by {_name(login.connection)} from {_name(login.ip)}"
        f" {_name(login.country)}, Ray ID {_name(login.ray_id)}"
    )


def _firewall_event(event: FirewallEvent) -> str:
    kind = "answer to its challenge" if event.is_later else "firewall event"
    rule = ": ".join(each for each in (event.rule, event.rule_text) if each)
    return (
        f"{kind}: {moment_text(event.seen_at)} {_name(event.action)} by {_name(event.source)}"
        f"{f' ({_text(rule)})' if rule else ''}, {_status(event.status)}"
    )


def _fields(record: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {_name(str(value))}" for name, value in record.items() if value is not None
    )


def _url(request: LoggedRequest) -> str:
    where = f"{request.host or ''}{request.uri or ''}"
    return f"{_name(request.method)} {shown(where, URL_CHARACTERS_SHOWN)}"


def _status(status: int | None) -> str:
    return "---" if status is None else str(status)


def _name(text: str | None) -> str:
    return "(none)" if text is None else shown(text, NAME_CHARACTERS_SHOWN)


def _text(text: str) -> str:
    """A sentence of ours that may quote a name and a URL."""
    return shown(text, NAME_CHARACTERS_SHOWN + 2 * URL_CHARACTERS_SHOWN)
