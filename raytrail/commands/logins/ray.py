"""`raytrail logins ray`: finds the login event of one request and explains it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from queries.escape import for_terminal
from queries.period import Period
from raytrail.errors import CannotDo
from schema.dataset import datasets
from store.store import Store
from upstream.connection import Connection
from upstream.logins.answer import Answer
from upstream.logins.login_events import LoginEvents, open_events
from upstream.logins.pull import Pull
from upstream.logins.record import line_of
from upstream.logins.verdict import verdict
from upstream.options import ApiOptions
from upstream.place import find_account
from upstream.window import Window, steps

# A Ray ID is 16 hex digits; the header and the 403 page append the data centre.
RAY_ID = re.compile(r"([0-9a-fA-F]{16})(?:-[A-Za-z]{3})?")

# A person who asks about a 403 has usually just seen it. `--since` looks further back.
RAY_REACH = timedelta(days=30)


def demand_ray_id(text: str) -> str:
    match = RAY_ID.fullmatch(text.strip())
    if match is None:
        raise CannotDo(f"invalid Ray ID {text!r}: want the 16 hex digits shown on the 403 page")
    return match[1].lower()


@dataclass(frozen=True, slots=True)
class RayFound:
    """The login events of one request, and the period that was searched."""

    ray_id: str
    window: Window
    events: tuple[dict[str, Any], ...]


def look_up(
    store: Store, options: ApiOptions, account: str, ray_id: str, period: Period
) -> RayFound:
    """Ask Cloudflare about one request, the newest days first; events found are stored as well."""
    with Connection(options) as connection:
        source = open_events(connection, find_account(connection, account).id)
        oldest, _ = source.reach(store.clock())
        until = period.until or store.clock()
        begin = max(oldest, period.since or until - RAY_REACH)
        window = Window(begin, until)
        for part in reversed(list(steps(begin, until, source.limits.span))):
            answer = source.of_ray(ray_id, part)
            if answer.records:
                Pull(store, source).keep(part, [answer])
                return RayFound(ray_id, window, tuple(_events(source, answer)))
    return RayFound(ray_id, window, ())


def _events(source: LoginEvents, answer: Answer) -> Iterator[dict[str, Any]]:
    for record in answer.records:
        event = orjson.loads(line_of(record, datasets()[source.dataset]))
        found = verdict(event)
        yield {
            **event,
            "verdict": {
                "let_in": found.was_let_in,
                "summary": found.summary,
                "reasons": list(found.reasons),
            },
        }


def lines(found: RayFound) -> Iterator[str]:
    if not found.events:
        bounds = found.window.variables()
        yield f"Cloudflare has no login event for {found.ray_id}"
        yield f"from {bounds['since']} to {bounds['until']}."
        yield "Use --since and --until to search another period."
        yield "Only requests that Access decided about have a login event."
        return
    for event in found.events:
        explained = event["verdict"]
        yield for_terminal(f"{event.get('Datetime')}  Ray ID {event.get('RayID')}")
        yield for_terminal(explained["summary"])
        for reason in explained["reasons"]:
            yield f"  {for_terminal(reason)}"
