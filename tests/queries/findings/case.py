"""A case of a rule: a few records in a short form, and what the rule finds in them.

A record in a request's short form has `at`, and any of the keys of REQUEST; those of an Access event
are in EVENT, and those of an act in Cloudflare's audit log in AUDIT. A key that begins with a capital letter is a field of Cloudflare as it is. `times` and
`every` repeat a record: `{n}` in a text is then the number of the copy, from 0.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from queries.findings.rule import load

ROOT = Path(__file__).parents[3] / "queries" / "findings" / "rules"

Record = dict[str, Any]

REQUEST = {
    "user": "",
    "ray": "RayID",
    "host": "ClientRequestHost",
    "uri": "ClientRequestURI",
    "method": "ClientRequestMethod",
    "status": "EdgeResponseStatus",
    "origin": "OriginResponseStatus",
    "bytes": "EdgeResponseBytes",
    "sent": "ClientRequestBytes",
    "type": "EdgeResponseContentType",
    "ip": "ClientIP",
    "country": "ClientCountry",
    "city": "ClientCity",
    "latitude": "ClientLatitude",
    "longitude": "ClientLongitude",
    "asn": "ClientASN",
    "ip_class": "ClientIPClass",
    "colo": "EdgeColoCode",
    "ja4": "JA4",
    "agent": "ClientRequestUserAgent",
    "referer": "ClientRequestReferer",
    "action": "SecurityAction",
    "source": "ClientRequestSource",
    # Headers beside the name, in lower case.
    "headers": "",
}

EVENT = {
    "user": "Email",
    "event": "Action",
    "allowed": "Allowed",
    "ray": "RayID",
    "application": "AppDomain",
    "app": "AppUUID",
    "connection": "Connection",
    "ip": "IPAddress",
    "country": "Country",
}

AUDIT = {
    "user": "ActorEmail",
    "ray": "AuditLogID",
    "act": "ActionDescription",
    "result": "ActionResult",
    "type": "ResourceType",
    "product": "ResourceProduct",
    "request": "ResourceRequest",
}

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36"
)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Case:
    """`expected` is None for a near miss."""

    room: str
    rule: str
    what: str
    requests: tuple[Record, ...]
    events: tuple[Record, ...]
    audits: tuple[Record, ...]
    since: str | None
    until: str | None
    protected: frozenset[str]
    expected: tuple[Mapping[str, Any], ...]

    @property
    def is_hit(self) -> bool:
        return bool(self.expected)

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def cases() -> Iterator[Case]:
    for path in sorted(ROOT.glob("*/*/cases.yaml")):
        told = load(path.read_text(encoding="utf-8"))
        for each in (*told["hits"], *told["near_misses"]):
            yield _case(path.parent.parent.name, path.parent.name, each)


def _case(room: str, rule: str, told: Mapping[str, Any]) -> Case:
    numbers = itertools.count(1)
    requests = tuple(
        record
        for each in told.get("requests", ())
        for record in _repeated(each, numbers, request_record)
    )
    events = tuple(
        record
        for each in told.get("events", ())
        for record in _repeated(each, numbers, event_record)
    )
    audits = tuple(
        record
        for each in told.get("audits", ())
        for record in _repeated(each, numbers, audit_record)
    )
    found = told.get("finds", ())
    hosts = {each["ClientRequestHost"] for each in requests}
    return Case(
        room,
        rule,
        told["what"],
        requests,
        events,
        audits,
        _text(told.get("since")),
        _text(told.get("until")),
        frozenset(hosts - set(told.get("unprotected", ()))),
        (found,) if isinstance(found, Mapping) else tuple(found),
    )


def _repeated(told: Mapping[str, Any], numbers: Iterator[int], make: Any) -> Iterator[Record]:
    """The copies of one line."""
    rest = {key: value for key, value in told.items() if key not in {"at", "times", "every"}}
    at, every = _moment(told["at"]), _span(told.get("every", "1m"))
    for number in range(told.get("times", 1)):
        filled = {
            key: value.replace("{n}", str(number)) if isinstance(value, str) else value
            for key, value in rest.items()
        }
        filled.setdefault("ray", f"{next(numbers):016x}")
        yield make(filled, _shown(at + number * every))


def request_record(told: Mapping[str, Any], at: str) -> Record:
    headers = dict(told.get("headers", {}))
    if told.get("user"):
        headers["cf-access-user"] = told["user"]
    return {
        "EdgeStartTimestamp": at,
        "EdgeEndTimestamp": at,
        "ClientRequestHost": "jira.widgetcorp.example",
        "ClientRequestMethod": "GET",
        "ClientRequestURI": "/browse/EXP-1",
        "ClientRequestUserAgent": CHROME,
        "ClientRequestSource": "eyeball",
        "ClientIP": "192.0.2.17",
        "ClientCountry": "GB",
        "ClientASN": 64500,
        "EdgeColoCode": "LHR",
        "EdgeResponseBytes": 4600,
        "EdgeResponseStatus": 200,
        "EdgeResponseContentType": "text/html",
        # The application answered, so that Access had let the request through.
        "OriginResponseStatus": told.get("status", 200),
        **_fields(told, REQUEST),
        "RequestHeaders": headers,
    }


def event_record(told: Mapping[str, Any], at: str) -> Record:
    return {
        "CreatedAt": at,
        "Action": "login",
        "Allowed": True,
        "AppDomain": "jira.widgetcorp.example",
        "AppUUID": "7d9c1f0e-5a51-4f5e-9f1e-0d6a3f6f8a11",
        "Connection": "saml",
        "Country": "gb",
        "IPAddress": "192.0.2.17",
        **_fields(told, EVENT),
    }


def audit_record(told: Mapping[str, Any], at: str) -> Record:
    return {
        "ActionTimestamp": at,
        "ActionResult": "success",
        "ActionType": "update",
        "ResourceID": "4711",
        "ResourceProduct": "logpush",
        "ResourceType": "logpush_jobs",
        **_fields(told, AUDIT),
    }


def _fields(told: Mapping[str, Any], names: Mapping[str, str]) -> Record:
    found = {}
    for key, value in told.items():
        if not key[0].isupper() and key not in names:
            raise ValueError(f"unknown key {key!r}; known are {', '.join(names)}")
        if field := names.get(key, key):
            found[field] = value
    return found


def _moment(told: Any) -> datetime:
    found = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(told: Any) -> str | None:
    return None if told is None else str(told)


def _span(told: str) -> timedelta:
    matched = re.fullmatch(r"(\d+)([smhd])", told)
    if matched is None:
        raise ValueError(f"want a time such as 10m, found {told!r}")
    return timedelta(**{_UNITS[matched[2]]: int(matched[1])})
